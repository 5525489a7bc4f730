package sshapp

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"charm.land/ssh"
	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum/command"
	"sshforum/forum/rules"
	"sshforum/sshapp/exit"
	"sshforum/sshapp/files"
	"sshforum/sshapp/sshlog"
)

// channel stands between a client's "session" channel and the library. The library grants
// requests that the forum refuses: it agrees to forward the agent, keeps any number of
// environment variables, and it blocks on a window change that nobody reads.
type channel struct {
	gossh.NewChannel
	connection *connection
	server     *Server
	log        *slog.Logger
	ctx        context.Context // of its session
	end        context.CancelCauseFunc
	actor      rules.Actor

	accepted           gossh.Channel
	window             resizes
	envCount, envBytes int
	starts             int // requests to start something

	interrupt atomic.Pointer[func()] // called for the signal INT; nil if INT ends the session
	exiting   sync.Once

	serve   handler
	started bool // counted among the server's sessions
	running sync.WaitGroup
}

// Accept opens the channel; the requests it returns are those that filter grants.
func (ch *channel) Accept() (gossh.Channel, <-chan *gossh.Request, error) {
	accepted, requests, err := ch.NewChannel.Accept()
	if err != nil {
		return nil, nil, err
	}
	accepted, over := ch.connection.stream(accepted)
	ch.accepted = accepted
	granted := make(chan *gossh.Request)
	go func() {
		defer close(granted)
		defer over()
		for req := range requests {
			ch.connection.link.Took(len(req.Payload))
			ch.filter(req, granted)
		}
	}()
	return accepted, granted, nil
}

// filter grants, answers or refuses a request.
func (ch *channel) filter(req *gossh.Request, granted chan<- *gossh.Request) {
	switch req.Type {
	case "pty-req", "shell", "exec", "subsystem":
		if ch.starts++; ch.starts <= maxStarts && (req.Type != "pty-req" || takesTerminal(req.Payload)) {
			granted <- req
			return
		}
	case "env":
		if ch.takesEnv(req.Payload) {
			granted <- req
			return
		}
	case "window-change":
		_ = req.Reply(ch.resize(req.Payload), nil)
		return
	case "signal":
		if name, ok := signalName(req.Payload); ok {
			granted <- req // the library does nothing with it, but takes it only after it has started the requests before
			_ = req.Reply(ch.started, nil)
			ch.signal(name)
			return
		}
	}
	ch.connection.slowRefusals(ch.ctx)
	_ = req.Reply(false, nil)
}

// maxStarts limits the requests of one channel for a terminal or for something to run. One of
// each is useful, and a client may try another after a refusal.
const maxStarts = 8

// envNames and envPrefixes are the environment variables a client may set.
var (
	envNames    = []string{"LANG", "TERM", "COLORTERM", "NO_COLOR"}
	envPrefixes = []string{"LC_", "FORUM_"}
)

// takesEnv reports whether the session may set a variable (RFC 4254, section 6.4), and counts
// the variable if so.
func (ch *channel) takesEnv(payload []byte) bool {
	var env struct{ Name, Value string }
	if gossh.Unmarshal(payload, &env) != nil {
		return false
	}
	known := slices.Contains(envNames, env.Name) ||
		slices.ContainsFunc(envPrefixes, func(p string) bool { return strings.HasPrefix(env.Name, p) })
	size := len(env.Name) + len(env.Value)
	if !known || ch.envCount >= ch.server.cfg.EnvCount || size > ch.server.cfg.EnvBytes-ch.envBytes {
		return false
	}
	ch.envCount++
	ch.envBytes += size
	return true
}

// maxTerm limits the name of a terminal type, in bytes; it is more than any such name has.
const maxTerm = 128

// takesTerminal reports whether a client may have the terminal it asks for (RFC 4254, section
// 6.2). The name of its type is kept as long as the session.
func takesTerminal(payload []byte) bool {
	var terminal struct {
		Term string
		Rest []byte `ssh:"rest"`
	}
	return gossh.Unmarshal(payload, &terminal) == nil && len(terminal.Term) <= maxTerm
}

