package sshapp

import (
	"context"

	"sshforum/forum/rules"
	"sshforum/sshapp/exit"
)

// attend runs serve as a visit of the actor, from arrival to departure, and returns the
// session's exit status. The ctx of serve also ends, with a cause, if the account is closed.
func (s *Server) attend(ctx context.Context, sess *session, actor rules.Actor, a rules.Arrival, serve func(context.Context, *rules.Visit) int) int {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	a.Peer, a.End = sess.RemoteAddr().String(), end
	visit, err := s.cfg.Service.Arrive(ctx, actor, a)
	if err != nil {
		s.commands.Explain(sess, err)
		return exit.Status(err)
	}
	defer func() {
		if err := visit.Leave(ctx); err != nil {
			sess.Log().Error("leave", "session", actor.Session, "user", actor.Name, "error", err)
		}
	}()
	return serve(ctx, visit)
}
