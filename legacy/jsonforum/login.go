package jsonforum

import (
	"context"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/legacy"
)

func noCommand(*session, context.Context, request) (string, error) { return invalidCommand.say(), nil }

func nothing(*session, context.Context, request) (string, error) { return "", nil }

func farewell(s *session, _ context.Context, _ request) (string, error) {
	s.c.LogOut()
	return goodbye.say(), nil
}

// giveName replies whether the name is known. The client asks for a new password if it is not.
// So a name that no account can have gets the same reply as a known name. If nobody can
// register, every name gets it, and none is said to be logged in.
func (s *session) giveName(_ context.Context, r request) (string, error) {
	if s.loggedIn() {
		return loggedInAlready.say(s.c.Actor().Name), nil
	}
	if s.service.Registration() == rules.RegistrationClosed {
		s.name, s.register = r.Username, false
		return askPassword.say(), nil
	}
	here, err := s.c.HasLoggedIn(r.Username)
	if err != nil || here {
		return loggedInAlready.say(r.Username), err
	}
	name, err := s.service.FreeName(r.Username)
	if err != nil && forum.KindOf(err) == forum.Internal {
		return "", err
	}
	s.name, s.register = r.Username, err == nil && s.service.Registration() == rules.RegistrationOpen
	if s.register {
		return askNewPassword.say(name), nil
	}
	return askPassword.say(), nil
}

func (s *session) givePassword(ctx context.Context, r request) (string, error) {
	if s.loggedIn() {
		return loggedInAlready.say(s.c.Actor().Name), nil
	}
	err := s.c.Login(ctx, s.name, r.Password)
	if forum.KindOf(err) == forum.Conflict {
		return loggedInAlready.say(s.name), nil
	}
	return loginReply(passwordRight, err), nil
}

func (s *session) choosePassword(ctx context.Context, r request) (string, error) {
	if s.loggedIn() || !s.register {
		return passwordWrong.say(), nil
	}
	return loginReply(accountMade, s.c.Register(ctx, s.name, r.Password)), nil
}

// loginReply returns the reply to a login: right if it succeeded, the error's sentence if the
// forum was unavailable, and otherwise that the password is wrong.
func loginReply(right sentence, err error) string {
	switch {
	case err == nil:
		return right.say()
	case forum.KindOf(err) == forum.Unavailable:
		return bareReply(legacy.Explain(err))
	}
	return passwordWrong.say()
}
