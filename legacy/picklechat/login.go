package picklechat

import (
	"context"
	"errors"
	"strings"

	"sshforum/forum"
	"sshforum/forum/rules"
)

// newcomer, put before a name, asks for an account with that name. It is a reserved name.
const newcomer = "REGISTER"

// login handles a name and a password. After a failure the client asks for both again; if it is
// locked out, it ends.
func (s *session) login(ctx context.Context, body any) (answer, error) {
	text, _ := body.(string)
	name, password, _ := strings.Cut(text, " ")
	if strings.EqualFold(name, newcomer) {
		name, password, _ = strings.Cut(password, " ")
		return s.register(ctx, name, password)
	}
	err := s.c.Login(ctx, name, password)
	switch {
	case err == nil:
		return s.arrive(), nil
	case forum.KindOf(err) == forum.Limited, errors.Is(err, rules.ErrBanned): // the dialect has no code for a ban
		return lockedOut.say(), nil
	case forum.KindOf(err) != forum.Denied:
		return wrongPassword.say(), nil
	}
	free, err := s.service.Registrable(name)
	switch {
	case s.c.Checked(err) == nil && free:
		return unknownName.say(), nil
	case s.service.LockedOut(name, s.c.Addr()):
		return nowLockedOut.say(), nil
	}
	return wrongPassword.say(), nil
}

func (s *session) arrive() answer {
	s.peer = peer{user: s.c.Actor().User, addr: s.c.Addr(), since: s.service.Clock()}
	s.peers.add(&s.peer)
	return loggedIn.say()
}

// register makes an account and logs it in. If the name cannot be had, or nobody may register,
// the client asks for a valid name. After any other failure it says that the password is
// invalid.
func (s *session) register(ctx context.Context, name, password string) (answer, error) {
	_, unfit := s.service.FreeName(name)
	err := s.c.Register(ctx, name, password)
	switch kind := forum.KindOf(err); {
	case err == nil:
		return s.arrive(), nil
	case s.c.Checked(unfit) != nil, kind == forum.Denied, kind == forum.Conflict:
		return unknownName.say(), nil
	}
	return wrongPassword.say(), nil
}

// changePassword handles the old password and the new one.
func (s *session) changePassword(ctx context.Context, body any) (answer, error) {
	order, rest := firstWords(body, 2)
	if len(order) < 2 || rest != "" {
		return answer{}, refusal(passwdUsage)
	}
	return passwdDone.say(), s.service.ChangePassword(ctx, s.c.Actor(), order[0], order[1])
}
