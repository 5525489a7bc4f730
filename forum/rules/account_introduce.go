package rules

import "sshforum/forum"

// Introduce returns the person of that name, for an actor who wants to talk to them outside
// the forum. Errors: Invalid if it is the actor; NotFound; Denied if the person cannot be
// reached, which does not tell whether they are online.
func (s *LoginService) Introduce(actor Actor, name string) (u forum.User, err error) {
	err = s.view(actor, func(r forum.Reader) error {
		u, err = person(r, forum.NameKey(name))
		switch {
		case err != nil:
			return err
		case u.ID == actor.User:
			return forum.Errorf(forum.Invalid, "You cannot be introduced to yourself.")
		case r.Blocked(u.ID, actor.User):
			return forum.Errorf(forum.Denied, "%s cannot be reached.", u.Name)
		}
		me, _ := r.User(actor.User)
		return mayAddress(me, u, s.Clock())
	})
	return u, err
}
