package udpforum

import (
	"context"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/legacy"
)

// giveName answers a name. The reply is always that the name exists. If people may register,
// the password of an unknown name makes the account. The client has a defect: if it is told
// that a name is new, it crashes after it has sent the password.
func (s *session) giveName(_ context.Context, name string) (string, state) {
	s.c.Heard("name", len(name))
	free, err := s.service.Registrable(name)
	s.name, s.register = name, s.c.Checked(err) == nil && free && s.service.Registration() == rules.RegistrationOpen
	return nameKnown.say(), (*session).givePassword
}

// givePassword answers a password. The client asks for a name again after every reply except
// that the password is right.
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
	case forum.KindOf(err) == forum.Unavailable: // the password may be right
		return legacy.Cut(legacy.Explain(err), maxMessage), (*session).giveName
	}
	return passwordWrong.say(), (*session).giveName
}
