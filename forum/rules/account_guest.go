package rules

import "sshforum/forum"

// Guest returns the actor that a name stands for which nobody logs in with. Errors:
// Denied where guests are not let in; Invalid; Conflict when the name is an account's.
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

// errGuest refuses what only people with an account can do.
var errGuest = forum.Hinted(forum.HintLogin, "", forum.Errorf(forum.Denied, "Guests can read, and post to their thread, and no more."))

// visitor returns who reads: the open account of an actor, or a guest.
func visitor(r forum.Reader, id forum.UserID) (forum.User, error) {
	if id == forum.Guests {
		return forum.User{ID: forum.Guests}, nil
	}
	return account(r, id)
}

// sign puts a guest's name to what they post in the thread where they may.
func (s *LoginService) sign(c *postMessage, actor Actor) error {
	switch {
	case actor.User != forum.Guests:
		return nil
	case c.Title != forum.TitleKey(s.cfg.GuestThread):
		return errGuest
	}
	c.Guest = actor.Name
	return nil
}

// author returns who posts: an account, or a guest whose name is still no account's.
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

// author returns the name of who wrote m, as shown.
func author(r forum.Reader, m forum.Message) string {
	if m.Guest != "" {
		return forum.GuestName(m.Guest)
	}
	return authorName(r, m.Author)
}
