package rules

import (
	"context"

	"sshforum/forum"
	"sshforum/forum/limit"
)

// Lookup returns the open account of that name.
func (s *LoginService) Lookup(name string) (u forum.User, ok bool, err error) {
	err = s.cfg.Store.View(func(r forum.Reader) error {
		u, ok = r.UserByName(forum.NameKey(name))
		ok = ok && u.Closed.IsZero()
		return nil
	})
	return u, ok, err
}

// Taken reports whether name belongs to an account, open or closed, or did.
func (s *LoginService) Taken(name string) (is bool, err error) {
	err = s.cfg.Store.View(func(r forum.Reader) error {
		is = taken(r, name)
		return nil
	})
	return is, err
}

// Registrable reports whether whoever asks may know that no account has that name, since
// they could make it theirs. Where registration is closed it tells names apart in nothing.
func (s *LoginService) Registrable(name string) (bool, error) {
	if s.cfg.Registration == RegistrationClosed {
		return false, nil
	}
	taken, err := s.Taken(name)
	return err == nil && !taken, err
}

// PasswordLogin returns the account that name and password open. source is where the
// peer comes from; wrong passwords are counted per account and source. Tries at once are
// made in turns once more are under way than may be wrong. An unknown name costs the same
// work as a wrong password and gives the same error. Errors: Denied; Limited while the
// source is locked out; ctx's.
func (s *LoginService) PasswordLogin(ctx context.Context, name, password, source string) (forum.User, error) {
	if password == "" {
		return forum.User{}, forum.Errorf(forum.Denied, "Invalid password") // nobody has that one, and nobody guesses it
	}
	tried := limit.Undecided
	end, left, err := s.guard.Begin(ctx, limit.NewGuardKey(name, source))
	switch {
	case err != nil:
		return forum.User{}, err
	case left > 0:
		return forum.User{}, forum.Errorf(forum.Limited, "Too many wrong passwords; try again in %s.", forum.DurationText(left))
	}
	defer func() { end(tried) }()
	id, phc, err := s.secret(name)
	if err != nil {
		return forum.User{}, err
	}
	ok, err := s.cfg.Passwords.Verify(ctx, phc, password)
	switch {
	case err != nil && forum.KindOf(err) != forum.Invalid:
		return forum.User{}, err
	case !ok:
		tried = limit.WrongTry
		return forum.User{}, forum.Errorf(forum.Denied, "Invalid password")
	}
	tried = limit.RightTry
	u, err := s.open(id)
	if err != nil {
		return u, err
	}
	if s.cfg.Passwords.Outdated(phc) {
		err = s.setPassword(ctx, Actor{User: u.ID, Shared: true}, u.ID, password, func() error { return nil })
		if kind := forum.KindOf(err); kind == forum.Unavailable || kind == forum.Limited {
			err = nil // a later login does it
		}
	}
	return u, err
}

// LockedOut reports whether source would be kept from trying that account now.
func (s *LoginService) LockedOut(name, source string) bool {
	return s.guard.Left(limit.NewGuardKey(name, source)) > 0
}

// secret returns the id and the password hash of an account; "" for an unknown or closed
// one, at the same cost.
func (s *LoginService) secret(name string) (id forum.UserID, phc string, err error) {
	err = s.cfg.Store.View(func(r forum.Reader) error {
		id = r.UserIDByName(forum.NameKey(name))
		phc = r.Password(id)
		return nil
	})
	return id, phc, err
}

// open returns an account that somebody has just proved to be theirs. Errors: Denied when
// it was closed meanwhile.
func (s *LoginService) open(id forum.UserID) (u forum.User, err error) {
	err = s.cfg.Store.View(func(r forum.Reader) error {
		u, _ = r.User(id)
		if !u.Closed.IsZero() {
			return errClosed
		}
		return nil
	})
	return u, err
}

// KeyLogin returns the open account of that name if blob is one of its keys. It only
// looks, and tells nothing of a ban: the caller must have proof that the peer holds the
// key, and then calls TrackConnection. A key that is not the account's costs the same, whether there
// is such an account or not. Errors: Denied.
func (s *LoginService) KeyLogin(name string, blob []byte) (u forum.User, err error) {
	err = s.cfg.Store.View(func(r forum.Reader) error {
		id := r.UserIDByName(forum.NameKey(name))
		if !r.HasKey(id, blob) { // an account that is closed has none
			return forum.Errorf(forum.Denied, "This key does not belong to the account.")
		}
		u, _ = r.User(id)
		return nil
	})
	return u, err
}

// LoadPasswords tells Config.Passwords what accounts have. It is called before anybody
// logs in.
func (s *LoginService) LoadPasswords() error {
	return s.cfg.Store.View(func(r forum.Reader) error {
		for u := range r.Users() {
			if phc := r.Password(u.ID); phc != "" {
				s.cfg.Passwords.Expect(phc)
			}
		}
		return nil
	})
}

// Account returns the actor's account as it is now. Errors: Denied when it was closed.
func (s *LoginService) Account(actor Actor) (u forum.User, err error) {
	err = s.cfg.Store.View(func(r forum.Reader) error {
		u, err = account(r, actor.User)
		return err
	})
	return u, err
}
