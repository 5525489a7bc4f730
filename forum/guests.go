package forum

import "math"

// Guests is the one id of all who write under a name without an account. It is no
// account's, so that a rule that forgets about guests lets them do nothing.
const Guests UserID = math.MaxUint64

// Guest returns the actor that a name stands for which nobody logs in with. Errors:
// Denied where guests are not let in; Invalid; Conflict when the name is an account's.
func (s *Service) Guest(name string) (Actor, error) {
	guest := Actor{User: Guests}
	if s.GuestThread == "" {
		return guest, Errorf(Denied, "Guests are not let in here; log in with ssh.")
	}
	var err error
	if guest.Name, err = CleanName(name); err != nil {
		return guest, err
	}
	taken, err := s.Taken(guest.Name)
	if err == nil && taken {
		err = nameTaken(guest.Name)
	}
	return guest, err
}

// GuestName returns how a guest's name is shown. No account's name has a space.
func GuestName(name string) string { return name + " (guest)" }

// errGuest refuses what only people with an account can do.
var errGuest = Errorf(Denied, "Guests can read, and post to their thread; log in with ssh to do more.")

// visitor returns who reads: the open account of an actor, or a guest.
func visitor(r Reader, id UserID) (User, error) {
	if id == Guests {
		return User{ID: Guests}, nil
	}
	return account(r, id)
}

// sign puts a guest's name to what they post in the thread where they may.
func (s *Service) sign(c *postMessage, actor Actor) error {
	switch {
	case actor.User != Guests:
		return nil
	case c.Title != TitleKey(s.GuestThread):
		return errGuest
	}
	c.Guest = actor.Name
	return nil
}

// author returns who posts: an account, or a guest whose name is still no account's.
func (c *postMessage) author(r Reader) (User, error) {
	if c.By != Guests {
		return account(r, c.By)
	}
	switch {
	case c.Guest == "":
		return User{}, errGuest
	case taken(r, c.Guest):
		return User{}, nameTaken(c.Guest)
	}
	return User{ID: Guests, Name: GuestName(c.Guest)}, nil
}

// author returns the name of who wrote m, as shown.
func author(r Reader, m Message) string {
	if m.Guest != "" {
		return GuestName(m.Guest)
	}
	return authorName(r, m.Author)
}
