package sshapp

import (
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum/forumtest"
	"sshforum/forum/gate"
)

// signatures counts the signatures of a host key: one in each key exchange.
type signatures struct {
	gossh.MultiAlgorithmSigner
	n atomic.Int64
}

func (s *signatures) Sign(rand io.Reader, data []byte) (*gossh.Signature, error) {
	s.n.Add(1)
	return s.MultiAlgorithmSigner.Sign(rand, data)
}

// counted has a server count its key exchanges.
func counted(s *Server) *signatures {
	n := &signatures{MultiAlgorithmSigner: s.cfg.HostKeys[0]}
	s.cfg.HostKeys[0] = n
	return n
}

// eager has a client exchange keys after each message of more than 256 bytes, the least that
// its library allows.
func eager(config *gossh.ClientConfig) *gossh.ClientConfig {
	config.RekeyThreshold = 1
	return config
}

// TestKeyExchangesBeforeTheLoginAreFew: a client that wants more is disconnected.
func TestKeyExchangesBeforeTheLoginAreFew(t *testing.T) {
	f := forumtest.New(t)
	f.As("yoda")
	var exchanges *signatures
	// The library exchanges keys beside the tries that follow, so it takes more than a few.
	const tries = 10_000
	r := gated(t, f, penalty(gate.Refused), func(s *Server) { exchanges, s.cfg.MaxAuthTries = counted(s), tries })
	wrong := gossh.RetryableAuthMethod(gossh.PasswordCallback(func() (string, error) { return strings.Repeat("wrong", 100), nil }), tries)
	if _, err := r.dial(t, eager(r.config("yoda", wrong))); err == nil {
		t.Fatal("logged in with a wrong password")
	}
	eventually(t, "the penalty", func() bool {
		return strings.Contains(r.logs.String(), "network=127.0.0.1/32 reason=refused for=1m0s")
	})
	if n := exchanges.n.Load(); n != maxEarlyExchanges {
		t.Errorf("%d key exchanges before the login, want %d", n, maxEarlyExchanges)
	}
	if !strings.Contains(r.logs.String(), `error="the client exchanges keys again and again"`) {
		t.Error("the log does not say why")
	}
}

// TestKeyExchangesHaveAPace, after the login: their time, or data of theirs.
func TestKeyExchangesHaveAPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var exchanges *signatures
		in := startInside(t, func(s *Server) { exchanges = counted(s) })
		in.forum.As("yoda")
		conn, channels, requests, err := gossh.NewClientConn(in.connect("192.0.2.1"), "pipe",
			eager(in.config("yoda", gossh.Password(forumtest.Password("yoda")))))
		if err != nil {
			t.Fatal(err)
		}
		client := gossh.NewClient(conn, channels, requests)
		defer client.Close()
		began, before, n := time.Now(), exchanges.n.Load(), int64(0)
		for tries := 0; n < 4; n = exchanges.n.Load() - before {
			if _, _, err := client.SendRequest("anything", true, make([]byte, 500)); err != nil {
				t.Fatal(err)
			}
			if tries++; tries > 1000 {
				t.Fatalf("%d key exchanges after %d requests", n, tries)
			}
		}
		if least := time.Duration(n-1) * exchangeEvery; time.Since(began) < least {
			t.Errorf("%d key exchanges in %v, want %v at least", n, time.Since(began), least)
		}
	})
}

// TestKeyExchangesThatDataDemandAreAtOnce.
func TestKeyExchangesThatDataDemandAreAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var moved int64
		e := &keyExchanges{moved: func() int64 { return moved }, over: t.Context().Done()}
		e.loggedIn()
		began := time.Now()
		for range 100 {
			moved += exchangeBytes
			if err := e.await(); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took > 0 {
			t.Errorf("they waited for %v", took)
		}
		if err := e.await(); err != nil || time.Since(began) != exchangeEvery {
			t.Errorf("one without data waited for %v: %v", time.Since(began), err)
		}
	})
}

// TestAnExchangeThatWaitsEndsWithItsConnection.
func TestAnExchangeThatWaitsEndsWithItsConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		over := make(chan struct{})
		e := &keyExchanges{moved: func() int64 { return 0 }, over: over}
		e.loggedIn()
		began := time.Now()
		time.AfterFunc(time.Second, func() { close(over) })
		if err := e.await(); err == nil || time.Since(began) != time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}
