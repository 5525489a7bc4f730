package sshapp

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum/forumtest"
	"sshforum/forum/gate"
)

// newGate returns a gate that refuses nobody, except by the limits that set changes.
func newGate(t testing.TB, set func(*gate.Config)) *gate.Gate {
	t.Helper()
	cfg := gate.Config{
		Connections: 1000, PerSource: 1000, StartupsPerSource: 1000, Tries: 6,
		Startups: gate.Startups{Start: 1000, Rate: 100, Full: 1000},
		IPv4Bits: 32, IPv6Bits: 64,
		Logger: slog.New(slog.DiscardHandler), Clock: time.Now, Random: func(int) int { return 0 },
	}
	set(&cfg)
	g, err := gate.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// gated is start behind a gate of its own, whose refusals go to the same log.
func gated(t *testing.T, f *forumtest.Forum, set func(*gate.Config), more ...func(*Server)) *running {
	t.Helper()
	return start(t, f, append([]func(*Server){behind(t, set)}, more...)...)
}

// behind gives a server a gate of its own.
func behind(t *testing.T, set func(*gate.Config)) func(*Server) {
	return func(s *Server) {
		s.cfg.Gate = newGate(t, func(c *gate.Config) { c.Logger = s.cfg.Logger; set(c) })
	}
}

// dialFrom is dial from an address of the loopback network.
func (r *running) dialFrom(t *testing.T, source string, config *gossh.ClientConfig) (*gossh.Client, error) {
	t.Helper()
	return r.dialOn(t, r.connect(t, source), config)
}

// dialOn is dial on a connection.
func (r *running) dialOn(t *testing.T, conn net.Conn, config *gossh.ClientConfig) (*gossh.Client, error) {
	t.Helper()
	sshConn, channels, requests, err := gossh.NewClientConn(conn, r.addr, config)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	client := gossh.NewClient(sshConn, channels, requests)
	t.Cleanup(func() { _ = client.Close() })
	return client, nil
}

// connect opens a connection from an address of the loopback network.
func (r *running) connect(t *testing.T, source string) net.Conn {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}, Timeout: patience}
	conn, err := dialer.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	return conn
}

// refusal returns the text that a refused client from source reads, and fails the test if the
// client is not refused.
func (r *running) refusal(t *testing.T, source string) string {
	t.Helper()
	conn := r.connect(t, source)
	defer conn.Close()
	said, err := io.ReadAll(conn)
	if errors.Is(err, os.ErrDeadlineExceeded) || strings.Contains(string(said), serverVersion) {
		t.Fatalf("%s was served: %q, %v", source, said, err)
	}
	return strings.TrimSuffix(string(said), "\r\n")
}

func TestConnectionsAreLimited(t *testing.T) {
	f := forumtest.New(t)
	r := gated(t, f, func(c *gate.Config) { c.Connections = 2 })
	first, second := r.as(t, f, "yoda"), r.as(t, f, "vader")
	for range 2 {
		if said := r.refusal(t, "127.0.0.2"); said != string(gate.Full) {
			t.Errorf("was told %q", said)
		}
	}
	if n := strings.Count(r.logs.String(), "refusing connections"); n != 1 {
		t.Errorf("%d warnings, want 1", n)
	}
	output(t, second, "hello")
	_ = first.Close()
	eventually(t, "a place is free", func() bool {
		client, err := gossh.Dial("tcp", r.addr, r.config("yoda", gossh.Password(forumtest.Password("yoda"))))
		if err == nil {
			_ = client.Close()
		}
		return err == nil
	})
}

// TestSilentClientsLeaveRoom: silent clients of one source take only the places of that source,
// for the login grace.
func TestSilentClientsLeaveRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := startInside(t, behind(t, func(c *gate.Config) {
			penalty(gate.GraceExceeded)(c)
			c.StartupsPerSource = 3
			c.Startups = gate.Startups{Start: 4, Rate: 100, Full: 4}
		}))
		refused := func(want error) {
			t.Helper()
			conn := in.connect("192.0.2.66")
			defer conn.Close()
			if said, _ := io.ReadAll(conn); string(said) != want.Error()+"\r\n" {
				t.Errorf("one more was told %q", said)
			}
		}
		var silent sync.WaitGroup
		for i := range 3 {
			conn := in.connect("192.0.2.66")
			defer conn.Close()
			if i == 0 {
				_, _ = io.WriteString(conn, "SSH-2.0-slow")
			}
			silent.Go(func() { _, _ = io.Copy(io.Discard, conn) })
		}
		synctest.Wait()
		began := time.Now()
		refused(gate.Crowded)
		for _, source := range []string{"192.0.2.1", "192.0.2.2"} {
			in.enterOn(t, "yoda", in.connect(source))
		}
		silent.Wait()
		if took := time.Since(began); took != in.cfg.LoginGrace {
			t.Errorf("silent clients were kept for %v", took)
		}
		synctest.Wait()
		refused(gate.Penalized)
	})
}

// TestLoggedInPeopleLeaveRoomForOthers: who is logged in is no startup any more.
func TestLoggedInPeopleLeaveRoomForOthers(t *testing.T) {
	f := forumtest.New(t)
	r := gated(t, f, func(c *gate.Config) { c.StartupsPerSource, c.Startups = 1, gate.Startups{Start: 1, Rate: 100, Full: 1} })
	key := newKey(t)
	addKey(t, f, "luke", key.PublicKey())
	for range 3 {
		r.as(t, f, "yoda")
		r.enter(t, "luke", gossh.PublicKeys(key))
	}
	r.enter(t, "newcomer", (&person{answers: []string{"a password", "a password"}}).auth())
	r.enter(t, "luke", gossh.PublicKeys(key))
}

// The connection used to be a variable that both the stop and the gate used, at once.
func TestStopWhileAConnectionPassesTheGate(t *testing.T) {
	passing, closed := make(chan struct{}), make(chan struct{})
	r := gated(t, forumtest.New(t), func(c *gate.Config) {
		c.Banned = func(netip.Addr) bool {
			close(passing)
			<-closed
			return false
		}
	})
	conn := r.connect(t, "127.0.0.1")
	<-passing
	r.stop()
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("read of the connection: %v", err)
	}
	close(closed)
	r.wait(t)
}
