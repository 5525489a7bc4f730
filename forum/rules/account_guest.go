package rules

import "sshforum/forum"

// Guest returns the actor for a guest of that name. Errors: Denied if guests are not let in;
// Invalid name; Conflict if an account has the name, or once had it.
func (s *LoginService) Guest(name string) (Actor, error) {
	guest := Actor{User: forum.Guests}
	if s.cfg.GuestThread == "" {
		return guest, forum.Hinted(forum.HintLogin, "", forum.Errorf(forum.Denied, "Guests are not let in here."))
	}
	var err error
	if guest.Name, err = forum.CleanName(name); err != nil {
		return guest, err
	}
	taken, err := s.Taken(guest.Name)
	if err == nil && taken {
		err = nameTaken(guest.Name)
	}
	return guest, err
}

// errGuest refuses an act that needs an account.
var errGuest = forum.Hinted(forum.HintLogin, "", forum.Errorf(forum.Denied, "Guests can only read, and post to their thread."))

// visitor returns the open account of an actor who reads, or a User for guests.
func visitor(r forum.Reader, id forum.UserID) (forum.User, error) {
	if id == forum.Guests {
		return forum.User{ID: forum.Guests}, nil
	}
	return account(r, id)
}

// signAsGuest sets the guest's name in c if actor is a guest. It refuses any thread except the
// one that guests may post to. Errors: Denied.
func (s *LoginService) signAsGuest(c *postMessage, actor Actor) error {
	switch {
	case actor.User != forum.Guests:
		return nil
	case c.Title != forum.TitleKey(s.cfg.GuestThread):
		return errGuest
	}
	c.Guest = actor.Name
	return nil
}

// author returns the account or guest that posts. Errors: Denied; Conflict if the guest's name
// has become an account's.
func (c *postMessage) author(r forum.Reader) (forum.User, error) {
	if c.By != forum.Guests {
		return account(r, c.By)
	}
	switch {
	case c.Guest == "":
		return forum.User{}, errGuest
	case taken(r, c.Guest):
		return forum.User{}, nameTaken(c.Guest)
	}
	return forum.User{ID: forum.Guests, Name: forum.GuestName(c.Guest)}, nil
}

// author returns the name of the author of m as people see it.
func author(r forum.Reader, m forum.Message) string {
	if m.Guest != "" {
		return forum.GuestName(m.Guest)
	}
	return authorName(r, m.Author)
}
