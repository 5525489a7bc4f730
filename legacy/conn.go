package legacy

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"runtime/debug"
	"sync"
	"time"

	"sshforum/forum"
	"sshforum/forum/gate"
	"sshforum/forum/rules"
)

// Conn is the conversation with one client. The goroutine of Serve reads; Reply, Push
// and Stream may be called from any.
type Conn struct {
	input
	output
	server *Server
	conn   net.Conn
	source string
	shared bool   // by everybody on this machine
	name   string // of the session, as in logs
	log    *slog.Logger

	ctx    context.Context // ends with the conversation, with the reason as its cause
	end    context.CancelCauseFunc
	asking context.Context // ends with ctx, or when the server stops: no more requests are heard
	close  func()          // safe to call often
	grace  *time.Timer
	beside sync.WaitGroup

	actor rules.Actor
	visit *rules.Visit // nil before login

	pass    *gate.Pass  // nil for what came through no gate
	failure gate.Reason // of the last wrong try to log in; "" without one
}

// lingerWait is how long a client that was told goodbye may take to hang up. A
// connection that is closed with input unread loses what was written last.
const lingerWait = time.Second

func newConn(s *Server, conn net.Conn) *Conn {
	number := s.numbers.Add(1)
	c := &Conn{
		server: s, conn: conn, name: fmt.Sprintf("%s.%d", s.cfg.Name, number),
		source: sourceOf(conn.RemoteAddr()), shared: gate.SameMachine(conn.RemoteAddr(), conn.LocalAddr()),
	}
	c.log = s.log.With("connection", number, "source", c.source)
	c.ctx, c.end = context.WithCancelCause(context.Background())
	c.close = sync.OnceFunc(func() {
		close(c.closed)
		_ = conn.Close()
	})
	c.input = newInput(c)
	c.output = newOutput(c)
	return c
}

// serve has the conversation, to its end.
func (c *Conn) serve() {
	defer c.server.ended(c)
	defer c.pass.Close()
	c.log.Debug("connection opened")
	defer c.log.Debug("connection closed")
	asking, stop := context.WithCancelCause(c.ctx)
	defer context.AfterFunc(c.server.life, func() { stop(context.Cause(c.server.life)) })()
	c.asking = asking
	c.pass.OnEviction(func(cause error) { c.end(forum.Errorf(forum.Denied, "%s", cause)) })
	c.grace = time.AfterFunc(c.server.cfg.LoginGrace, func() { c.end(errTooSlow) })
	go c.pump(c.conn)
	if c.guarded(func() { c.server.cfg.Dialect.Serve(c.asking, c) }) && c.actor.Name == "" {
		c.failure = gate.Crash
	}
	c.grace.Stop()
	c.end(nil)
	c.beside.Wait()
	c.leave()
	c.finish()
	c.judge()
}

// judge tells the gate of tries to log in that were wrong, whether the next is right or there
// is none. Clients connect before their person has said anything: one who is slow to, or
// leaves again, has done no wrong.
func (c *Conn) judge() {
	if c.failure != "" {
		c.pass.Punish(c.failure)
		c.failure = ""
	}
}

var errTooSlow = forum.Errorf(forum.Limited, "Nobody logged in for too long")

// guarded runs fn, and reports whether it panicked. That costs this connection alone.
func (c *Conn) guarded(fn func()) (panicked bool) {
	defer func() {
		if cause := recover(); cause != nil {
			panicked = true
			c.server.panics.Add(1)
			c.log.Error("panic in a connection", "session", c.name, "user", c.actor.Name,
				"panic", fmt.Sprint(cause), "stack", string(debug.Stack()))
			c.hangUp()
		}
	}()
	fn()
	return false
}

// Go runs fn beside the conversation, such as to push what happens in the forum. It must
// return when its ctx ends, which is that of Serve; the connection is not closed before.
func (c *Conn) Go(fn func(ctx context.Context)) {
	c.beside.Go(func() { c.guarded(func() { fn(c.asking) }) })
}

// LogOut lets the person log in elsewhere, before the client is told goodbye: whoever has
// heard that may come again at once.
func (c *Conn) LogOut() { c.server.here.release(c) }

// leave gives up what the person held here.
func (c *Conn) leave() {
	c.server.here.release(c)
	if c.visit == nil {
		return
	}
	if err := c.visit.Leave(c.ctx); err != nil {
		c.log.Error("cannot end a visit", "session", c.name, "error", err)
	}
}

// finish closes the connection when the client has, or a little later.
func (c *Conn) finish() {
	c.discard()
	select {
	case <-c.over:
	case <-c.closed:
	case <-time.After(time.Until(c.last.Add(c.server.cfg.Hold))):
	}
	if half, ok := c.conn.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
		select {
		case <-c.over:
		case <-c.closed:
		case <-time.After(lingerWait):
		}
	}
	c.hangUp()
	<-c.over
}

// hangUp closes the connection now.
func (c *Conn) hangUp() {
	c.end(net.ErrClosed)
	c.close()
}

// Service returns the forum.
func (c *Conn) Service() *rules.Service { return c.server.cfg.Service }

// Log returns the logger of the connection. Texts and passwords of people stay out of it.
func (c *Conn) Log() *slog.Logger { return c.log }

// Addr returns the client's IP address.
func (c *Conn) Addr() string { return c.source }

// Heard notes a request of a kind that the dialect has a word for, of so many bytes, and
// returns when it is time for it.
func (c *Conn) Heard(kind string, bytes int) {
	c.log.Debug("received", "kind", kind, "bytes", bytes)
	if c.actor.User != 0 {
		_ = c.Service().AwaitTurn(c.ctx, c.actor) // what the person may not do, the request itself is told
	}
	if c.visit == nil {
		return
	}
	if err := c.visit.NoteCommand(c.ctx); err != nil {
		c.log.Error("cannot store what was shown", "session", c.name, "error", err)
	}
}

// Checked logs faults of ours, which the person is told nothing of, and returns err.
func (c *Conn) Checked(err error) error {
	if err != nil && forum.KindOf(err) == forum.Internal && c.ctx.Err() == nil && !errors.Is(err, context.Canceled) {
		c.log.Error("request failed", "session", c.name, "error", err)
	}
	return err
}

// sourceOf returns where a peer is: its IP address, without port and zone.
func sourceOf(addr net.Addr) string {
	if peer, err := netip.ParseAddrPort(addr.String()); err == nil {
		return peer.Addr().Unmap().WithZone("").String()
	}
	return addr.String()
}
