package sshapp

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum/command"
	"sshforum/forum/gate"
	"sshforum/forum/rules"
	"sshforum/sshapp/exit"
	"sshforum/sshapp/files"
	"sshforum/sshapp/shell"
)

// Config is what a Server needs. ProxyFrom, Banner and Ciphers may be empty, EnvCount and
// EnvBytes may be 0, Tunnel and Cut may be nil, and of what is said to be without a limit,
// or off, so may be that; all else must be set.
type Config struct {
	Service  *rules.Service
	HostKeys []gossh.MultiAlgorithmSigner
	Logger   *slog.Logger

	Gate      *gate.Gate     // what every connection passes before it is heard
	ProxyFrom []netip.Prefix // whose connections begin with a PROXY header that is believed

	LoginGrace   time.Duration // from connecting to being logged in, registration included
	MaxAuthTries int           // failed attempts before a connection is closed
	PublicHost   string        // name people reach the server by; may be empty
	Banner       string        // shown before the login
	Ciphers      []string      // offered to all, out of gossh.SupportedAlgorithms; if empty, what suits each client

	// Cut is closed when sessions that have not finished since Serve was told to stop are
	// cut off. Until then Serve waits for them.
	Cut <-chan struct{}

	// Tunnel returns what serves the connections that people make by way of theirs to a
	// port of a host, if anything does. Without it there are none. The pass is one of
	// theirs: who fails to log in through a tunnel has failed on the connection.
	Tunnel func(host string, port uint32) (serve func(net.Conn, *gate.Pass), ok bool)

	SessionsPerConnection int // open at once
	OpenFiles             int // over SFTP, at once, in one connection
	EnvCount, EnvBytes    int // environment variables one session may send, and their size
	LineBytes             int // longest line of input

	// ReceiveRate and SendRate are bytes a second that a connection may take; 0 for no limit.
	ReceiveRate, SendRate int

	Keepalive      time.Duration // without a word from a client until it is asked for one; 0 for off
	KeepaliveCount int           // such questions without an answer before the connection ends
	StallTimeout   time.Duration // that a client may take nothing of what it is sent; 0 for ever
	IdleTimeout    time.Duration // that a session may wait for its person; 0 for ever
	UnusedTimeout  time.Duration // that a connection may have no session and no tunnel; 0 for ever
}

// A handler serves one session and sets its exit status. ctx ends when the session's
// channel or connection does, or, with a cause of kind forum.Stopping, when a server that
// stops cuts it off. Until then it may finish what it has begun, and nothing else, once
// Server.stopping has ended.
type handler func(ctx context.Context, sess *session, actor rules.Actor)

// Server is the SSH door.
type Server struct {
	cfg        Config
	log        *slog.Logger
	shell      handler            // for shell and exec requests
	subsystems map[string]handler // by name; others are refused

	commands *shell.Handler // what sessions give commands to
	files    *files.Handler // and ask for files

	stopping context.Context // ends when Serve is told to stop, with exit.ErrStopping as its cause
	stop     context.CancelCauseFunc

	numbers  atomic.Uint64 // of connections
	sessions tally
	panics   atomic.Uint64
}

// New returns a server that Serve starts.
func New(cfg Config) (*Server, error) {
	switch {
	case cfg.Service == nil, cfg.Logger == nil, cfg.Gate == nil:
		return nil, errors.New("the SSH server needs a forum, a logger and a gate")
	case len(cfg.HostKeys) == 0:
		return nil, errors.New("the SSH server needs a host key")
	case cfg.LoginGrace <= 0, cfg.MaxAuthTries <= 0, cfg.SessionsPerConnection <= 0, cfg.OpenFiles <= 0, cfg.LineBytes <= 0:
		return nil, errors.New("the limits of the SSH server must be above 0")
	}
	if err := checkCiphers(cfg.Ciphers); err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, log: cfg.Logger, sessions: newTally()}
	s.stopping, s.stop = context.WithCancelCause(context.Background())
	s.shell = s.session
	s.subsystems = map[string]handler{"sftp": s.sftp}
	if err := s.makeServices(); err != nil {
		return nil, err
	}
	return s, nil
}

// makeServices makes what sessions are served by, from the configuration.
func (s *Server) makeServices() error {
	table, err := command.Standard()
	if err != nil {
		return err
	}
	s.files = files.New(files.Config{
		Service: s.cfg.Service, Commands: table, Stopping: s.stopping,
		OpenFiles: s.cfg.OpenFiles, IdleTimeout: s.cfg.IdleTimeout,
	})
	s.commands = shell.New(shell.Config{
		Service: s.cfg.Service, Commands: table, Logger: s.log, Stopping: s.stopping, Files: s.files.Files,
		PublicHost: s.cfg.PublicHost, LineBytes: s.cfg.LineBytes, IdleTimeout: s.cfg.IdleTimeout,
	})
	return nil
}

// Panics returns how many sessions ended in a panic.
func (s *Server) Panics() uint64 { return s.panics.Load() }

// Serve serves the connections that ln accepts, until ctx ends or ln fails; it closes ln.
// Then it stops in two stages. From now on nothing new is begun, sessions that wait for
// their person end, and others may finish. What has not when Config.Cut is closed is told
// so and cut off. Serve returns when every client has closed its connection, or has not
// done so for exit.Farewell after its last session. The error is nil when ctx ended. Serve can
// be called once.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	stop := sync.OnceValue(func() (gone <-chan struct{}) {
		gone = s.sessions.close() // before anyone can see that the server stops
		_ = ln.Close()
		s.stop(exit.ErrStopping)
		return gone
	})
	defer context.AfterFunc(ctx, func() { stop() })()
	life, cut := context.WithCancelCause(context.WithoutCancel(ctx))
	closing, closeAll := context.WithCancel(context.WithoutCancel(ctx))
	var connections sync.WaitGroup
	err := gate.Accept(ctx, ln, s.log, func(conn net.Conn) {
		connections.Go(func() { s.serve(life, closing, conn) })
	})
	gone := stop()
	s.log.Info("SSH server stopping")
	select {
	case <-gone:
	case <-s.cfg.Cut:
		s.log.Warn("cutting off sessions that did not end in time")
		cut(exit.ErrStopping)
		within(exit.Farewell, gone)
	}
	closeAll()
	connections.Wait()
	cut(nil)
	<-gone
	return err
}

// within waits for done, but no longer than d.
func within(d time.Duration, done <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}
