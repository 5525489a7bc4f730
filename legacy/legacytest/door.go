package legacytest

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"sshforum/forum/forumtest"
	"sshforum/legacy"
)

// maxWait bounds waits that a failing test would never end. It is longer than any time limit
// of a door.
const maxWait = 2 * time.Minute

// Grace is how long connections may go on after a door is stopped.
const Grace = 5 * time.Second

// Door is a door that is open until the test ends.
type Door struct {
	*legacy.Server
	Log *Log

	t    testing.TB
	Lag  time.Duration // lag of connections that Dial makes from now on, see Pipe
	in   *listener
	stop context.CancelFunc
	done chan struct{}
	err  error // result of Serve; set before done is closed
}

// Open opens a door on f with the dialect and the times of cfg. MaxClients and LoginGrace have
// defaults for tests. Clients connect with Dial. Their connections join writes that are made
// within lag.
func Open(t testing.TB, f *forumtest.Forum, cfg legacy.Config, lag time.Duration) *Door {
	t.Helper()
	d := &Door{Log: &Log{}, Lag: lag, t: t, in: &listener{conns: make(chan net.Conn), closed: make(chan struct{})}, done: make(chan struct{})}
	cfg.Service = f.Service
	cfg.Logger = slog.New(slog.NewTextHandler(d.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if cfg.MaxClients == 0 {
		cfg.MaxClients = 1000
	}
	if cfg.LoginGrace == 0 {
		cfg.LoginGrace = time.Minute
	}
	cut := make(chan struct{})
	cfg.Cut = cut
	var err error
	if d.Server, err = legacy.New(cfg); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	d.stop = stop
	context.AfterFunc(ctx, func() { time.AfterFunc(Grace, func() { close(cut) }) })
	go func() {
		defer close(d.done)
		d.err = d.Serve(ctx, d.in)
	}()
	t.Cleanup(d.Close)
	return d
}

// Dial connects a client. The connection is closed when the test ends.
func (d *Door) Dial() net.Conn {
	client, server := Pipe(d.Lag)
	d.t.Cleanup(func() { _ = client.Close() })
	select {
	case d.in.conns <- server:
	case <-d.done:
		_ = server.Close()
	}
	return client
}

// Stop begins a graceful stop.
func (d *Door) Stop() { d.stop() }

// Close stops the door and waits until it is closed.
func (d *Door) Close() {
	d.t.Helper()
	d.stop()
	select {
	case <-d.done:
		if d.err != nil {
			d.t.Errorf("Serve: %v", d.err)
		}
	case <-time.After(maxWait):
		d.t.Error("Serve does not return")
	}
	if d.t.Failed() {
		d.t.Logf("log of the door:\n%s", d.Log)
	}
}

// Sound closes the door, and fails the test if the server panicked or logged an error.
func (d *Door) Sound() {
	d.t.Helper()
	d.Close()
	if d.Panics() > 0 || strings.Contains(d.Log.String(), "level=ERROR") {
		d.t.Error("a fault of the server")
	}
}

// listener accepts the server's ends of pipes.
type listener struct {
	conns  chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *listener) Addr() net.Addr { return addr }

// Log collects the log of a door.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
