package sshapp

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

func TestLoginByEachMethod(t *testing.T) {
	f := forumtest.New(t)
	r := start(t, f)
	key := newKey(t)
	addKey(t, f, "Yoda", key.PublicKey())
	yoda := &person{answers: []string{forumtest.Password("Yoda")}}
	for method, auth := range map[string]gossh.AuthMethod{
		"password":             gossh.Password(forumtest.Password("Yoda")),
		"publickey":            gossh.PublicKeys(key),
		"keyboard-interactive": yoda.auth(),
	} {
		client := r.enter(t, "yoda", auth)
		if got := output(t, client, "hello"); !strings.HasPrefix(got, "Yoda ") || !strings.HasSuffix(got, ".1 from 127.0.0.1\n") {
			t.Errorf("%s: the session is %q", method, got)
		}
		if !strings.Contains(r.logs.String(), "source=127.0.0.1 user=Yoda method="+method+" client=SSH-2.0-Go") {
			t.Errorf("%s: the login is not in the log", method)
		}
	}
	if want := []string{"yoda's password: "}; !slices.Equal(yoda.said, want) {
		t.Errorf("was asked %q, want %q", yoda.said, want)
	}
	if !strings.Contains(r.logs.String(), "key="+gossh.FingerprintSHA256(key.PublicKey())) {
		t.Error("the log does not name the key")
	}
	if strings.Contains(r.logs.String(), forumtest.Password("Yoda")) {
		t.Error("the log holds a password")
	}
}

func TestNobodyEntersWithoutProof(t *testing.T) {
	f := forumtest.New(t)
	r := start(t, f)
	yoda, other := newKey(t), newKey(t)
	addKey(t, f, "yoda", yoda.PublicKey())
	f.As("vader")
	before := changes(t, f)
	for name, auth := range map[string][]gossh.AuthMethod{
		"none":                       nil,
		"no password":                {gossh.Password("")},
		"wrong password":             {gossh.Password(forumtest.Password("vader"))},
		"wrong answer":               {(&person{answers: []string{"wrong"}}).auth()},
		"key of nobody":              {gossh.PublicKeys(other)},
		"key offered, not proven":    {gossh.PublicKeys(forged{key: yoda.PublicKey()})},
		"key offered, other's proof": {gossh.PublicKeys(forged{key: yoda.PublicKey(), by: other})},
	} {
		if _, err := r.dial(t, r.config("yoda", auth...)); err == nil {
			t.Errorf("%s: got in", name)
		}
	}
	if _, err := r.dial(t, r.config("newcomer", gossh.PublicKeys(forged{key: other.PublicKey()}))); err == nil {
		t.Error("newcomer got in")
	}
	if strings.Contains(r.logs.String(), "msg=login ") {
		t.Error("the log tells of a login")
	}
	if after := changes(t, f); after != before {
		t.Errorf("failed logins left %d changes", after-before)
	}
}

// forged signs for a public key that is not its own.
type forged struct {
	key gossh.PublicKey
	by  gossh.Signer // nil: it cannot sign at all
}

func (k forged) PublicKey() gossh.PublicKey { return k.key }

func (k forged) Sign(rand io.Reader, data []byte) (*gossh.Signature, error) {
	if k.by == nil {
		return nil, errors.New("cannot sign")
	}
	return k.by.Sign(rand, data)
}

func TestClosedRegistrationTellsNoNames(t *testing.T) {
	f := forumtest.New(t, func(c *rules.Config) { c.Registration = rules.RegistrationClosed })
	r := start(t, f)
	f.As("known")
	f.As("gone")
	if _, err := f.Service.CloseAccount(t.Context(), rules.Operator(), "gone"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"known", "nobody-knows", "gone", "root", "\x1b[2J"} {
		p := &person{answers: []string{"wrong", "wrong"}}
		_, err := r.dial(t, r.config(name, gossh.PublicKeys(newKey(t)), p.auth(), gossh.Password("wrong")))
		if err == nil {
			t.Errorf("%s got in", name)
		}
		if want := []string{forum.Printable(name) + "'s password: ", "Invalid password"}; !slices.Equal(p.said, want) {
			t.Errorf("%s was told %q, want %q", name, p.said, want)
		}
		if tried := strings.Count(r.logs.String(), "user="+forum.Printable(name)); tried != 3 {
			t.Errorf("%s: %d attempts in the log, want 3", name, tried)
		}
	}
}

