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

// Config is the configuration of a Server. ProxyFrom, PublicHost, Banner and Ciphers may be
// empty, and EnvCount and EnvBytes may be 0. Tunnel and Cut may be nil, and a field may be 0 if
// its comment says what 0 means. All other fields must be set.
type Config struct {
	Service  *rules.Service
	HostKeys []gossh.MultiAlgorithmSigner
	Logger   *slog.Logger

	Gate      *gate.Gate     // every connection passes it before anything is read
	ProxyFrom []netip.Prefix // networks of the proxies whose PROXY header is believed

	LoginGrace   time.Duration // from connecting to being logged in, registration included
	MaxAuthTries int           // failed attempts before a connection is closed
	PublicHost   string        // name by which people reach the server
	Banner       string        // shown before the login
	Ciphers      []string      // offered to all, from gossh.SupportedAlgorithms; if empty, chosen for each client

	// Cut is closed when sessions that have not ended since Serve began to stop are to be cut
	// off. Until then Serve waits for them.
	Cut <-chan struct{}

	// Tunnel returns the function that serves the connections that people open through theirs
	// to a port of a host; ok is false if there is none. If Tunnel is nil there are no tunnels.
	// The pass is one of the person's connection: a failed login through a tunnel counts as a
	// failure of that connection.
	Tunnel func(host string, port uint32) (serve func(net.Conn, *gate.Pass), ok bool)

	SessionsPerConnection int // open at once
	OpenFiles             int // over SFTP, at once, in one connection
	EnvCount, EnvBytes    int // environment variables one session may send, and their size
	LineBytes             int // longest line of input

	// ReceiveRate and SendRate limit a connection's bytes per second; 0 means no limit.
	ReceiveRate, SendRate int

	Keepalive      time.Duration // silence of a client after which it is asked for a sign of life; 0 means never
	KeepaliveCount int           // unanswered such requests before the connection ends
	StallTimeout   time.Duration // how long a client may take nothing of its output; 0 means for ever
	IdleTimeout    time.Duration // how long a session may wait for its person; 0 means for ever
	UnusedTimeout  time.Duration // how long a connection may have no session and no tunnel; 0 means for ever
}

// A handler serves one session and sets its exit status. ctx ends when the session's channel or
// connection does, or, with a cause of kind forum.Stopping, when a server that stops cuts it
// off. Between the end of Server.stopping and that of ctx it may only finish what it has begun.
type handler func(ctx context.Context, sess *session, actor rules.Actor)

// Server is the SSH door.
type Server struct {
	cfg        Config
	log        *slog.Logger
	shell      handler            // for shell and exec requests
	subsystems map[string]handler // by name; others are refused

	commands *shell.Handler // serves sessions that give commands
	files    *files.Handler // serves sessions that ask for files

	stopping context.Context // ends, with the cause exit.ErrStopping, when Serve begins to stop
	stop     context.CancelCauseFunc

	numbers  atomic.Uint64 // of connections
	sessions tally
	panics   atomic.Uint64
}

// New returns a server. Serve starts it.
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
	if err := s.makeHandlers(); err != nil {
		return nil, err
	}
	return s, nil
}

// makeHandlers makes the handlers of commands and of files.
func (s *Server) makeHandlers() error {
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

// Serve serves the connections that ln accepts, until ctx ends or ln fails; it closes ln. Then
// it stops in two stages. First, nothing new begins, sessions that wait for their person end,
// and others may finish. Second, when Config.Cut is closed, the remaining sessions are told so
// and cut off. Serve returns when every client has closed its connection, or exit.Farewell
// after the client's last session. The error is nil if ctx ended. Serve can be called once.
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

// within waits for done, but at most for d.
func within(d time.Duration, done <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}
