package shell

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"time"

	"charm.land/ssh"

	"sshforum/forum/command"
	"sshforum/forum/rules"
	"sshforum/sshapp/exit"
	"sshforum/sshapp/lineedit"
	"sshforum/sshapp/render"
	"sshforum/sshapp/wire"
)

// Config is what a Handler needs. PublicHost may be empty and IdleTimeout 0; all else
// must be set.
type Config struct {
	Service  *rules.Service
	Commands *command.Table
	Logger   *slog.Logger

	// Stopping ends when the server stops, with the reason as its cause: nothing more is begun
	// then, and whoever waits for a person ends.
	Stopping context.Context

	// Files returns the files that somebody sees in a place.
	Files func(ctx context.Context, actor rules.Actor, at rules.Place) ([]rules.FileInfo, error)

	PublicHost  string        // name people reach the server by
	LineBytes   int           // longest line of input
	IdleTimeout time.Duration // that a session may wait for its person; 0 for ever
}

// Handler serves sessions whose clients give commands.
type Handler struct{ cfg Config }

// New returns a handler.
func New(cfg Config) *Handler { return &Handler{cfg} }

// Session is a session whose client gives commands.
type Session interface {
	ssh.Session

	// Log returns what the session logs to.
	Log() *slog.Logger

	// Raw returns a terminal's side of the session without any conversion of the ends of
	// lines.
	Raw() io.Writer

	// OnResize calls f, which must be quick, with each new size of the terminal, also if it
	// came before. nil ends it.
	OnResize(f func(ssh.Window))

	// OnInterrupt has f called, which must be quick, for the signal INT, instead of ending the
	// session.
	OnInterrupt(f func())
}

// Explain says why nothing of a session is run, in the form that its command asks for.
func (h *Handler) Explain(sess ssh.Session, why error) {
	if _, args, _ := h.cfg.Commands.Parse(sess.RawCommand(), jsonFlag); args.Flag(jsonFlag) {
		(&render.JSON{Err: sess.Stderr()}).Problem(why)
		return
	}
	(&render.Text{Err: sess.Stderr()}).Problem(why)
}

// Stays reports whether line is a command that goes on until its person ends it.
func (h *Handler) Stays(line string) bool {
	c, _, err := h.cfg.Commands.Parse(line, jsonFlag)
	return err == nil && c.Stays
}

// newRunner returns what runs the command lines of a session.
func (h *Handler) newRunner(sess Session, actor rules.Actor, visit *rules.Visit, seen *rules.Seen, l render.Look) *runner {
	return &runner{
		service: h.cfg.Service, table: h.cfg.Commands, log: sess.Log(), stopping: h.cfg.Stopping, actor: actor, visit: visit, seen: seen, look: l,
	}
}

// lookFor chooses a look from what the account has set, the client's environment and
// its terminal, nil when it has none.
func (h *Handler) lookFor(actor rules.Actor, environ []string, pty *ssh.Pty) render.Look {
	set, err := h.cfg.Service.Preferences(actor)
	if err != nil {
		h.cfg.Logger.Error("read settings", "session", actor.Session, "error", err)
	}
	l := render.NewLook(h.cfg.Service.Clock, environ)
	if pty != nil {
		l = l.OnTerminal(pty.Term)
	}
	return l.With(set)
}

// Exec runs the one command a client was started with. Numbers are the current ones.
func (h *Handler) Exec(ctx context.Context, sess Session, actor rules.Actor, visit *rules.Visit, line string) int {
	r := h.newRunner(sess, actor, visit, nil, h.lookFor(actor, sess.Environ(), nil))
	in, stop := wire.InputUntil(ctx, wire.WholeInput(sess))
	defer stop()
	_, err := r.run(ctx, line, streams{in: in, out: wire.OutputUntil(ctx, sess), err: sess.Stderr()})
	return exit.Status(err)
}

// Terminal serves a client with a terminal: a shell, or one command that may ask and
// show its result page by page.
func (h *Handler) Terminal(ctx context.Context, sess Session, actor rules.Actor, visit *rules.Visit) int {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	sh := h.newShell(sess, actor, visit, end)
	defer sh.editor.Close()
	defer sess.OnResize(nil)
	if line := sess.RawCommand(); line != "" {
		return sh.once(ctx, line)
	}
	sess.OnInterrupt(sh.editor.Interrupt)
	return sh.loop(ctx)
}

func (h *Handler) newShell(sess Session, actor rules.Actor, visit *rules.Visit, end context.CancelCauseFunc) *shell {
	pty, _, _ := sess.Pty()
	sh := &shell{filesIn: h.cfg.Files, runner: h.newRunner(sess, actor, visit, &rules.Seen{}, h.lookFor(actor, sess.Environ(), &pty))}
	sh.desk.shell = sh
	sh.address = h.addressFor(sess, actor)
	maxLine := min(h.cfg.LineBytes, h.cfg.Service.MessageBytes()+maxCommand)
	history, err := h.cfg.Service.CommandHistory(actor)
	if err != nil {
		h.cfg.Logger.Error("read command history", "session", actor.Session, "error", err)
	}
	sh.editor = &terminal{idle: idle{limit: h.cfg.IdleTimeout, stopping: h.cfg.Stopping, end: end, warn: func(text string) { _ = sh.editor.Warn(text) }}}
	sh.editor.Editor = lineedit.New(lineedit.Config{
		In: sess, Out: sess.Raw(), Width: pty.Window.Width, Height: pty.Window.Height,
		Plain: sh.look.Plain, MarkPastes: !sh.look.Dumb,
		Complete: sh.complete, MaxLine: maxLine, TooLong: tooLong(maxLine),
		History: history, HistoryMax: h.cfg.Service.HistoryLines(),
	})
	sess.OnResize(func(w ssh.Window) { sh.editor.SetSize(w.Width, w.Height) })
	return sh
}

// addressFor returns how to tell a person to reach the server: by the name it goes by, or
// else as this session did.
func (h *Handler) addressFor(sess Session, actor rules.Actor) render.Address {
	host, port, err := net.SplitHostPort(sess.LocalAddr().String())
	if err != nil {
		host, port = sess.LocalAddr().String(), "22"
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]" // as scp reads an IPv6 address
	}
	return render.Address{User: actor.Name, Host: cmp.Or(h.cfg.PublicHost, host), Port: port}
}

// maxCommand is room for a command before the longest message.
const maxCommand = 1024

func tooLong(bytes int) string {
	return fmt.Sprintf("A line has room for %d bytes; send long texts with: ssh ... MSG thread - < file", bytes)
}
