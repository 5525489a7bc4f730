package sshapp

import (
	"log/slog"
	"net"
	"strings"
	"testing"
	"unsafe"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum"
	"sshforum/forum/forumtest"
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
	l := &login{begun: func() {}, ctx: t.Context(), forum: f.Service, source: "192.0.2.1", log: slog.New(slog.DiscardHandler)}
	l.install(config)
	return config
}

// A client tries alice in vain, and then bobby with what is alice's. No state of the
// first attempt may lead into the second.
func TestOneAccountsProofNeverOpensAnother(t *testing.T) {
	f := forumtest.New(t)
	key := newKey(t)
	addKey(t, f, "alice", key.PublicKey())
	f.As("bobby")
	config := callbacks(t, f)
	alice, bobby := attempt{user: "alice"}, attempt{user: "bobby"}
	p := &person{answers: []string{forumtest.Password("alice")}}

	if _, err := config.PasswordCallback(alice, []byte("wrong")); err == nil {
		t.Fatal("a wrong password opened alice")
	}
	if _, err := config.PublicKeyCallback(alice, key.PublicKey()); err != nil {
		t.Fatalf("alice's own key is refused: %v", err)
	}
	if _, err := config.PasswordCallback(bobby, []byte(forumtest.Password("alice"))); err == nil {
		t.Error("alice's password opened bobby")
	}
	if _, err := config.KeyboardInteractiveCallback(bobby, p.challenge); err == nil {
		t.Error("alice's password, typed, opened bobby")
	}
	if _, err := config.PublicKeyCallback(bobby, key.PublicKey()); err == nil {
		t.Error("alice's key was accepted for bobby")
	}
	if _, err := config.VerifiedPublicKeyCallback(bobby, key.PublicKey(), nil, key.PublicKey().Type()); err == nil {
		t.Error("alice's key opened bobby")
	}
	permissions, err := config.PasswordCallback(bobby, []byte(forumtest.Password("bobby")))
	if err != nil {
		t.Fatal(err)
	}
	if u := permissions.ExtraData[accountKey{}].(forum.User); u.Name != "bobby" {
		t.Errorf("bobby's password opened %s", u.Name)
	}
}

func TestUserChangedOnTheWire(t *testing.T) {
	f := forumtest.New(t)
	r := start(t, f)
	f.As("alice")
	f.As("bobby")
	for _, tt := range []struct {
		password string // sent for bobby, after a wrong one for alice
		want     string
	}{
		{forumtest.Password("alice"), ""},
		{forumtest.Password("bobby"), "bobby"},
	} {
		user, change := changeable("alice")
		tries := 0
		client, err := r.dial(t, r.config(user, gossh.RetryableAuthMethod(gossh.PasswordCallback(func() (string, error) {
			if tries++; tries == 1 {
				return "wrong", nil
			}
			change("bobby")
			return tt.password, nil
		}), 2)))
		if !strings.Contains(r.logs.String(), "user=bobby") {
			t.Fatal("the client did not change its user")
		}
		switch {
		case tt.want == "" && err == nil:
			t.Errorf("alice's password opened: %s", output(t, client, "hello"))
		case tt.want != "" && err != nil:
			t.Error(err)
		case tt.want != "":
			if got := output(t, client, "hello"); !strings.HasPrefix(got, tt.want+" ") {
				t.Errorf("the session is %q", got)
			}
		}
	}
}

// changeable returns a string and what changes it in place, to another of its length:
// the client library has no other way to name a second user on one connection.
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
