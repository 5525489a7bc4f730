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

// Conn is the connection with one client. Reads are for the goroutine of Serve; Reply, Push and
// Stream may be called from any goroutine.
type Conn struct {
	input
	output
	server *Server
	conn   net.Conn
	source string
	shared bool   // the source stands for everybody on this machine
	name   string // name of the session, as in logs
	log    *slog.Logger

	ctx        context.Context // ends with the connection; the reason is its cause
	end        context.CancelCauseFunc
	requestCtx context.Context // ends with ctx, or when the server stops; no more requests are read then
	close      func()          // may be called more than once
	grace      *time.Timer
	goroutines sync.WaitGroup

	actor rules.Actor
	visit *rules.Visit // nil before login

	pass    *gate.Pass  // nil if the connection did not pass a gate
	failure gate.Reason // reason of the last failed login; "" if there is none
}

// lingerWait is how long a client that was told goodbye may take to hang up. If a connection is
// closed with input unread, the last output is lost.
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

// serve serves the client until the connection ends.
func (c *Conn) serve() {
	defer c.server.remove(c)
	defer c.pass.Close()
	c.log.Debug("connection opened")
	defer c.log.Debug("connection closed")
	asking, stop := context.WithCancelCause(c.ctx)
	defer context.AfterFunc(c.server.life, func() { stop(context.Cause(c.server.life)) })()
	c.requestCtx = asking
	c.pass.OnEviction(func(cause error) { c.end(forum.Errorf(forum.Denied, "%s", cause)) })
	c.grace = time.AfterFunc(c.server.cfg.LoginGrace, func() { c.end(errTooSlow) })
	go c.pump(c.conn)
	if c.containPanic(func() { c.server.cfg.Dialect.Serve(c.requestCtx, c) }) && c.actor.Name == "" {
		c.failure = gate.Crash
	}
	c.grace.Stop()
	c.end(nil)
	c.goroutines.Wait()
	c.leave()
	c.finish()
	c.punishFailure()
}

// punishFailure reports a failed login to the gate, when the next login succeeds or the
// connection ends. A client that does not log in, or is slow to, is not punished: clients
// connect before their person has typed anything.
func (c *Conn) punishFailure() {
	if c.failure != "" {
		c.pass.Punish(c.failure)
		c.failure = ""
	}
}

var errTooSlow = forum.Errorf(forum.Limited, "You took too long to log in")

// containPanic runs fn, and reports whether it panicked. A panic ends only this connection.
func (c *Conn) containPanic(fn func()) (panicked bool) {
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

// Go runs fn in a goroutine, for example to push events of the forum. fn must return when its
// ctx ends, which is that of Serve; the connection is closed only after that.
func (c *Conn) Go(fn func(ctx context.Context)) {
	c.goroutines.Go(func() { c.containPanic(func() { fn(c.requestCtx) }) })
}

// LogOut lets the account log in again, before the client is told goodbye. A client that has
// read the goodbye may connect again at once.
func (c *Conn) LogOut() { c.server.loggedIn.release(c) }

// leave ends the account's login and its visit.
func (c *Conn) leave() {
	c.server.loggedIn.release(c)
	if c.visit == nil {
		return
	}
	if err := c.visit.Leave(c.ctx); err != nil {
		c.log.Error("cannot end a visit", "session", c.name, "error", err)
	}
}

// finish closes the connection when the client has closed its end, or after Config.Hold and
// lingerWait.
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

// Service returns the service of the forum.
func (c *Conn) Service() *rules.Service { return c.server.cfg.Service }

// Log returns the logger of the connection. Texts and passwords of people must not be logged.
func (c *Conn) Log() *slog.Logger { return c.log }

// Addr returns the client's IP address.
func (c *Conn) Addr() string { return c.source }

// Heard logs a request of a kind, whose size is in bytes, and stores what was shown before it.
// It returns when the account may have its turn. Callers call it only for kinds that the
// dialect knows.
func (c *Conn) Heard(kind string, bytes int) {
	c.log.Debug("received", "kind", kind, "bytes", bytes)
	if c.actor.User != 0 {
		_ = c.Service().AwaitTurn(c.ctx, c.actor) // the request itself returns any error
	}
	if c.visit == nil {
		return
	}
	if err := c.visit.NoteCommand(c.ctx); err != nil {
		c.log.Error("cannot store what was shown", "session", c.name, "error", err)
	}
}

// Checked logs errors of kind Internal, which clients see without details, and returns err.
func (c *Conn) Checked(err error) error {
	if err != nil && forum.KindOf(err) == forum.Internal && c.ctx.Err() == nil && !errors.Is(err, context.Canceled) {
		c.log.Error("request failed", "session", c.name, "error", err)
	}
	return err
}

// sourceOf returns the IP address of a peer, without port and zone.
func sourceOf(addr net.Addr) string {
	if peer, err := netip.ParseAddrPort(addr.String()); err == nil {
		return peer.Addr().Unmap().WithZone("").String()
	}
	return addr.String()
}
