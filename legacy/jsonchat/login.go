package jsonchat

import (
	"context"
	"errors"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/legacy"
)

// login logs a person in. The news begin after the reply.
func (s *session) login(ctx context.Context, r request) (any, error) {
	if s.loggedIn() {
		return statusReply{r.Action, alreadyHere}, nil
	}
	if err := s.c.Login(ctx, r.Username, r.Password); err != nil {
		return statusReply{r.Action, s.refusal(err, r.Username)}, nil
	}
	s.peer = peer{user: s.c.Actor().User, addr: s.c.Addr(), port: r.PrivatePort}
	s.peers.put(&s.peer)
	news := s.waiting(ctx)
	s.c.HoldPushes(firstPush)
	if err := s.c.Reply(legacy.ASCII(statusReply{r.Action, success})); err == nil {
		s.c.Go(news.run)
	}
	return nil, nil
}

// refusal returns the status for a failed login. The client prints a status that it does not
// know before it ends.
func (s *session) refusal(err error, name string) status {
	if errors.Is(err, rules.ErrBanned) {
		return status(legacy.Explain(err))
	}
	switch forum.KindOf(err) {
	case forum.Conflict:
		return alreadyHere
	case forum.Limited:
		return lockedOut
	case forum.Denied:
		return s.denial(name)
	}
	return status(legacy.Explain(s.c.Checked(err)))
}

// denial returns the status for a wrong name or password. If people may register, it
// distinguishes an unknown name, at which the client ends. Otherwise the client asks for the
// password again, whatever the name.
func (s *session) denial(name string) status {
	free, err := s.service.Registrable(name)
	switch {
	case s.c.Checked(err) == nil && free:
		return nameUnknown
	case s.service.LockedOut(name, s.c.Addr()):
		return wrongAndLockedOut
	}
	return wrongPassword
}
