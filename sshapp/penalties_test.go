package sshapp

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/gate"
	"sshforum/forum/rules"
)

// penalty sets one penalty, which is enforced at once.
func penalty(reason gate.Reason) func(*gate.Config) {
	return func(c *gate.Config) {
		c.Penalties = gate.Penalties{For: map[gate.Reason]time.Duration{reason: time.Minute}, Max: time.Hour}
	}
}

func TestWhatIsPunished(t *testing.T) {
	for _, test := range []struct {
		name   string
		reason gate.Reason
		come   func(t *testing.T, f *forumtest.Forum, r *running)
	}{
		{"a wrong password", gate.AuthFail, func(t *testing.T, _ *forumtest.Forum, r *running) {
			_, _ = r.dial(t, r.config("yoda", gossh.Password("wrong")))
		}},
		{"a key of nobody", gate.AuthFail, func(t *testing.T, _ *forumtest.Forum, r *running) {
			_, _ = r.dial(t, r.config("yoda", gossh.PublicKeys(newKey(t))))
		}},
		{"an unknown name", gate.InvalidUser, func(t *testing.T, _ *forumtest.Forum, r *running) {
			_, _ = r.dial(t, r.config("root", gossh.Password("wrong")))
		}},
		{"a name too long", gate.InvalidUser, func(t *testing.T, _ *forumtest.Forum, r *running) {
			_, _ = r.dial(t, r.config(strings.Repeat("x", 2000), gossh.Password("wrong")))
		}},
		{"no attempt", gate.NoAuth, func(t *testing.T, _ *forumtest.Forum, r *running) { _, _ = r.dial(t, r.config("yoda")) }},
		{"a port scan", gate.NoAuth, func(t *testing.T, _ *forumtest.Forum, r *running) { _ = r.connect(t, "127.0.0.1").Close() }},
		{"another protocol", gate.NoAuth, func(t *testing.T, _ *forumtest.Forum, r *running) {
			r.say(t, "GET / HTTP/1.1\r\nHost: forum.host\r\n\r\n")
		}},
		{"a PROXY header", gate.Refused, func(t *testing.T, _ *forumtest.Forum, r *running) {
			r.say(t, "PROXY TCP4 192.0.2.1 192.0.2.2 4711 22\r\nSSH-2.0-x\r\n")
		}},
		{"silence", gate.GraceExceeded, func(t *testing.T, _ *forumtest.Forum, r *running) { r.say(t, "SSH-2.0-") }},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := forumtest.New(t)
			f.As("yoda")
			r := gated(t, f, penalty(test.reason), func(s *Server) {
				if test.reason == gate.GraceExceeded {
					s.cfg.LoginGrace = 100 * time.Millisecond
				}
			})
			patient := start(t, f, func(s *Server) { s.cfg.Gate, s.cfg.HostKeys = r.cfg.Gate, r.cfg.HostKeys })
			test.come(t, f, r)
			eventually(t, "the penalty", func() bool {
				return strings.Contains(r.logs.String(), "network=127.0.0.1/32 reason="+string(test.reason)+" for=1m0s")
			})
			if said := r.refusal(t, "127.0.0.1"); said != string(gate.Penalized) {
				t.Errorf("was told %q", said)
			}
			if _, err := patient.dialFrom(t, "127.0.0.2", r.config("yoda", gossh.Password(forumtest.Password("yoda")))); err != nil {
				t.Errorf("yoda from elsewhere: %v", err)
			}
		})
	}
}

// say sends text that no SSH client would send, and waits until the server closes the
// connection.
func (r *running) say(t *testing.T, text string) {
	t.Helper()
	conn := r.connect(t, "127.0.0.1")
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the connection is open")
	}
}

// TestWrongPasswordsCostAlsoAtALogin: whose they were, the login that follows does not say.
// A key that is not the account's is no guess, since clients offer all that they have.
func TestWrongPasswordsCostAlsoAtALogin(t *testing.T) {
	right := forumtest.Password("yoda")
	for _, tt := range []struct {
		name  string
		auth  func(t *testing.T) []gossh.AuthMethod
		costs bool
	}{
		{"a password", func(*testing.T) []gossh.AuthMethod { return []gossh.AuthMethod{passwords("wrong", right)} }, true},
		{"an answer", func(*testing.T) []gossh.AuthMethod {
			return []gossh.AuthMethod{(&person{answers: []string{"wrong"}}).auth(), gossh.Password(right)}
		}, true},
		{"a key", func(t *testing.T) []gossh.AuthMethod {
			return []gossh.AuthMethod{gossh.PublicKeys(newKey(t)), gossh.Password(right)}
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := forumtest.New(t)
			f.As("yoda")
			r := gated(t, f, func(c *gate.Config) {
				penalty(gate.AuthFail)(c)
				c.Penalties.For[gate.Crash] = time.Minute
			})
			r.enter(t, "yoda", tt.auth(t)...)
			if !tt.costs {
				r.as(t, f, "yoda")
			} else if said := r.refusal(t, "127.0.0.1"); said != string(gate.Penalized) {
				t.Errorf("was told %q", said)
			}
		})
	}
}

// passwords gives one after the other.
func passwords(all ...string) gossh.AuthMethod {
	return gossh.RetryableAuthMethod(gossh.PasswordCallback(func() (string, error) {
		next := all[0]
		all = all[1:]
		return next, nil
	}), len(all))
}

func TestPanicBeforeLoginEndsOneConnection(t *testing.T) {
	var broken atomic.Bool
	f := forumtest.New(t, func(c *rules.Config) {
		c.Passwords = panicking{c.Passwords, &broken}
	})
	r := gated(t, f, penalty(gate.Crash))
	client := r.as(t, f, "yoda")
	broken.Store(true)
	if _, err := r.dialFrom(t, "127.0.0.66", r.config("yoda", gossh.Password("x"))); err == nil {
		t.Error("got in")
	}
	broken.Store(false)
	output(t, client, "hello")
	output(t, r.as(t, f, "yoda"), "hello")
	eventually(t, "the penalty", func() bool { return strings.Contains(r.logs.String(), "network=127.0.0.66/32 reason=crash") })
	if said := r.refusal(t, "127.0.0.66"); said != string(gate.Penalized) {
		t.Errorf("who broke it was told %q", said)
	}
}

// panicking passwords panic while broken.
type panicking struct {
	forum.Passwords
	broken *atomic.Bool
}

func (p panicking) Verify(ctx context.Context, phc, password string) (bool, error) {
	if p.broken.Load() {
		panic("broken")
	}
	return p.Passwords.Verify(ctx, phc, password)
}
