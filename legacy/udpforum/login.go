package udpforum

import (
	"context"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/legacy"
)

// giveName answers a name: every one passes for one that exists. Where people may register,
// the password of an unknown one makes the account: a client that is told the name is new
// dies of a fault of its own after it has sent the password.
func (s *session) giveName(_ context.Context, name string) (string, state) {
	s.c.Heard("name", len(name))
	free, err := s.service.Registrable(name)
	s.name, s.register = name, s.c.Checked(err) == nil && free && s.service.Registration() == rules.RegistrationOpen
	return nameKnown.say(), (*session).givePassword
}

// givePassword answers a password. Whatever the client is told but that it is right, it
// asks for a name again.
func (s *session) givePassword(ctx context.Context, password string) (string, state) {
	s.c.Heard("password", len(password))
	enter := s.c.Login
	if s.register {
		enter = s.c.Register
	}
	err := enter(ctx, s.name, password)
	switch {
	case err == nil:
		return passwordRight.say(), (*session).command
	case forum.KindOf(err) == forum.Unavailable: // there is nothing wrong with the password
		return legacy.Cut(legacy.Explain(err), maxMessage), (*session).giveName
	}
	return passwordWrong.say(), (*session).giveName
}
