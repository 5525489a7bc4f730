package sshapp

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"strings"

	"charm.land/ssh"

	"sshforum/forum"
	"sshforum/sshapp/lineedit"
)

// session serves one session of a logged-in account and sets its exit status. ctx ends
// when the connection does or when the server stops.
func (s *Server) session(ctx context.Context, sess ssh.Session, actor forum.Actor) {
	pty, resized, onTerminal := sess.Pty()
	status := statusFailed
	switch line := sess.RawCommand(); {
	case onTerminal:
		status = s.onTerminal(ctx, sess, actor, pty, resized)
	case line != "":
		var isTool bool
		if status, isTool = s.runTool(ctx, sess, actor, line); !isTool {
			status = s.exec(ctx, sess, actor, line)
		}
	default:
		status = s.batch(ctx, sess, actor)
	}
	_ = sess.Exit(status)
}

// newRunner returns what runs the command lines of a session.
func (s *Server) newRunner(actor forum.Actor, seen *forum.Seen, l look) *runner {
	return &runner{service: s.cfg.Service, table: s.commands, log: s.log, actor: actor, seen: seen, look: l}
}

// exec runs the one command a client was started with. Numbers are the current ones.
func (s *Server) exec(ctx context.Context, sess ssh.Session, actor forum.Actor, line string) int {
	actor.Door = "exec"
	r := s.newRunner(actor, nil, s.lookFor(actor, sess.Environ(), nil))
	_, err := r.run(ctx, line, streams{in: input{sess}, out: sess, err: sess.Stderr()})
	return exitStatus(err)
}

// onTerminal serves a client with a terminal: a shell, or one command that may ask and
// show its result page by page.
func (s *Server) onTerminal(ctx context.Context, sess ssh.Session, actor forum.Actor, pty ssh.Pty, resized <-chan ssh.Window) int {
	actor.Door = "shell"
	l := s.lookFor(actor, sess.Environ(), &pty)
	sh := &shell{runner: s.newRunner(actor, &forum.Seen{}, l)}
	sh.window.size.Store(&pty.Window)
	sh.address = s.addressFor(sess, actor)
	maxLine := min(s.cfg.LineBytes, s.cfg.Service.MessageBytes+maxCommand)
	history, err := s.cfg.Service.CommandHistory(actor)
	if err != nil {
		s.log.Error("read command history", "session", actor.Session, "error", err)
	}
	sh.editor = lineedit.New(lineedit.Config{
		In: sess, Out: sess, Width: pty.Window.Width, Height: pty.Window.Height, Plain: l.plain, MarkPastes: !l.dumb,
		Complete: sh.complete, MaxLine: maxLine, TooLong: tooLong(maxLine),
		History: history, HistoryMax: s.cfg.Service.HistoryLines,
	})
	defer sh.editor.Close()
	stop := sh.follow(resized)
	defer stop()
	if line := sess.RawCommand(); line != "" {
		sh.actor.Door = "exec"
		return sh.once(ctx, line)
	}
	return sh.loop(ctx)
}

// addressFor returns how to tell a person to reach the server: by the name it goes by, or
// else as this session did.
func (s *Server) addressFor(sess ssh.Session, actor forum.Actor) address {
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
