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

// channel stands between a client's "session" channel and the library, which grants
// requests we do not: it agrees to forward the agent, keeps any number of environment
// variables, and blocks on a window change that nobody reads.
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

	interrupt atomic.Pointer[func()] // takes INT; nil where it ends the session
	exiting   sync.Once

	serve   handler
	started bool // counts among the server's sessions
	running sync.WaitGroup
}

// Accept opens the channel; the requests it returns are those granted so far.
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

// filter hands a request on, answers it, or refuses it.
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
			granted <- req // is nothing to the library, which takes it when it has started what came before
			_ = req.Reply(ch.started, nil)
			ch.signal(name)
			return
		}
	}
	ch.connection.slowRefusals(ch.ctx)
	_ = req.Reply(false, nil)
}

// maxStarts is how many requests of one channel may be about a terminal or something to
// run. One of each is of use, and a client may try another where one was refused.
const maxStarts = 8

// envNames and envPrefixes are the environment variables a client may set.
var (
	envNames    = []string{"LANG", "TERM", "COLORTERM", "NO_COLOR"}
	envPrefixes = []string{"LC_", "FORUM_"}
)

// takesEnv reports whether a variable (RFC 4254, section 6.4) may be set, and counts it.
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

// maxTerm is more than the name of any kind of terminal takes, in bytes.
const maxTerm = 128

// takesTerminal reports whether a client may have such a terminal (RFC 4254, section
// 6.2). Its name is kept as long as the session.
func takesTerminal(payload []byte) bool {
	var terminal struct {
		Term string
		Rest []byte `ssh:"rest"`
	}
	return gossh.Unmarshal(payload, &terminal) == nil && len(terminal.Term) <= maxTerm
}

// resize takes the terminal's new size (RFC 4254, section 6.7).
func (ch *channel) resize(payload []byte) bool {
	var size struct{ Columns, Rows, Width, Height uint32 }
	if gossh.Unmarshal(payload, &size) != nil {
		return false
	}
	ch.window.resize(usable(ssh.Window{Width: int(size.Columns), Height: int(size.Rows)}))
	return true
}

// start decides on a request to run something, of which a channel has one.
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

// ended comes when the client has closed the channel, and what was started has ended. A
// session counts until then, so that a server that stops waits for its client to take the
// exit status.
func (ch *channel) ended() {
	if ch.started {
		ch.server.sessions.end()
	}
}

// run serves the session that start let begin. A panic costs this session alone.
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

// session is the library's session with what its channel knows better.
type session struct {
	ssh.Session
	channel *channel
}

// Exit ends the session with a status, unless it has ended.
func (s *session) Exit(status int) error { return s.channel.exit(status) }

// Pty returns the terminal the client asked for. Its channel of changes is nil: they go
// to OnResize.
func (s *session) Pty() (ssh.Pty, <-chan ssh.Window, bool) {
	pty, _, ok := s.Session.Pty()
	pty.Window = usable(pty.Window)
	return pty, nil, ok
}

// Log returns what the session logs to, within its connection's budget.
func (s *session) Log() *slog.Logger { return s.channel.connection.budget.On(s.channel.server.log) }

// Limits bound what the session's connection has open of the file tree.
func (s *session) Limits() *files.Limits { return s.channel.connection.limits }

// OnResize calls f, which must be quick, with each new size of the terminal, also if it
// came before. nil ends it.
func (s *session) OnResize(f func(ssh.Window)) { s.channel.window.tell(f) }

// OnInterrupt has f called, which must be quick, for the signal INT, instead of ending the
// session.
func (s *session) OnInterrupt(f func()) { s.channel.interrupt.Store(&f) }

// Raw returns a terminal's side of a session without the library's conversion of the
// ends of lines, for whoever writes them as a terminal needs them.
func (s *session) Raw() io.Writer { return s.channel.accepted }

// resizes hands on the sizes of a terminal.
type resizes struct {
	mu   sync.Mutex
	told func(ssh.Window) // nil while nobody wants to know
	last ssh.Window       // that nobody was told
}

func (r *resizes) resize(w ssh.Window) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last = w; r.told != nil {
		r.told(w)
	}
}

func (r *resizes) tell(f func(ssh.Window)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.told = f; f != nil && r.last != (ssh.Window{}) {
		f(r.last)
	}
}

// maxSide bounds a window's columns and rows: output is laid out for them.
const maxSide = 1000

// usable returns the window with each side in bounds; 0 means that it is unknown.
func usable(w ssh.Window) ssh.Window {
	if w.Width <= 0 {
		w.Width = 80
	}
	if w.Height <= 0 {
		w.Height = 24
	}
	return ssh.Window{Width: min(w.Width, maxSide), Height: min(w.Height, maxSide)}
}
