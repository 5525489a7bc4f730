package sshapp

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum/forumtest"
	"sshforum/forum/gate"
	"sshforum/forum/rules"
)

func ban(t *testing.T, f *forumtest.Forum, who string) {
	t.Helper()
	if _, err := f.Service.Ban(t.Context(), rules.Operator(), who, time.Time{}, "spam"); err != nil {
		t.Fatal(err)
	}
}

const bannedForSpam = "You are banned from this forum. Reason: spam"

// closes fails the test unless the connection is closed soon.
func closes(t *testing.T, what string, client interface{ Wait() error }) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		_ = client.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(patience):
		t.Errorf("%s does not end", what)
	}
}

// TestABanEndsConnections: sessions with the reason, and connections without one and
// tunnels too; others stay.
func TestABanEndsConnections(t *testing.T) {
	f := forumtest.New(t)
	r := start(t, f, leads(echo))
	busy, idle, other := r.as(t, f, "yoda"), r.as(t, f, "yoda"), r.as(t, f, "luke")
	_, out := holding(t, busy, "wait")
	tunnel, err := idle.Dial("tcp", "legacy:7")
	if err != nil {
		t.Fatal(err)
	}
	ban(t, f, "yoda")
	var refused *gossh.OpenChannelError
	if _, err := idle.NewSession(); err == nil {
		t.Error("a session begins")
	} else if errors.As(err, &refused) && refused.Message != bannedForSpam {
		t.Errorf("a session is refused with %q", refused.Message)
	}
	if said, _ := io.ReadAll(out); !strings.Contains(string(said), bannedForSpam) {
		t.Errorf("the session ends with %q", said)
	}
	closes(t, "a connection with a session", busy)
	closes(t, "a connection without a session", idle)
	if _, err := io.ReadAll(tunnel); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
		t.Errorf("the tunnel: %v", err)
	}
	output(t, other, "hello")
}

// TestABanIsToldToItsOwner: a banned person is told of the ban after any proof. A client that
// only has the public key gets the usual answers.
func TestABanIsToldToItsOwner(t *testing.T) {
	f := forumtest.New(t)
	r := gated(t, f, penalty(gate.Refused))
	key := newKey(t)
	addKey(t, f, "yoda", key.PublicKey())
	asked := &asking{key: key.PublicKey()}
	login := func(source string, auth gossh.AuthMethod) (told string) {
		t.Helper()
		config := r.config("yoda", auth)
		config.BannerCallback = func(text string) error { told += text; return nil }
		if _, err := r.dialFrom(t, source, config); err == nil {
			t.Error("a banned account is logged in")
		}
		return told
	}
	ban(t, f, "yoda")
	for source, auth := range map[string]gossh.AuthMethod{
		"127.0.0.70": gossh.Password("guess"),
		"127.0.0.71": gossh.PublicKeys(newKey(t)),
		"127.0.0.72": gossh.PublicKeys(asked),
		"127.0.0.73": (&person{answers: []string{"guess"}}).auth(),
	} {
		if told := login(source, auth); told != "" {
			t.Errorf("%s is told %q", source, told)
		}
	}
	if asked.times.Load() != 1 {
		t.Errorf("the server asked %d times for a proof of the key", asked.times.Load())
	}
	for source, auth := range map[string]gossh.AuthMethod{
		"127.0.0.80": gossh.Password(forumtest.Password("yoda")),
		"127.0.0.81": gossh.PublicKeys(key),
		"127.0.0.82": (&person{answers: []string{forumtest.Password("yoda")}}).auth(),
	} {
		if told := login(source, auth); told != bannedForSpam+"\r\n" {
			t.Errorf("%s is told %q", source, told)
		}
		eventually(t, "the penalty", func() bool {
			return strings.Contains(r.logs.String(), "network="+source+"/32 reason="+string(gate.Refused))
		})
		if said := r.refusal(t, source); said != string(gate.Penalized) { // each try costs a password check
			t.Errorf("%s, again, is told %q", source, said)
		}
	}
}

// asking is a key whose holder has not got the private part.
type asking struct {
	key   gossh.PublicKey
	times atomic.Int32
}

func (a *asking) PublicKey() gossh.PublicKey { return a.key }

func (a *asking) Sign(io.Reader, []byte) (*gossh.Signature, error) {
	a.times.Add(1)
	return nil, errors.New("the private key is missing")
}

// TestABannedNetwork: connections from the network end, logged in or not, and new ones are
// refused before anything is read.
func TestABannedNetwork(t *testing.T) {
	var evict func()
	f := forumtest.New(t, func(c *rules.Config) { c.Evict = func() { evict() } })
	r := gated(t, f, func(c *gate.Config) { c.Banned = f.Service.NetworkBanned })
	evict = r.cfg.Gate.Evict
	f.As("yoda")
	config := r.config("yoda", gossh.Password(forumtest.Password("yoda")))
	in, err := r.dialFrom(t, "127.0.0.66", config)
	if err != nil {
		t.Fatal(err)
	}
	beside, err := r.dialFrom(t, "127.0.0.130", config)
	if err != nil {
		t.Fatal(err)
	}
	_, out := holding(t, in, "wait")
	silent := r.connect(t, "127.0.0.67")
	if _, err := silent.Read(make([]byte, 1)); err != nil { // the server's first byte: the gate has let it pass
		t.Fatal(err)
	}
	ban(t, f, "127.0.0.64/26")
	if said, _ := io.ReadAll(out); !strings.Contains(string(said), string(gate.Banned)) {
		t.Errorf("the session ends with %q", said)
	}
	closes(t, "a connection from there", in)
	if _, err := io.ReadAll(silent); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("a connection from there that has not logged in stays open")
	}
	if said := r.refusal(t, "127.0.0.100"); said != string(gate.Banned) {
		t.Errorf("was told %q", said)
	}
	output(t, beside, "hello")
	if _, err := f.Service.Unban(t.Context(), rules.Operator(), "127.0.0.64/26", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := r.dialFrom(t, "127.0.0.66", config); err != nil {
		t.Error(err)
	}
}
