package picklechat

import (
	"context"
	"errors"
	"strings"

	"sshforum/forum"
	"sshforum/forum/rules"
)

// newcomer before a name asks for an account of that name. It is reserved.
const newcomer = "REGISTER"

// login takes a name and a password. The client asks for both again, or ends when it is
// locked out.
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
	case forum.KindOf(err) == forum.Limited, errors.Is(err, rules.ErrBanned): // it has no word for more
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

// register makes an account and logs it in. Of a name that cannot be had, or where nobody
// may register, the client says that it wants a valid one; of all else that the password
// is none.
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

// changePassword takes the old password and the new one.
func (s *session) changePassword(ctx context.Context, body any) (answer, error) {
	order, rest := leading(body, 2)
	if len(order) < 2 || rest != "" {
		return answer{}, refusal(passwdUsage)
	}
	return passwdDone.say(), s.service.ChangePassword(ctx, s.c.Actor(), order[0], order[1])
}
