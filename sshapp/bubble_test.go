package sshapp

import (
	"bytes"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum/forumtest"
)

// inside is a server in a synctest bubble: its connections are pipes, and its time is the
// bubble's. A write blocks the server at once if the client does not read it.
type inside struct {
	*running
	forum *forumtest.Forum
	pipes *pipes
	asked atomic.Int32 // requests that the clients have received
}

func startInside(t *testing.T, set ...func(*Server)) *inside {
	t.Helper()
	f := forumtest.New(t)
	ln := &pipes{accept: make(chan net.Conn), closed: make(chan struct{})}
	return &inside{running: startOn(t, f, ln, set...), forum: f, pipes: ln}
}

// connect opens a connection from an address.
func (in *inside) connect(source string) net.Conn {
	near, far := net.Pipe()
	in.pipes.accept <- from{far, source + ":4711"}
	return newMailbox(near)
}

// enter logs in over a connection, which wrap may change.
func (in *inside) enter(t *testing.T, name string, wrap func(net.Conn) net.Conn) *gossh.Client {
	t.Helper()
	return in.enterOn(t, name, wrap(in.connect("192.0.2.1")))
}

func (in *inside) enterOn(t *testing.T, name string, over net.Conn) *gossh.Client {
	t.Helper()
	in.forum.As(name)
	conn, channels, requests, err := gossh.NewClientConn(over, "pipe", in.config(name, gossh.Password(forumtest.Password(name))))
	if err != nil {
		t.Fatalf("%s cannot log in: %v", name, err)
	}
	counted := make(chan *gossh.Request)
	go func() {
		defer close(counted)
		for r := range requests {
			in.asked.Add(1)
			counted <- r
		}
	}()
	client := gossh.NewClient(conn, channels, counted)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func bare(conn net.Conn) net.Conn { return conn }

// pipes is a listener for pipes.
type pipes struct {
	accept chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.accept:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return from{nil, "192.0.2.254:22"}.RemoteAddr() }

// valve is a client's connection that can be shut: then the client hears nothing more.
type valve struct {
	net.Conn
	shut   atomic.Bool
	closed chan struct{}
	once   sync.Once
}

func newValve(conn net.Conn) *valve { return &valve{Conn: conn, closed: make(chan struct{})} }

func (v *valve) Read(p []byte) (int, error) {
	if v.shut.Load() {
		<-v.closed
		return 0, net.ErrClosed
	}
	return v.Conn.Read(p)
}

func (v *valve) Close() error {
	v.once.Do(func() { close(v.closed) })
	return v.Conn.Close()
}

// mailbox is a client's end of a pipe that accepts a small write without waiting for the
// server: both sides of SSH begin by writing.
type mailbox struct {
	net.Conn
	letters chan []byte
	closed  chan struct{}
	once    sync.Once
}

func newMailbox(conn net.Conn) *mailbox {
	m := &mailbox{Conn: conn, letters: make(chan []byte, 64), closed: make(chan struct{})}
	go func() {
		for {
			select {
			case letter := <-m.letters:
				_, _ = conn.Write(letter)
			case <-m.closed:
				return
			}
		}
	}()
	return m
}

func (m *mailbox) Write(p []byte) (int, error) {
	select {
	case m.letters <- bytes.Clone(p):
		return len(p), nil
	case <-m.closed:
		return 0, net.ErrClosed
	}
}

func (m *mailbox) Close() error {
	m.once.Do(func() { close(m.closed) })
	return m.Conn.Close()
}
