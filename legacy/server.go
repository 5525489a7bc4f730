package legacy

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"sshforum/forum"
	"sshforum/forum/gate"
	"sshforum/forum/rules"
)

// Config is the configuration of a Server. Gate, Refusal, Cut, Hold, Pieces and OneLogin may be
// zero; all other fields must be set.
type Config struct {
	Name    string // name of the door: in logs, and as rules.Actor.Door
	Service *rules.Service
	Logger  *slog.Logger
	Dialect Dialect
	Gate    *gate.Gate // checks connections from outside before they are served

	MaxClients int           // maximum number of connections at once
	LoginGrace time.Duration // maximum time from connecting to being logged in
	OneLogin   bool          // an account can be logged in only once at a time at this door

	Refusal    func(reason string) string // returns the message for a client that is refused; nil if there is none
	MaxMessage int                        // bytes that a client reads at a time; the maximum size of a message
	Gap        time.Duration              // between two messages without a request between them
	Pieces     time.Duration              // between the pieces of one message; Gap if 0
	Hold       time.Duration              // from the last message to closing, unless the client has closed

	// Cut is closed when the connections that have not finished since Serve was told to stop
	// are to be cut off. Until then Serve waits for them.
	Cut <-chan struct{}
}

// A Dialect talks with the clients of one old program.
type Dialect interface {
	// Serve talks with one client until it leaves or ctx ends. The cause of ctx is of kind
	// forum.Stopping if the server stops, forum.Limited if the client was too slow to log in,
	// or forum.Denied if its account was closed or banned. If the server stops, requests that
	// have begun are completed, for example with Conn.ReadOn. Serve sends the last messages to
	// the client before it returns; the connection is closed after that.
	Serve(ctx context.Context, c *Conn)
}

// Server is the door of one dialect.
type Server struct {
	cfg      Config
	log      *slog.Logger
	loggedIn registry

	life    context.Context // ends when the server stops; the reason is its cause
	stop    context.CancelCauseFunc
	numbers atomic.Uint64 // number of the last connection
	panics  atomic.Uint64

	mu       sync.Mutex
	open     map[*Conn]struct{}
	full     bool // the limit is reached, which was logged
	stopped  bool
	allEnded chan struct{} // closed when the server is stopped and open is empty
}

// New returns a server. Serve starts it.
func New(cfg Config) (*Server, error) {
	switch {
	case cfg.Name == "", cfg.Service == nil, cfg.Logger == nil, cfg.Dialect == nil:
		return nil, errors.New("an old door needs a name, a forum, a logger and a dialect")
	case cfg.MaxClients <= 0, cfg.LoginGrace <= 0, cfg.MaxMessage <= 0, cfg.Gap <= 0:
		return nil, errors.New("the limits of an old door must be above 0")
	}
	if cfg.Pieces == 0 {
		cfg.Pieces = cfg.Gap
	}
	s := &Server{cfg: cfg, log: cfg.Logger.With("door", cfg.Name), open: make(map[*Conn]struct{}), allEnded: make(chan struct{})}
	s.life, s.stop = context.WithCancelCause(context.Background())
	return s, nil
}

// Panics returns how many connections ended in a panic.
func (s *Server) Panics() uint64 { return s.panics.Load() }

// errStopping is the reason of connections that end because the server stops.
var errStopping = forum.Errorf(forum.Stopping, "Server shutting down")

// Serve serves the connections that ln accepts, until ctx ends or ln fails; it closes ln. Then
// the ctx of every dialect ends, so that it says goodbye. When all connections have ended, or
// Config.Cut is closed, Serve closes the connections and waits for their goroutines. The error
// is nil if ctx ended. Serve may be called once.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	defer context.AfterFunc(ctx, func() { _ = ln.Close() })()
	err := gate.Accept(ctx, ln, s.log, func(conn net.Conn) {
		if c := s.receive(conn); c != nil {
			go c.serve()
		}
	})
	_ = ln.Close()
	s.close()
	return err
}

// receive accepts a connection from outside if the gate admits it. Otherwise it closes the
// connection and returns nil.
func (s *Server) receive(conn net.Conn) *Conn {
	pass, err := s.cfg.Gate.AdmitPatient(conn.RemoteAddr(), conn.LocalAddr())
	if err != nil {
		s.refuse(conn, err.Error())
		return nil
	}
	c := s.accept(conn)
	if c == nil {
		pass.Close()
		return nil
	}
	c.pass = pass
	return c
}

// ServeOutside serves one connection from outside that Serve did not accept, such as a
// conversation by datagrams, until its end. It reports whether the gate and the limit of
// connections admitted it. Otherwise it is like ServeConn.
func (s *Server) ServeOutside(conn net.Conn) (passed bool) {
	c := s.receive(conn)
	if c == nil {
		return false
	}
	c.serve()
	return true
}

// ServeConn serves one connection that has been admitted already, such as a tunnel, until its
// end; pass may be nil. It may be called with or without Serve. Once the server stops, it
// closes conn at once.
func (s *Server) ServeConn(conn net.Conn, pass *gate.Pass) {
	if c := s.accept(conn); c != nil {
		c.pass = pass
		c.serve()
	}
}

// accept registers a connection. If there are too many, or the server stops, it closes the
// connection and returns nil.
func (s *Server) accept(conn net.Conn) *Conn {
	c := newConn(s, conn)
	if s.register(c) {
		return c
	}
	s.refuse(conn, "The server is full; try again later.")
	return nil
}

// refuse refuses a connection with a reason and closes it. A client that gets no reason may
// connect again and again.
func (s *Server) refuse(conn net.Conn, reason string) {
	_ = conn.SetWriteDeadline(time.Now().Add(writeWait))
	if s.cfg.Refusal != nil && s.life.Err() == nil {
		_, _ = conn.Write([]byte(s.cfg.Refusal(reason))) // a new connection has room for it
	}
	_ = conn.Close()
}

func (s *Server) register(c *Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	full := len(s.open) >= s.cfg.MaxClients
	if full && !s.full && !s.stopped {
		s.log.Warn("refusing connections: too many are open", "limit", s.cfg.MaxClients)
	}
	if s.full = full; full || s.stopped {
		return false
	}
	s.open[c] = struct{}{}
	return true
}

// remove removes a connection from open.
func (s *Server) remove(c *Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
	s.closeIfEmpty()
}

func (s *Server) closeIfEmpty() {
	if s.stopped && len(s.open) == 0 {
		close(s.allEnded)
	}
}

// close stops the server in two stages: first it waits for the connections to end, and then it
// cuts them off.
func (s *Server) close() {
	s.stop(errStopping)
	s.mu.Lock()
	s.stopped = true
	s.closeIfEmpty()
	s.mu.Unlock()
	select {
	case <-s.allEnded:
		return
	case <-s.cfg.Cut:
		s.log.Warn("cutting off connections that did not end in time")
	}
	s.each(func(c *Conn) { c.end(errStopping) })
	select {
	case <-s.allEnded:
		return
	case <-time.After(lingerWait):
	}
	s.each((*Conn).hangUp)
	<-s.allEnded
}

// each calls do for every connection.
func (s *Server) each(do func(*Conn)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.open {
		do(c)
	}
}
