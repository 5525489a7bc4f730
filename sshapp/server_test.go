package sshapp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

func TestNewChecksItsConfig(t *testing.T) {
	f := forumtest.New(t)
	good := start(t, f).cfg
	for name, spoil := range map[string]func(*Config){
		"no forum":    func(c *Config) { c.Service = nil },
		"no logger":   func(c *Config) { c.Logger = nil },
		"no host key": func(c *Config) { c.HostKeys = nil },
		"no grace":    func(c *Config) { c.LoginGrace = 0 },
		"endless try": func(c *Config) { c.MaxAuthTries = -1 },
		"no sessions": func(c *Config) { c.SessionsPerConnection = 0 },
		"no lines":    func(c *Config) { c.LineBytes = 0 },
		"no gate":     func(c *Config) { c.Gate = nil },
	} {
		bad := good
		spoil(&bad)
		if _, err := New(bad); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := New(good); err != nil {
		t.Error(err)
	}
}

func TestStopTellsSessionsAndWaitsForThem(t *testing.T) {
	f := forumtest.New(t)
	leave := make(chan struct{})
	r := start(t, f, func(s *Server) {
		s.shell = func(ctx context.Context, sess *session, _ rules.Actor) {
			fmt.Fprintln(sess, "waiting")
			<-ctx.Done()
			fmt.Fprintln(sess, context.Cause(ctx), forum.KindOf(context.Cause(ctx)))
			<-leave
			_ = sess.Exit(7)
		}
	})
	client, idle := r.as(t, f, "yoda"), r.as(t, f, "vader")
	sess, out := holding(t, client, "")
	stranger, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	late, err := idle.NewSession()
	if err != nil {
		t.Fatal(err)
	}

	r.stop()
	<-r.stopping.Done()
	if _, err := idle.NewSession(); err == nil || !strings.Contains(err.Error(), "Server shutting down") {
		t.Errorf("a new session: %v", err)
	}
	if err := late.Start("hello"); err == nil {
		t.Error("a session that was open has started")
	}
	if _, err := net.Dial("tcp", r.addr); err == nil {
		t.Error("the port is open")
	}
	r.cut()
	told := make([]byte, len("Server shutting down stopping\n"))
	if _, err := io.ReadFull(out, told); err != nil || string(told) != "Server shutting down stopping\n" {
		t.Errorf("the session was told %q, %v", told, err)
	}
	close(leave)
	var status *gossh.ExitError
	if err := sess.Wait(); !errors.As(err, &status) || status.ExitStatus() != 7 {
		t.Errorf("the session was cut off: %v", err)
	}
	_ = client.Close()
	r.wait(t)
	if idle.Wait() == nil {
		t.Error("the other connection is open")
	}
	_ = stranger.SetDeadline(time.Now().Add(patience))
	if _, err := io.Copy(io.Discard, stranger); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("a connection that has not logged in is open")
	}
}

func TestServeReturnsTheErrorOfItsListener(t *testing.T) {
	f := forumtest.New(t)
	server, err := New(start(t, f).cfg)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = ln.Close()
	if err := server.Serve(t.Context(), ln); !errors.Is(err, net.ErrClosed) {
		t.Errorf("error %v", err)
	}
}

func TestServeOutlivesPassingErrorsOfItsListener(t *testing.T) {
	f := forumtest.New(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := startOn(t, f, &failing{Listener: ln, times: 2})
	output(t, r.as(t, f, "yoda"), "hello")
	if n := strings.Count(r.logs.String(), "cannot accept connections"); n != 2 {
		t.Errorf("%d errors in the log, want 2", n)
	}
}

// failing is a listener of a process that is out of file descriptors some times.
type failing struct {
	net.Listener
	times int
}

func (l *failing) Accept() (net.Conn, error) {
	if l.times > 0 {
		l.times--
		return nil, &net.OpError{Op: "accept", Err: syscall.EMFILE}
	}
	return l.Listener.Accept()
}

func TestSourceIsTheAddressOfThePeer(t *testing.T) {
	for _, tt := range []struct {
		addr net.Addr
		want string
	}{
		{&net.TCPAddr{IP: net.ParseIP("192.0.2.7"), Port: 4711}, "192.0.2.7"},
		{&net.TCPAddr{IP: net.ParseIP("::ffff:192.0.2.7"), Port: 4711}, "192.0.2.7"},
		{&net.TCPAddr{IP: net.ParseIP("2001:db8::1"), Port: 4711}, "2001:db8::1"},
		{&net.TCPAddr{IP: net.ParseIP("fe80::1"), Port: 4711, Zone: "eth0"}, "fe80::1"},
		{&net.UnixAddr{Name: "/run/forum", Net: "unix"}, "/run/forum"},
	} {
		if got := sourceOf(tt.addr); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.addr, got, tt.want)
		}
	}
}
