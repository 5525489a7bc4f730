package udpforum

import (
	"context"

	"sshforum/forum"
)

// giveName answers a name. Where people may register, an unknown name passes for one that
// exists, and the password makes the account: a client that is told the name is new dies
// of a fault of its own after it has sent the password.
func (s *session) giveName(_ context.Context, name string) (string, state) {
	s.c.Heard("name", len(name))
	taken, err := s.service.Taken(name)
	if s.c.Checked(err) != nil {
		return nameUnknown.say(), (*session).givePassword
	}
	s.name, s.register = name, !taken && s.service.Registration == forum.RegistrationOpen
	if taken || s.register {
		return nameKnown.say(), (*session).givePassword
	}
	return nameUnknown.say(), (*session).givePassword
}

// givePassword answers a password. Whatever the client is told but that it is right, it
// asks for a name again.
func (s *session) givePassword(ctx context.Context, password string) (string, state) {
	s.c.Heard("password", len(password))
	enter := s.c.Login
	if s.register {
		enter = s.c.Register
	}
	if err := enter(ctx, s.name, password); err != nil {
		return passwordWrong.say(), (*session).giveName
	}
	return passwordRight.say(), (*session).command
}
