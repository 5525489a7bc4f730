package sshapp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"charm.land/ssh"
	"charm.land/wish/v2"
	gossh "golang.org/x/crypto/ssh"
	"golang.org/x/time/rate"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/gate"
	"sshforum/forum/rules"
	"sshforum/sshapp/exit"
	"sshforum/sshapp/files"
	"sshforum/sshapp/sshlog"
	"sshforum/sshapp/wire"
)

// connection is one network connection with its login and its sessions.
type connection struct {
	server  *Server
	life    context.Context // ends, with a cause, when the connection is to end or its sessions are cut off
	ending  context.CancelCauseFunc
	link    *wire.Link
	opening *wire.Opening
	number  uint64
	source  string
	budget  *sshlog.Budget
	log     *slog.Logger // within the budget
	pass    *gate.Pass
	login   *login
	failure gate.Reason // the penalty's reason if nobody logs in

	keepalive *wire.Keepalive
	exchanges *keyExchanges
	refusals  *rate.Limiter // of requests
	refusing  atomic.Int32  // channels whose refusal is not yet sent
	dropping  sync.Once
	limits    *files.Limits

	mu         sync.Mutex
	open       int         // sessions and tunnels that are open
	sessions   int         // number of channels opened so far
	lastClosed time.Time   // when the last channel was closed
	unused     *time.Timer // nil before the login, or without a timeout
}

// serve runs one connection to its end, if it passes the gate; closing ends when the connection
// is to be closed. Each connection has a library server of its own, so that the library's
// callbacks are closures over the connection instead of look-ups.
func (s *Server) serve(life, closing context.Context, accepted net.Conn) {
	entered := context.AfterFunc(closing, func() { _ = accepted.Close() })
	conn, pass := s.passGate(accepted)
	entered()
	if pass == nil {
		return
	}
	defer pass.Close()
	c := s.newConnection(life, conn, pass)
	defer c.ending(nil)
	defer c.login.leave()
	pass.OnEviction(func(cause error) { c.end(forum.Errorf(forum.Denied, "%s", cause)) })
	defer context.AfterFunc(closing, c.hangUp)()
	c.log.Debug("connection opened")
	defer c.log.Debug("connection closed")
	defer func() { c.budget.End(s.log.With("connection", c.number, "source", c.source)) }()
	library, err := wish.NewServer(c.configure)
	if err != nil {
		c.log.Error("serve connection", "error", err)
		_ = conn.Close()
		return
	}
	library.HandleConn(c.opening)
	c.unwatch()
	if !c.login.loggedIn {
		pass.Punish(c.failure) // still Crash if the library reported no failure
	}
}

func (s *Server) newConnection(life context.Context, conn net.Conn, pass *gate.Pass) *connection {
	life, ending := context.WithCancelCause(life)
	c := &connection{
		server: s, life: life, ending: ending, pass: pass, failure: gate.Crash,
		number: s.numbers.Add(1), source: sourceOf(conn.RemoteAddr()),
		refusals: newRefusals(), limits: files.NewLimits(s.cfg.OpenFiles),
	}
	c.budget = sshlog.NewBudget()
	c.log = c.budget.On(s.log).With("connection", c.number, "source", c.source)
	c.link = wire.NewLink(conn, s.cfg.ReceiveRate, s.cfg.SendRate,
		func() { c.drop("the client reads nothing") }, func() { c.drop("the client sends data that nobody reads") })
	c.exchanges = &keyExchanges{moved: c.link.Moved, over: life.Done()}
	c.opening = &wire.Opening{Conn: c.link}
	c.login = &login{forum: s.cfg.Service, source: c.source, log: c.log, pass: pass, onLogin: c.watch, end: c.end, drop: c.drop}
	return c
}

// end ends the connection's sessions with the cause, and closes the connection after
// exit.Farewell.
func (c *connection) end(cause error) {
	c.ending(cause)
	time.AfterFunc(exit.Farewell, func() { _ = c.link.Close() })
}

// endReason returns the reason why nothing new may begin on the connection, or nil.
func (c *connection) endReason() error {
	return cmp.Or(context.Cause(c.life), context.Cause(c.server.stopping))
}

// hangUp closes the connection once exit.Farewell has passed since its last session ended, so
// that the client can close it first.
func (c *connection) hangUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	time.AfterFunc(time.Until(c.lastClosed.Add(exit.Farewell)), func() { _ = c.link.Close() })
}

