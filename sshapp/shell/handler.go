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

// Config is the configuration of a Handler. PublicHost may be empty and IdleTimeout 0; all
// other fields must be set.
type Config struct {
	Service  *rules.Service
	Commands *command.Table
	Logger   *slog.Logger

	// Stopping ends when the server stops, with the reason as its cause. Nothing begins after
	// that, and sessions that wait for a person end.
	Stopping context.Context

	// Files returns the files that the actor sees in a place.
	Files func(ctx context.Context, actor rules.Actor, at rules.Place) ([]rules.FileInfo, error)

	PublicHost  string        // name by which people reach the server
	LineBytes   int           // limit of a line of input, in bytes
	IdleTimeout time.Duration // how long a session may wait for its person; 0 means for ever
}

// Handler serves sessions whose clients give commands.
type Handler struct{ cfg Config }

// New returns a handler.
func New(cfg Config) *Handler { return &Handler{cfg} }

// Session is a session whose client gives commands.
type Session interface {
	ssh.Session

	// Log returns the session's logger.
	Log() *slog.Logger

	// Raw returns a writer to the terminal without any conversion of line ends.
	Raw() io.Writer

	// OnResize makes f, which must be quick, be called with each new size of the terminal, and
	// at once if a size has already come. A nil f ends the calls.
	OnResize(f func(ssh.Window))

	// OnInterrupt makes f, which must be quick, be called for the signal INT, which then does
	// not end the session.
	OnInterrupt(f func())
}

// Explain writes why nothing of a session is run, in the form that its command asks for.
func (h *Handler) Explain(sess ssh.Session, why error) {
	if _, args, _ := h.cfg.Commands.Parse(sess.RawCommand(), jsonFlag); args.Flag(jsonFlag) {
		(&render.JSON{Err: sess.Stderr()}).Problem(why)
		return
	}
	(&render.Text{Err: sess.Stderr()}).Problem(why)
}

// Stays reports whether line is a command that runs until its person ends it.
func (h *Handler) Stays(line string) bool {
	c, _, err := h.cfg.Commands.Parse(line, jsonFlag)
	return err == nil && c.Stays
}

// newRunner returns the runner of a session's command lines.
func (h *Handler) newRunner(sess Session, actor rules.Actor, visit *rules.Visit, seen *rules.Seen, l render.Look) *runner {
	return &runner{
		service: h.cfg.Service, table: h.cfg.Commands, log: sess.Log(), stopping: h.cfg.Stopping, actor: actor, visit: visit, seen: seen, look: l,
	}
}

// lookFor returns the look for the account's settings, the client's environment and its
// terminal, which is nil if it has none.
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

// Exec runs the single command that a client was started with. Numbers of messages are the
// current ones.
func (h *Handler) Exec(ctx context.Context, sess Session, actor rules.Actor, visit *rules.Visit, line string) int {
	r := h.newRunner(sess, actor, visit, nil, h.lookFor(actor, sess.Environ(), nil))
	in, stop := wire.InputUntil(ctx, wire.WholeInput(sess))
	defer stop()
	_, err := r.run(ctx, line, streams{in: in, out: wire.OutputUntil(ctx, sess), err: sess.Stderr()})
	return exit.Status(err)
}

// Terminal serves a client with a terminal: a shell, or a single command, which may ask
// questions and shows its result page by page.
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
	sh.board.shell = sh
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

// addressFor returns the address by which people reach the server: the public host if it is
// set, otherwise the address that this session used.
func (h *Handler) addressFor(sess Session, actor rules.Actor) render.Address {
	host, port, err := net.SplitHostPort(sess.LocalAddr().String())
	if err != nil {
		host, port = sess.LocalAddr().String(), "22"
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]" // the form in which scp reads an IPv6 address
	}
	return render.Address{User: actor.Name, Host: cmp.Or(h.cfg.PublicHost, host), Port: port}
}

// maxCommand is the room for a command before the longest message, in bytes.
const maxCommand = 1024

func tooLong(bytes int) string {
	return fmt.Sprintf("A line has room for %d bytes; send long texts with: ssh ... MSG thread - < file", bytes)
}
