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

// Config is what a Server needs. Gate, Refusal, Cut, Hold, Pieces and OneLogin may be
// zero; all else must be set.
type Config struct {
	Name    string // of the door: in logs, and as rules.Actor.Door
	Service *rules.Service
	Logger  *slog.Logger
	Dialect Dialect
	Gate    *gate.Gate // what connections from outside pass before they are heard

	MaxClients int           // connections at once
	LoginGrace time.Duration // from connecting to being logged in
	OneLogin   bool          // a person can be logged in once at a time at this door

	Refusal    func(reason string) string // what a client reads that is closed at once; nil for nothing
	MaxMessage int                        // bytes a client reads at a time; no message is longer
	Gap        time.Duration              // between messages that the client did not ask for in between
	Pieces     time.Duration              // between the pieces of one message; Gap if 0
	Hold       time.Duration              // from the last message to closing, unless the client has closed

	// Cut is closed when connections that have not finished since Serve was told to stop
	// are cut off. Until then Serve waits for them.
	Cut <-chan struct{}
}

// A Dialect talks with the clients of one old program.
type Dialect interface {
	// Serve talks with one client until it leaves or ctx ends; the cause of ctx is then
	// of kind forum.Stopping when the server stops, forum.Limited when the client was
	// too slow to log in, or forum.Denied when its account was closed or it was banned.
	// When the server stops, what the client has begun is brought to its end, as with
	// Conn.ReadOn. What the client must hear before its connection is closed, Serve says
	// before it returns.
	Serve(ctx context.Context, c *Conn)
}

// Server is the door of one dialect.
type Server struct {
	cfg  Config
	log  *slog.Logger
	here registry

	life    context.Context // ends when the server stops, with the reason as its cause
	stop    context.CancelCauseFunc
	numbers atomic.Uint64 // of connections
	panics  atomic.Uint64

	mu      sync.Mutex
	open    map[*Conn]struct{}
	full    bool // and said so in the log
	stopped bool
	gone    chan struct{} // closed when stopped and none is open
}

// New returns a server that Serve starts.
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
	s := &Server{cfg: cfg, log: cfg.Logger.With("door", cfg.Name), open: make(map[*Conn]struct{}), gone: make(chan struct{})}
	s.life, s.stop = context.WithCancelCause(context.Background())
	return s, nil
}

// Panics returns how many connections ended in a panic.
func (s *Server) Panics() uint64 { return s.panics.Load() }

// errStopping is why conversations end when the server does.
var errStopping = forum.Errorf(forum.Stopping, "Server shutting down")

// Serve serves the connections that ln accepts, until ctx ends or ln fails; it closes ln.
// Then every dialect is told by its ctx to say goodbye. When all have gone, or Config.Cut
// is closed, Serve closes the connections and waits for what served them. The error is nil
// when ctx ended. Serve can be called once.
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

// receive lets a connection from outside in, if the gate lets it pass, or closes it.
func (s *Server) receive(conn net.Conn) *Conn {
	pass, err := s.cfg.Gate.AdmitPatient(conn.RemoteAddr(), conn.LocalAddr())
	if err != nil {
		s.turnAway(conn, err.Error())
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
// conversation by datagrams, until its end, if the gate lets it pass, and reports whether
// it did. Otherwise it is as ServeConn.
func (s *Server) ServeOutside(conn net.Conn) (passed bool) {
	c := s.receive(conn)
	if c == nil {
		return false
	}
	c.serve()
	return true
}

// ServeConn serves one connection that is let in already, such as a tunnel, until its end;
// pass may be nil. It may be called whether Serve was called or not; once the server stops
// it closes conn at once.
func (s *Server) ServeConn(conn net.Conn, pass *gate.Pass) {
	if c := s.accept(conn); c != nil {
		c.pass = pass
		c.serve()
	}
}

// accept counts one more connection, or closes it when there are too many or the server
// stops.
func (s *Server) accept(conn net.Conn) *Conn {
	c := newConn(s, conn)
	if s.register(c) {
		return c
	}
	s.turnAway(conn, "The server is full; try again later.")
	return nil
}

// turnAway closes a connection that is not let in, and says why: a client that is told
// nothing may ask for ever.
func (s *Server) turnAway(conn net.Conn, reason string) {
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

// ended forgets a connection.
func (s *Server) ended(c *Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
	s.closeIfEmpty()
}

func (s *Server) closeIfEmpty() {
	if s.stopped && len(s.open) == 0 {
		close(s.gone)
	}
}

// close stops the server in two stages.
func (s *Server) close() {
	s.stop(errStopping)
	s.mu.Lock()
	s.stopped = true
	s.closeIfEmpty()
	s.mu.Unlock()
	select {
	case <-s.gone:
		return
	case <-s.cfg.Cut:
		s.log.Warn("cutting off connections that did not end in time")
	}
	s.each(func(c *Conn) { c.end(errStopping) })
	select {
	case <-s.gone:
		return
	case <-time.After(lingerWait):
	}
	s.each((*Conn).hangUp)
	<-s.gone
}

// each calls do for every connection.
func (s *Server) each(do func(*Conn)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.open {
		do(c)
	}
}
