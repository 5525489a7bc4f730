package sshapp

import (
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"
	"unsafe"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/gate"
)

// attempt is one try of a client as the callbacks see it.
type attempt struct {
	gossh.ConnMetadata
	user string
}

func (a attempt) User() string          { return a.user }
func (a attempt) ClientVersion() []byte { return []byte("SSH-2.0-test") }
func (a attempt) RemoteAddr() net.Addr  { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1)} }

func callbacks(t *testing.T, f *forumtest.Forum) *gossh.ServerConfig {
	config := &gossh.ServerConfig{}
	l := &login{
		onLogin: func() {}, drop: func(string) {}, banner: func(string) error { return nil },
		ctx: t.Context(), forum: f.Service, source: "192.0.2.1", log: slog.New(slog.DiscardHandler),
	}
	l.install(config)
	return config
}

// A client fails to log in as alice, and then tries bobby with alice's credentials. No state of
// the first attempt may help the second, which is refused even with bobby's credentials.
func TestOneAccountsProofNeverOpensAnother(t *testing.T) {
	f := forumtest.New(t)
	key, his := newKey(t), newKey(t)
	addKey(t, f, "alice", key.PublicKey())
	addKey(t, f, "bobby", his.PublicKey())
	alice, bobby := attempt{user: "alice"}, attempt{user: "bobby"}
	none := errors.New("no such method")
	begin := func() *gossh.ServerConfig {
		config := callbacks(t, f)
		if _, err := config.PasswordCallback(alice, []byte("wrong")); err == nil {
			t.Fatal("a wrong password opened alice")
		}
		if _, err := config.PublicKeyCallback(alice, key.PublicKey()); err != nil {
			t.Fatalf("alice's own key is refused: %v", err)
		}
		return config
	}
	for _, secret := range []string{"alice", "bobby"} {
		if _, err := begin().PasswordCallback(bobby, []byte(forumtest.Password(secret))); err == nil {
			t.Errorf("%s's password opened bobby", secret)
		}
		p := &person{answers: []string{forumtest.Password(secret)}}
		if _, err := begin().KeyboardInteractiveCallback(bobby, p.challenge); err == nil || len(p.said) > 0 {
			t.Errorf("%s's password, typed, opened bobby: %q", secret, p.said)
		}
	}
	for _, k := range []gossh.Signer{key, his} {
		if _, err := begin().PublicKeyCallback(bobby, k.PublicKey()); err == nil {
			t.Error("a key was accepted for bobby")
		}
		if _, err := begin().VerifiedPublicKeyCallback(bobby, k.PublicKey(), nil, k.PublicKey().Type()); err == nil {
			t.Error("a key opened bobby")
		}
	}
	config := callbacks(t, f)
	config.AuthLogCallback(alice, "none", none)
	if _, err := config.PasswordCallback(bobby, []byte(forumtest.Password("bobby"))); err == nil {
		t.Error("a client that had said it was alice came in as bobby")
	}
	config = callbacks(t, f)
	config.AuthLogCallback(bobby, "none", none)
	permissions, err := config.PasswordCallback(bobby, []byte(forumtest.Password("bobby")))
	if err != nil {
		t.Fatal(err)
	}
	if u := permissions.ExtraData[accountKey{}].(forum.User); u.Name != "bobby" {
		t.Errorf("bobby's password opened %s", u.Name)
	}
}

// TestUserChangedOnTheWire: as with OpenSSH the connection is over, whatever the second
// user proves, and has a penalty. So nobody ends a row of guesses with a login of their own.
func TestUserChangedOnTheWire(t *testing.T) {
	f := forumtest.New(t)
	r := gated(t, f, penalty(gate.Refused))
	f.As("alice")
	f.As("bobby")
	for source, password := range map[string]string{"127.0.0.90": forumtest.Password("alice"), "127.0.0.91": forumtest.Password("bobby")} {
		user, change := changeable("alice")
		tries, told := 0, ""
		config := r.config(user, gossh.RetryableAuthMethod(gossh.PasswordCallback(func() (string, error) {
			if tries++; tries == 1 {
				return "wrong", nil
			}
			change("bobby")
			return password, nil
		}), 5))
		config.BannerCallback = func(text string) error { told += text; return nil }
		if _, err := r.dialFrom(t, source, config); err == nil || tries != 2 {
			t.Errorf("after %d tries: %v", tries, err)
		}
		if want := "The user cannot change within a connection; connect again.\r\n"; told != want {
			t.Errorf("was told %q", told)
		}
		eventually(t, "the penalty", func() bool {
			return strings.Contains(r.logs.String(), "network="+source+"/32 reason=refused")
		})
	}
}

// changeable returns a string and a function that replaces it in place by another of the same
// length: the client library has no other way to give a second user name on one connection.
func changeable(s string) (string, func(string)) {
	b := []byte(s)
	return unsafe.String(&b[0], len(b)), func(s string) { copy(b, s) }
}

// renamed is a connection that goes by another name than the one that was proven.
type renamed struct {
	gossh.Conn
	user string
}

func (c renamed) User() string { return c.user }

func TestAccountOfAConnection(t *testing.T) {
	proven := &gossh.Permissions{ExtraData: map[any]any{accountKey{}: forum.User{ID: 7, Name: "Yoda"}}}
	for _, tt := range []struct {
		user        string
		permissions *gossh.Permissions
		want        bool
	}{
		{"Yoda", proven, true},
		{"yODA", proven, true},
		{"vader", proven, false},
		{"Yoda", nil, false},
		{"Yoda", &gossh.Permissions{}, false},
	} {
		_, ok := account(&gossh.ServerConn{Conn: renamed{user: tt.user}, Permissions: tt.permissions})
		if ok != tt.want {
			t.Errorf("%s with %v: %v, want %v", tt.user, tt.permissions, ok, tt.want)
		}
	}
}
