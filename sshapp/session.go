package sshapp

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"strings"

	"charm.land/ssh"

	"sshforum/forum/rules"
	"sshforum/sshapp/lineedit"
)

// session serves one session of a logged-in account and sets its exit status.
func (s *Server) session(ctx context.Context, sess *session, actor rules.Actor) {
	_, _, onTerminal := sess.Pty()
	line := sess.RawCommand()
	var arrival rules.Arrival
	switch {
	case line != "":
		actor.Door, arrival.Stays = "exec", s.stays(line)
	case onTerminal:
		actor.Door, arrival.Stays, arrival.Reads = "shell", true, true
	default:
		actor.Door = "batch"
	}
	status := s.attend(ctx, sess, actor, arrival, func(ctx context.Context, visit *rules.Visit) int {
		actor := visit.Actor()
		switch {
		case onTerminal:
			return s.onTerminal(ctx, sess, actor, visit)
		case line == "":
			return s.batch(ctx, sess, actor, visit)
		}
		if status, isTool := s.runTool(ctx, sess, actor, line); isTool {
			return status
		}
		return s.exec(ctx, sess, actor, visit, line)
	})
	_ = sess.Exit(status)
}

// newRunner returns what runs the command lines of a session.
func (s *Server) newRunner(sess *session, actor rules.Actor, visit *rules.Visit, seen *rules.Seen, l look) *runner {
	return &runner{
		service: s.cfg.Service, table: s.commands, log: sess.Log(), stopping: s.stopping, actor: actor, visit: visit, seen: seen, look: l,
	}
}

// lookFor chooses a look from what the account has set, the client's environment and
// its terminal, nil when it has none.
func (s *Server) lookFor(actor rules.Actor, environ []string, pty *ssh.Pty) look {
	set, err := s.cfg.Service.Preferences(actor)
	if err != nil {
		s.log.Error("read settings", "session", actor.Session, "error", err)
	}
	l := newLook(s.cfg.Service.Clock, environ)
	if pty != nil {
		l = l.onTerminal(pty.Term)
	}
	return l.with(set)
}

// exec runs the one command a client was started with. Numbers are the current ones.
func (s *Server) exec(ctx context.Context, sess *session, actor rules.Actor, visit *rules.Visit, line string) int {
	r := s.newRunner(sess, actor, visit, nil, s.lookFor(actor, sess.Environ(), nil))
	in, stop := inputUntil(ctx, wholeInput(sess))
	defer stop()
	_, err := r.run(ctx, line, streams{in: in, out: outputUntil(ctx, sess), err: sess.Stderr()})
	return exitStatus(err)
}

// onTerminal serves a client with a terminal: a shell, or one command that may ask and
// show its result page by page.
func (s *Server) onTerminal(ctx context.Context, sess *session, actor rules.Actor, visit *rules.Visit) int {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	sh := s.newShell(sess, actor, visit, end)
	defer sh.editor.Close()
	defer sess.OnResize(nil)
	if line := sess.RawCommand(); line != "" {
		return sh.once(ctx, line)
	}
	sess.OnInterrupt(sh.editor.Interrupt)
	return sh.loop(ctx)
}

func (s *Server) newShell(sess *session, actor rules.Actor, visit *rules.Visit, end context.CancelCauseFunc) *shell {
	pty, _, _ := sess.Pty()
	sh := &shell{runner: s.newRunner(sess, actor, visit, &rules.Seen{}, s.lookFor(actor, sess.Environ(), &pty))}
	sh.desk.shell = sh
	sh.address = s.addressFor(sess, actor)
	maxLine := min(s.cfg.LineBytes, s.cfg.Service.MessageBytes+maxCommand)
	history, err := s.cfg.Service.CommandHistory(actor)
	if err != nil {
		s.log.Error("read command history", "session", actor.Session, "error", err)
	}
	sh.editor = &terminal{idle: idle{limit: s.cfg.IdleTimeout, stopping: s.stopping, end: end, warn: func(text string) { _ = sh.editor.Warn(text) }}}
	sh.editor.Editor = lineedit.New(lineedit.Config{
		In: sess, Out: sess.Raw(), Width: pty.Window.Width, Height: pty.Window.Height,
		Plain: sh.look.plain, MarkPastes: !sh.look.dumb,
		Complete: sh.complete, MaxLine: maxLine, TooLong: tooLong(maxLine),
		History: history, HistoryMax: s.cfg.Service.HistoryLines,
	})
	sess.OnResize(func(w ssh.Window) { sh.editor.SetSize(w.Width, w.Height) })
	return sh
}

// addressFor returns how to tell a person to reach the server: by the name it goes by, or
// else as this session did.
func (s *Server) addressFor(sess *session, actor rules.Actor) address {
	host, port, err := net.SplitHostPort(sess.LocalAddr().String())
	if err != nil {
		host, port = sess.LocalAddr().String(), "22"
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]" // as scp reads an IPv6 address
	}
	return address{user: actor.Name, host: cmp.Or(s.cfg.PublicHost, host), port: port}
}

// maxCommand is room for a command before the longest message.
const maxCommand = 1024

func tooLong(bytes int) string {
	return fmt.Sprintf("A line has room for %d bytes; send long texts with: ssh ... MSG thread - < file", bytes)
}
