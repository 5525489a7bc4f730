package sshapp

import (
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/gate"
	"sshforum/forum/rules"
)

const (
	askNew   = "Yoda's new password: "
	askAgain = "Repeat the password: "
	welcome  = "Welcome to the forum"
)

func TestRegistration(t *testing.T) {
	const again = "The two passwords are not the same; type them again."
	for _, tt := range []struct {
		name     string
		withKey  bool
		answers  []string
		password string // of the account; "" when there must be none
		saved    bool
		said     []string // ASK stands for the question whether to save the key
	}{
		{
			name: "password", answers: []string{"force", "force"}, password: "force",
			said: []string{welcome, newHere, askNew, askAgain},
		}, {
			name: "mismatch, then match", answers: []string{"force", "farce", "force", "force"}, password: "force",
			said: []string{welcome, newHere, askNew, askAgain, again, askNew, askAgain},
		}, {
			name: "three mismatches", answers: []string{"a", "b", "c", "d", "e", "f"},
			said: []string{
				welcome, newHere, askNew, askAgain, again, askNew, askAgain, again, askNew, askAgain,
				"No account was made. To start again, connect again.",
			},
		}, {
			name: "left half-way", answers: []string{"force"},
			said: []string{welcome, newHere, askNew, askAgain},
		}, {
			name: "left at the key", withKey: true, answers: []string{"force", "force"},
			said: []string{welcome, newHere, askNew, askAgain, "ASK"},
		}, {
			name: "key saved", withKey: true, answers: []string{"force", "force", "y"}, password: "force", saved: true,
			said: []string{welcome, newHere, askNew, askAgain, "ASK"},
		}, {
			name: "key saved by Enter", withKey: true, answers: []string{"force", "force", ""}, password: "force", saved: true,
			said: []string{welcome, newHere, askNew, askAgain, "ASK"},
		}, {
			name: "key not saved", withKey: true, answers: []string{"force", "force", "n"}, password: "force",
			said: []string{welcome, newHere, askNew, askAgain, "ASK"},
		}, {
			name: "no clear answer", withKey: true, answers: []string{"force", "force", "force", "n"}, password: "force",
			said: []string{welcome, newHere, askNew, askAgain, "ASK", "Please answer yes or no.", "ASK"},
		}, {
			name: "empty password", withKey: true, answers: []string{"", "", "y", "force", "force"}, password: "force", saved: true,
			said: []string{
				welcome, newHere, askNew, askAgain, "ASK",
				"A password cannot be empty.", askNew, askAgain,
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := forumtest.New(t)
			r := start(t, f)
			key := newKey(t)
			fingerprint := gossh.FingerprintSHA256(key.PublicKey())
			p := &person{answers: tt.answers}
			auth := []gossh.AuthMethod{p.auth()}
			if tt.withKey {
				auth = []gossh.AuthMethod{gossh.PublicKeys(key), p.auth()}
			}
			client, err := r.dial(t, r.config("Yoda", auth...))
			if want := strings.Split(strings.ReplaceAll(strings.Join(tt.said, "\n"), "ASK",
				"Save the key "+fingerprint+" so that you can log in without a password next time? [Y/n] (echo)"), "\n"); !slices.Equal(p.said, want) {
				t.Errorf("was told\n%s\nwant\n%s", strings.Join(p.said, "\n"), strings.Join(want, "\n"))
			}
			if tt.password == "" {
				if err == nil {
					t.Error("got in")
				}
				if taken, _ := f.Service.Taken("yoda"); taken {
					t.Error("there is an account")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := output(t, client, "hello"); !strings.HasPrefix(got, "Yoda ") {
				t.Errorf("the session is %q", got)
			}
			r.enter(t, "yoda", gossh.Password(tt.password))
			want := []string{}
			if tt.saved {
				want = append(want, fingerprint)
				r.enter(t, "yoda", gossh.PublicKeys(key))
			}
			if got := keysOf(t, f, "yoda"); !slices.Equal(got, want) {
				t.Errorf("has the keys %q, want %q", got, want)
			}
			if strings.Contains(r.logs.String(), tt.password) {
				t.Error("the password is in the log")
			}
		})
	}
}

func TestNamesThatCannotBeRegistered(t *testing.T) {
	f := forumtest.New(t)
	r := start(t, f)
	for name, why := range map[string]string{
		"root":         "The name root is reserved; choose another.",
		"two words":    "A name cannot contain a space; use letters, digits and . _ -",
		"\x1b[2Jclear": "A name cannot contain U+001B; use letters, digits and . _ -",
	} {
		for _, auth := range [][]gossh.AuthMethod{nil, {gossh.PublicKeys(newKey(t))}} {
			p := &person{answers: []string{"force", "force", "y"}}
			if _, err := r.dial(t, r.config(name, append(auth, p.auth(), gossh.Password("force"))...)); err == nil {
				t.Errorf("%q got in", name)
			}
			if want := []string{why}; !slices.Equal(p.said, want) {
				t.Errorf("%q was told %q, want %q", name, p.said, want)
			}
		}
	}
	if !strings.Contains(r.logs.String(), "‹U+001B›[2Jclear") {
		t.Error("the log does not show the escape character")
	}
}

func TestNameTakenDuringRegistration(t *testing.T) {
	f := forumtest.New(t)
	r := start(t, f)
	p := &person{answers: []string{"force", "force"}}
	slow := gossh.KeyboardInteractive(func(name, instruction string, questions []string, echos []bool) ([]string, error) {
		f.As("yoda")
		return p.challenge(name, instruction, questions, echos)
	})
	if _, err := r.dial(t, r.config("Yoda", slow)); err == nil {
		t.Error("got into another's account")
	}
	if !p.heard("The name Yoda is taken; choose another.") {
		t.Errorf("was told %q", p.said)
	}
	r.enter(t, "yoda", gossh.Password(forumtest.Password("yoda")))
}

func TestKeyIsSavedForItsNameAlone(t *testing.T) {
	f := forumtest.New(t)
	config := callbacks(t, f)
	key := newKey(t).PublicKey()
	_, err := config.VerifiedPublicKeyCallback(attempt{user: "anakin"}, key, nil, key.Type())
	partial, ok := err.(*gossh.PartialSuccessError)
	if !ok {
		t.Fatalf("a new name's key: %v", err)
	}
	if next := partial.Next; next.PasswordCallback != nil || next.PublicKeyCallback != nil || next.GSSAPIWithMICConfig != nil {
		t.Error("more than keyboard-interactive may follow the key")
	}
	p := &person{answers: []string{"force", "force", "y"}}
	if _, err := partial.Next.KeyboardInteractiveCallback(attempt{user: "vader"}, p.challenge); err == nil {
		t.Error("vader got in with what anakin began")
	}
	p = &person{answers: []string{"force", "force", "y"}}
	if _, err := config.KeyboardInteractiveCallback(attempt{user: "vader"}, p.challenge); err == nil {
		t.Error("vader got in after anakin")
	}
	if _, err := callbacks(t, f).KeyboardInteractiveCallback(attempt{user: "vader"}, p.challenge); err != nil {
		t.Fatal(err)
	}
	if keys := keysOf(t, f, "vader"); len(keys) > 0 {
		t.Errorf("vader has anakin's key %v", keys)
	}
	if p.heard("Save the key") {
		t.Error("vader was asked about anakin's key")
	}
}

func TestUserChangedAfterTheKey(t *testing.T) {
	f := forumtest.New(t)
	r := start(t, f)
	user, change := changeable("anakin")
	p := &person{answers: []string{"force", "force", "y"}}
	inner, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer inner.Close()
	conn := &turncoat{Conn: inner, turn: func() { change("sidius") }}
	config := r.config(user, gossh.PublicKeys(arming{newKey(t), conn}), p.auth())
	if _, _, _, err := gossh.NewClientConn(conn, r.addr, config); err == nil {
		t.Error("got in")
	}
	for _, name := range []string{"anakin", "sidius"} {
		if taken, _ := f.Service.Taken(name); taken {
			t.Errorf("%s was registered", name)
		}
	}
	eventually(t, "the server sees the change", func() bool { return strings.Contains(r.logs.String(), "client changed the user") })
}

// turncoat is the connection of a client that turns to another name once it has sent
// the proof of a key.
type turncoat struct {
	net.Conn
	armed bool
	turn  func()
}

func (c *turncoat) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if c.armed {
		c.armed = false
		c.turn()
	}
	return n, err
}

// arming is a key that arms a turncoat when it signs.
type arming struct {
	gossh.Signer
	conn *turncoat
}

func (k arming) Sign(rand io.Reader, data []byte) (*gossh.Signature, error) {
	k.conn.armed = true
	return k.Signer.Sign(rand, data)
}

func TestRegistrationByInvite(t *testing.T) {
	const wrong, over = "This invite code is not valid; it may have been used, or have expired.", "No account was made. To start again, connect again."
	ask := askInvite + "(echo)"
	for _, tt := range []struct {
		name    string
		answers []string // CODE stands for a valid one
		in      bool
		said    []string
	}{
		{"at once", []string{"CODE", "force", "force"}, true, []string{welcome, onInvite, ask, choose, askNew, askAgain}},
		{"in the end", []string{"", "guess", "CODE", "force", "force"}, true, []string{welcome, onInvite, ask, wrong, ask, wrong, ask, choose, askNew, askAgain}},
		{"never", []string{"a", "b", "c", "CODE"}, false, []string{welcome, onInvite, ask, wrong, ask, wrong, ask, over}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := forumtest.New(t, func(c *rules.Config) { c.Registration = rules.RegistrationInvite })
			made, err := f.Service.Invite(t.Context(), rules.Operator(), time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			r := gated(t, f, penalty(gate.InvalidUser))
			p := &person{answers: slices.Clone(tt.answers)}
			for i, a := range p.answers {
				p.answers[i] = strings.Replace(a, "CODE", made.Secret, 1)
			}
			_, err = r.dial(t, r.config("Yoda", p.auth()))
			if (err == nil) != tt.in {
				t.Errorf("got in: %v", err)
			}
			if !slices.Equal(p.said, tt.said) {
				t.Errorf("was told\n%s\nwant\n%s", strings.Join(p.said, "\n"), strings.Join(tt.said, "\n"))
			}
			if taken, _ := f.Service.Taken("yoda"); taken != tt.in {
				t.Errorf("there is an account: %v", taken)
			}
			if strings.Contains(r.logs.String(), made.Secret) {
				t.Error("the code is in the log")
			}
			if !tt.in {
				eventually(t, "the penalty", func() bool { return strings.Contains(r.logs.String(), "reason=invaliduser") })
			}
		})
	}
}

func TestClosedRegistrationMakesNoAccounts(t *testing.T) {
	f := forumtest.New(t, func(c *rules.Config) { c.Registration = rules.RegistrationClosed })
	r := start(t, f)
	p := &person{answers: []string{"force", "force"}}
	if _, err := r.dial(t, r.config("yoda", gossh.KeyboardInteractive(p.challenge))); err == nil {
		t.Error("got in")
	}
	if _, known, err := f.Service.Lookup("yoda"); known || err != nil {
		t.Errorf("there is an account: %v, %v", known, err)
	}
}

func TestCertificatesAreNotSaved(t *testing.T) {
	key, authority := newKey(t), newKey(t)
	cert := &gossh.Certificate{Key: key.PublicKey(), CertType: gossh.UserCert, ValidPrincipals: []string{"yoda"}, ValidBefore: gossh.CertTimeInfinity}
	if err := cert.SignCert(strings.NewReader(strings.Repeat("x", 100)), authority); err != nil {
		t.Fatal(err)
	}
	config := callbacks(t, forumtest.New(t))
	if _, err := config.PublicKeyCallback(attempt{user: "yoda"}, key.PublicKey()); err != nil {
		t.Errorf("a key is refused: %v", err)
	}
	if _, err := config.PublicKeyCallback(attempt{user: "yoda"}, cert); forum.KindOf(err) != forum.Invalid {
		t.Errorf("a certificate: %v", err)
	}
	if _, err := config.VerifiedPublicKeyCallback(attempt{user: "yoda"}, cert, nil, cert.Type()); forum.KindOf(err) != forum.Invalid {
		t.Errorf("a certificate that was proven: %v", err)
	}
}