// configure sets up the library's server. It switches on nothing that the library offers by
// itself, such as forwarding: channels and global requests of other kinds are refused.
func (c *connection) configure(library *ssh.Server) error {
	for _, key := range c.server.cfg.HostKeys {
		library.AddHostKey(hostKey{key, c.exchanges})
	}
	library.HandshakeTimeout = c.server.cfg.LoginGrace
	library.ServerConfigCallback = c.handshake
	library.ConnectionFailedCallback = func(_ net.Conn, err error) { c.notLoggedIn(err) }
	library.ChannelHandlers = map[string]ssh.ChannelHandler{"session": c.openSession, "default": c.openOther}
	library.RequestHandlers = map[string]ssh.RequestHandler{"default": c.refuseRequest}
	if c.server.cfg.Tunnel != nil {
		library.ChannelHandlers["direct-tcpip"] = c.openTunnel
	}
	return nil
}

// handshake returns the configuration of one handshake. The library calls it after the login
// grace has begun. ctx ends with the connection.
func (c *connection) handshake(ctx ssh.Context) *gossh.ServerConfig {
	cfg := c.server.cfg
	config := &gossh.ServerConfig{MaxAuthTries: cfg.MaxAuthTries, ServerVersion: serverVersion}
	setAlgorithms(config, c.ciphers())
	if cfg.Banner != "" {
		config.BannerCallback = func(gossh.ConnMetadata) string { return cfg.Banner + "\r\n" }
	}
	c.login.ctx = ctx
	c.login.install(config)
	return config
}

func (c *connection) notLoggedIn(err error) {
	level, message := slog.LevelDebug, "connection ended before login"
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		level, message, c.failure = slog.LevelInfo, "login timed out", gate.GraceExceeded
	case errors.Is(err, wire.ErrUnlistedProxy):
		level, c.failure = slog.LevelInfo, gate.Refused
	case c.exchanges.tooMany.Load():
		level, err, c.failure = slog.LevelInfo, errManyExchanges, gate.Refused
	case c.login.refused:
		c.failure = gate.Refused
	default:
		c.failure = c.login.failure()
	}
	c.log.Log(context.Background(), level, message, "error", sshlog.Text(err.Error()))
}

// openSession serves one "session" channel (RFC 4254, section 6) until the channel is closed
// and its session has ended.
func (c *connection) openSession(library *ssh.Server, conn *gossh.ServerConn, offered gossh.NewChannel, ctx ssh.Context) {
	user, number, ok := c.openChannel(ctx, conn, offered)
	if !ok {
		return
	}
	sessionCtx, cancel := context.WithCancelCause(ctx)
	defer context.AfterFunc(c.life, func() { cancel(context.Cause(c.life)) })()
	ch := &channel{
		NewChannel: offered, connection: c, server: c.server, log: c.log, ctx: sessionCtx, end: cancel,
		actor: rules.Actor{
			User: user.ID, Name: user.Name, Session: fmt.Sprintf("%d.%d", c.number, number), Source: c.source,
		},
	}
	defer ch.ended()
	defer c.channelClosed()
	defer ch.running.Wait()
	defer cancel(nil)
	ssh.DefaultSessionHandler(&ssh.Server{
		PtyHandler:             library.PtyHandler,
		SessionRequestCallback: ch.start,
		Handler:                ch.run,
		SubsystemHandlers:      map[string]ssh.SubsystemHandler{"default": ch.run},
	}, conn, ch, ctx)
}

// openChannel counts one more open channel for the account that logged in and numbers it, or
// refuses it. An accepted channel counts as open until channelClosed.
func (c *connection) openChannel(ctx context.Context, conn *gossh.ServerConn, offered gossh.NewChannel) (user forum.User, number int, ok bool) {
	user, ok = account(conn)
	if !ok {
		c.log.Error("channel of an unproven account refused", "user", sshlog.Text(conn.User()))
		_ = conn.Close()
		return user, 0, false
	}
	if err := c.endReason(); err != nil {
		c.refuse(ctx, offered, gossh.Prohibited, command.Explain(err))
		return user, 0, false
	}
	number, ok = c.countSession()
	if !ok {
		c.log.Info("session refused: too many are open", "user", user.Name)
		c.refuse(ctx, offered, gossh.ResourceShortage, fmt.Sprintf("at most %d sessions at once", c.server.cfg.SessionsPerConnection))
	}
	return user, number, ok
}

// countSession counts one more open session and returns its number, or returns false if too
// many are open.
func (c *connection) countSession() (number int, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open >= c.server.cfg.SessionsPerConnection {
		return 0, false
	}
	c.open++
	c.sessions++
	if c.unused != nil {
		c.unused.Stop()
	}
	return c.sessions, true
}

func (c *connection) channelClosed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastClosed = time.Now()
	if c.open--; c.open == 0 && c.unused != nil {
		c.unused.Reset(c.server.cfg.UnusedTimeout)
	}
}

// sourceOf returns the IP address of a peer, without port and zone.
func sourceOf(addr net.Addr) string {
	if peer, err := netip.ParseAddrPort(addr.String()); err == nil {
		return peer.Addr().Unmap().WithZone("").String()
	}
	return addr.String()
}