func TestLockoutIsToldAndEnds(t *testing.T) {
	f := forumtest.New(t)
	r := start(t, f)
	key := newKey(t)
	addKey(t, f, "yoda", key.PublicKey())
	const told = "Too many wrong passwords; try again in 10 s."
	for range 3 {
		if _, err := r.dial(t, r.config("yoda", gossh.Password("wrong"))); err == nil {
			t.Fatal("a wrong password got in")
		}
	}
	p := &person{answers: []string{forumtest.Password("yoda")}}
	if _, err := r.dial(t, r.config("yoda", p.auth())); err == nil || !p.heard(told) {
		t.Errorf("error %v, told %q", err, p.said)
	}
	config, banner := r.config("yoda", gossh.Password(forumtest.Password("yoda"))), ""
	config.BannerCallback = func(message string) error { banner += message; return nil }
	if _, err := r.dial(t, config); err == nil || banner != told+"\r\n" {
		t.Errorf("error %v, banner %q", err, banner)
	}
	r.enter(t, "yoda", gossh.PublicKeys(key))
	f.Clock.Advance(10 * time.Second)
	r.enter(t, "yoda", gossh.Password(forumtest.Password("yoda")))
}

func TestBannerComesBeforeTheLogin(t *testing.T) {
	f := forumtest.New(t)
	r := start(t, f, func(s *Server) { s.cfg.Banner = "Be kind." })
	config, banner := r.config("yoda"), ""
	config.BannerCallback = func(message string) error { banner += message; return nil }
	if _, err := r.dial(t, config); err == nil || banner != "Be kind.\r\n" {
		t.Errorf("error %v, banner %q", err, banner)
	}
}

func TestTriesAreLimited(t *testing.T) {
	f := forumtest.New(t)
	r := start(t, f, func(s *Server) { s.cfg.MaxAuthTries = 4 })
	f.As("yoda")
	tries := 0
	_, err := r.dial(t, r.config("yoda", gossh.RetryableAuthMethod(gossh.PasswordCallback(func() (string, error) {
		tries++
		return "wrong", nil
	}), 20)))
	if err == nil || tries != r.cfg.MaxAuthTries {
		t.Errorf("%d tries, then %v; want %d", tries, err, r.cfg.MaxAuthTries)
	}
}

func TestLoginGraceEnds(t *testing.T) {
	f := forumtest.New(t)
	r := start(t, f, func(s *Server) { s.cfg.LoginGrace = 100 * time.Millisecond })
	f.As("yoda")
	silent, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	_ = silent.SetDeadline(time.Now().Add(patience))
	if _, err := io.Copy(io.Discard, silent); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("a client that says nothing is kept")
	}
	thinking := func(string, string, []string, []bool) ([]string, error) {
		eventually(t, "the server has enough of waiting", func() bool { return strings.Count(r.logs.String(), "login timed out") == 2 })
		return nil, errNothingMore
	}
	if _, err := r.dial(t, r.config("yoda", gossh.KeyboardInteractive(thinking))); err == nil {
		t.Error("a client that never answers got in")
	}
}

func TestOverlongNamesAreNotLookedUp(t *testing.T) {
	f := forumtest.New(t)
	r := start(t, f)
	name := strings.Repeat("x", 100_000)
	p := &person{}
	if _, err := r.dial(t, r.config(name, gossh.PublicKeys(newKey(t)), p.auth(), gossh.Password("x"))); err == nil {
		t.Error("got in")
	}
	if len(p.said) > 0 {
		t.Errorf("was asked %q", p.said)
	}
	if n := strings.Count(r.logs.String(), errUserTooLong.Error()+`"`); n != 3 {
		t.Errorf("%d attempts were refused for the name, want 3", n)
	}
	if n := len(r.logs.String()); n > 5000 {
		t.Errorf("the log has %d bytes", n)
	}
}

func TestFaultsAreLoggedAndNotTold(t *testing.T) {
	f := forumtest.New(t, func(c *rules.Config) { c.Passwords = faulty{c.Passwords} })
	r := start(t, f)
	f.As("yoda")
	p := &person{answers: []string{"x"}}
	config, banner := r.config("yoda", p.auth(), gossh.Password("x")), ""
	config.BannerCallback = func(message string) error { banner += message; return nil }
	if _, err := r.dial(t, config); err == nil {
		t.Fatal("got in")
	}
	told := append(p.said, banner)
	if strings.Contains(strings.Join(told, " "), "memory cells") || !strings.HasPrefix(banner, "Something went wrong") {
		t.Errorf("was told %q", told)
	}
	if !strings.Contains(r.logs.String(), `level=ERROR msg="cannot check a login"`) {
		t.Error("the fault is not in the log")
	}
}

// faulty passwords can be made but not be checked.
type faulty struct{ forum.Passwords }

func (faulty) Verify(context.Context, string, string) (bool, error) {
	return false, errors.New("memory cells burnt")
}
