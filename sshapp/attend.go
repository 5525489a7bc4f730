package sshapp

import (
	"context"
	"fmt"

	"charm.land/ssh"

	"sshforum/forum"
)

// attend runs serve as a visit of the actor, from its arrival to its leaving, and
// returns the session's exit status. serve's ctx also ends, with a cause, when the
// account is closed.
func (s *Server) attend(ctx context.Context, sess ssh.Session, actor forum.Actor, a forum.Arrival, serve func(context.Context, *forum.Visit) int) int {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	a.Peer, a.End = sess.RemoteAddr().String(), end
	visit, err := s.cfg.Service.Arrive(ctx, actor, a)
	if err != nil {
		fmt.Fprintln(sess.Stderr(), forum.Printable(forum.Explain(err)))
		return exitStatus(err)
	}
	defer func() {
		if err := visit.Leave(ctx); err != nil {
			s.log.Error("leave", "session", actor.Session, "user", actor.Name, "error", err)
		}
	}()
	return serve(ctx, visit)
}

// stays reports whether line is a command that goes on until its person ends it.
func (s *Server) stays(line string) bool {
	c, _, err := s.commands.Parse(line, jsonFlag)
	return err == nil && c.Stays
}