// resize passes on the terminal's new size (RFC 4254, section 6.7). It returns false if payload
// cannot be read.
func (ch *channel) resize(payload []byte) bool {
	var size struct{ Columns, Rows, Width, Height uint32 }
	if gossh.Unmarshal(payload, &size) != nil {
		return false
	}
	ch.window.resize(usable(ssh.Window{Width: int(size.Columns), Height: int(size.Rows)}))
	return true
}

// start decides on a request to run something. A channel runs at most one thing.
func (ch *channel) start(sess ssh.Session, kind string) bool {
	ch.serve = ch.server.shell
	if kind == "subsystem" {
		ch.serve = ch.server.subsystems[sess.Subsystem()]
	}
	if ch.serve == nil {
		return false
	}
	if !ch.server.sessions.begin() {
		ch.server.commands.Explain(sess, exit.ErrStopping)
		return false
	}
	ch.started = true
	ch.running.Add(1)
	return true
}

// ended is called after the client has closed the channel and its session has ended. A session
// counts until then, so a server that stops waits until the client has taken the exit status.
func (ch *channel) ended() {
	if ch.started {
		ch.server.sessions.end()
	}
}

// run serves the session that start accepted. A panic ends only this session.
func (ch *channel) run(sess ssh.Session) {
	defer ch.running.Done()
	defer func() {
		if cause := recover(); cause != nil {
			ch.server.panics.Add(1)
			ch.log.Error("panic in a session", "session", ch.actor.Session, "user", ch.actor.Name,
				"panic", sshlog.Text(fmt.Sprint(cause)), "stack", string(debug.Stack()))
			_, _ = fmt.Fprintln(sess.Stderr(), command.Explain(nil))
			_ = ch.exit(exit.Failed)
		}
	}()
	ch.serve(ch.ctx, &session{Session: sess, channel: ch}, ch.actor)
}

// session is the library's session with the methods that its channel replaces or adds.
type session struct {
	ssh.Session
	channel *channel
}

// Exit ends the session with a status, unless it has ended.
func (s *session) Exit(status int) error { return s.channel.exit(status) }

// Pty returns the terminal that the client asked for. The returned channel of size changes is
// nil: changes go to OnResize.
func (s *session) Pty() (ssh.Pty, <-chan ssh.Window, bool) {
	pty, _, ok := s.Session.Pty()
	pty.Window = usable(pty.Window)
	return pty, nil, ok
}

// Log returns the session's logger, which is within its connection's budget.
func (s *session) Log() *slog.Logger { return s.channel.connection.budget.On(s.channel.server.log) }

// Limits returns the limits on the open files of the session's connection.
func (s *session) Limits() *files.Limits { return s.channel.connection.limits }

// OnResize makes f, which must be quick, be called with each new size of the terminal, and at
// once if a size has already come. A nil f ends the calls.
func (s *session) OnResize(f func(ssh.Window)) { s.channel.window.listen(f) }

// OnInterrupt makes f, which must be quick, be called for the signal INT, which then does not
// end the session.
func (s *session) OnInterrupt(f func()) { s.channel.interrupt.Store(&f) }

// Raw returns a writer to the terminal without the library's conversion of line ends, for
// callers that write the line ends a terminal needs.
func (s *session) Raw() io.Writer { return s.channel.accepted }

// resizes passes on the sizes of a terminal.
type resizes struct {
	mu       sync.Mutex
	listener func(ssh.Window) // nil if nobody listens
	last     ssh.Window       // the last size; the zero Window before the first
}

func (r *resizes) resize(w ssh.Window) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last = w; r.listener != nil {
		r.listener(w)
	}
}

func (r *resizes) listen(f func(ssh.Window)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.listener = f; f != nil && r.last != (ssh.Window{}) {
		f(r.last)
	}
}

// maxSide bounds a window's columns and rows: output is laid out for them.
const maxSide = 1000

// usable returns w with each side in bounds. A side of 0 or less is unknown and becomes 80
// columns or 24 rows.
func usable(w ssh.Window) ssh.Window {
	if w.Width <= 0 {
		w.Width = 80
	}
	if w.Height <= 0 {
		w.Height = 24
	}
	return ssh.Window{Width: min(w.Width, maxSide), Height: min(w.Height, maxSide)}
}
