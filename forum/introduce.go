package forum

// Introduce returns the person of that name, for an actor who wants to talk to them past
// the forum. Errors: Invalid for oneself; NotFound; Denied when they cannot be reached,
// which says nothing of whether they are here.
func (s *Service) Introduce(actor Actor, name string) (u User, err error) {
	err = s.view(actor, func(r Reader) error {
		u, err = person(r, NameKey(name))
		switch {
		case err != nil:
			return err
		case u.ID == actor.User:
			return Errorf(Invalid, "You cannot be introduced to yourself.")
		case r.Blocked(u.ID, actor.User):
			return Errorf(Denied, "%s cannot be reached.", u.Name)
		}
		me, _ := r.User(actor.User)
		return mayAddress(me, u, s.Clock())
	})
	return u, err
}
