package sshapp

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum/forumtest"
	"sshforum/forum/gate"
)

// leads makes tunnels to legacy:7 lead to serve.
func leads(serve func(net.Conn)) func(*Server) {
	return func(s *Server) {
		s.cfg.Tunnel = func(host string, port uint32) (func(net.Conn, *gate.Pass), bool) {
			return func(conn net.Conn, _ *gate.Pass) { serve(conn) }, host == "legacy" && port == 7
		}
	}
}

// echo writes the source of a connection and then its input.
func echo(conn net.Conn) {
	host, _, _ := net.SplitHostPort(conn.RemoteAddr().String())
	_, _ = io.WriteString(conn, host+" ")
	_, _ = io.Copy(conn, conn)
}

func TestTunnel(t *testing.T) {
	f := forumtest.New(t)
	r := start(t, f, leads(echo))
	client := r.as(t, f, "yoda")
	for range 2 * r.cfg.SessionsPerConnection { // each gives its place back
		conn, err := client.Dial("tcp", "legacy:7")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, "hello")
		_ = conn.(interface{ CloseWrite() error }).CloseWrite()
		if said, err := io.ReadAll(conn); string(said) != "127.0.0.1 hello" || err != nil {
			t.Errorf("%q, %v", said, err)
		}
	}
	if out := output(t, client, "hello"); !strings.HasPrefix(out, "yoda") {
		t.Errorf("a session beside: %q", out)
	}
}

// TestTunnelsElsewhereAreRefused, whatever is asked for: nothing is resolved or dialled.
func TestTunnelsElsewhereAreRefused(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	f := forumtest.New(t)
	r := start(t, f, leads(echo))
	client := r.as(t, f, "yoda")
	var refused *gossh.OpenChannelError
	for _, to := range []string{"legacy:8", "other:7", "localhost:22", ln.Addr().String(), "[::1]:7", "legacy:0", "\x1bc:7"} {
		if _, err := client.Dial("tcp", to); !errors.As(err, &refused) || refused.Reason != gossh.Prohibited {
			t.Errorf("%s: %v", to, err)
		}
	}
	for _, payload := range []string{"", "x", strings.Repeat("\xff", 40)} {
		if _, _, err := client.OpenChannel("direct-tcpip", []byte(payload)); !errors.As(err, &refused) {
			t.Errorf("%q: %v", payload, err)
		}
	}
	if log := r.logs.String(); strings.Contains(log, "\x1b") || !strings.Contains(log, "tunnel refused") {
		t.Errorf("the log is\n%s", log)
	}
}

func TestTunnelsCountAsSessions(t *testing.T) {
	f := forumtest.New(t)
	r := start(t, f, leads(echo), func(s *Server) { s.cfg.SessionsPerConnection = 2 })
	client := r.as(t, f, "yoda")
	for range 2 {
		conn, err := client.Dial("tcp", "legacy:7")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
	}
	var refused *gossh.OpenChannelError
	if _, err := client.Dial("tcp", "legacy:7"); !errors.As(err, &refused) || refused.Reason != gossh.ResourceShortage {
		t.Errorf("the third tunnel: %v", err)
	}
	if _, err := client.NewSession(); err == nil {
		t.Error("a session was opened beside")
	}
}

// TestStopWaitsForTunnels so that a door can say goodbye through them.
func TestStopWaitsForTunnels(t *testing.T) {
	f := forumtest.New(t)
	last := make(chan struct{})
	r := start(t, f, leads(func(conn net.Conn) {
		_, _ = io.WriteString(conn, "welcome")
		<-last
		_, _ = io.WriteString(conn, "goodbye")
	}))
	client := r.as(t, f, "yoda")
	conn, err := client.Dial("tcp", "legacy:7")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(conn, make([]byte, len("welcome"))); err != nil {
		t.Fatal(err)
	}
	r.stop()
	for r.accepts() {
	}
	if _, err := client.Dial("tcp", "legacy:7"); err == nil {
		t.Error("a tunnel was opened after the stop")
	}
	close(last)
	if said, err := io.ReadAll(conn); string(said) != "goodbye" || err != nil {
		t.Errorf("%q, %v", said, err)
	}
}

// accepts reports whether the server takes new connections.
func (r *running) accepts() bool {
	conn, err := net.Dial("tcp", r.addr)
	if err == nil {
		_ = conn.Close()
	}
	return err == nil
}

// TestTunnelThatIsNotRead is closed when a write has waited until its deadline.
func TestTunnelThatIsNotRead(t *testing.T) {
	f := forumtest.New(t)
	failed := make(chan error, 1)
	r := start(t, f, leads(func(conn net.Conn) {
		if err := conn.SetReadDeadline(time.Now()); err != os.ErrNoDeadline {
			t.Errorf("SetReadDeadline: %v", err)
		}
		_ = conn.SetWriteDeadline(time.Now().Add(50 * time.Millisecond))
		for {
			if _, err := conn.Write(make([]byte, 1<<20)); err != nil {
				failed <- err
				return
			}
		}
	}))
	if _, err := r.as(t, f, "yoda").Dial("tcp", "legacy:7"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-failed:
	case <-time.After(patience):
		t.Error("the write still waits")
	}
}
