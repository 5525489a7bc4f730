package sshapp

import (
	"context"

	"sshforum/forum/rules"
)

// session serves one session of a logged-in account and sets its exit status.
func (s *Server) session(ctx context.Context, sess *session, actor rules.Actor) {
	_, _, onTerminal := sess.Pty()
	line := sess.RawCommand()
	var arrival rules.Arrival
	switch {
	case line != "":
		actor.Door, arrival.Stays = "exec", s.commands.Stays(line)
	case onTerminal:
		actor.Door, arrival.Stays, arrival.Reads = "shell", true, true
	default:
		actor.Door = "batch"
	}
	status := s.attend(ctx, sess, actor, arrival, func(ctx context.Context, visit *rules.Visit) int {
		actor := visit.Actor()
		switch {
		case onTerminal:
			return s.commands.Terminal(ctx, sess, actor, visit)
		case line == "":
			return s.commands.Batch(ctx, sess, actor, visit)
		}
		if status, isTool := s.files.RunTool(ctx, sess, actor, line); isTool {
			return status
		}
		return s.commands.Exec(ctx, sess, actor, visit, line)
	})
	_ = sess.Exit(status)
}

// sftp serves the file tree to one session.
func (s *Server) sftp(ctx context.Context, sess *session, actor rules.Actor) {
	actor.Door = "sftp"
	status := s.attend(ctx, sess, actor, rules.Arrival{}, func(ctx context.Context, _ *rules.Visit) int {
		return s.files.ServeSFTP(ctx, sess, actor)
	})
	_ = sess.Exit(status) // does nothing if ServeSFTP has ended the session
}
