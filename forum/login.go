package forum

import (
	"context"
	"slices"
)

// Lookup returns the open account of that name.
func (s *Service) Lookup(name string) (u User, ok bool, err error) {
	err = s.Store.View(func(r Reader) error {
		u, ok = r.UserByName(NameKey(name))
		ok = ok && u.Closed.IsZero()
		return nil
	})
	return u, ok, err
}

// Taken reports whether name belongs to an account, open or closed, or did.
func (s *Service) Taken(name string) (is bool, err error) {
	err = s.Store.View(func(r Reader) error {
		is = taken(r, name)
		return nil
	})
	return is, err
}

// PasswordLogin returns the account that name and password open. source is where the
// peer comes from; wrong passwords are counted per account and source. Tries at once are
// made in turns once more are under way than may be wrong. An unknown name costs the same
// work as a wrong password and gives the same error. Errors: Denied; Limited while the
// source is locked out; ctx's.
func (s *Service) PasswordLogin(ctx context.Context, name, password, source string) (User, error) {
	if password == "" {
		return User{}, Errorf(Denied, "Invalid password") // nobody has that one, and nobody guesses it
	}
	tried := undecided
	end, left, err := s.guard.begin(ctx, newGuardKey(name, source))
	switch {
	case err != nil:
		return User{}, err
	case left > 0:
		return User{}, Errorf(Limited, "Too many wrong passwords; try again in %s.", DurationText(left))
	}
	defer func() { end(tried) }()
	u, phc, err := s.secret(name)
	if err != nil {
		return User{}, err
	}
	ok, err := s.Passwords.Verify(ctx, phc, password)
	switch {
	case err != nil && KindOf(err) != Invalid:
		return User{}, err
	case !ok:
		tried = wrongTry
		return User{}, Errorf(Denied, "Invalid password")
	}
	tried = rightTry
	if s.Passwords.Outdated(phc) {
		if err = s.storePassword(ctx, u.ID, u.ID, password); KindOf(err) == Unavailable {
			err = nil // the next login does it
		}
	}
	return u, err
}

// LockedOut reports whether source would be kept from trying that account now.
func (s *Service) LockedOut(name, source string) bool {
	return s.guard.left(newGuardKey(name, source)) > 0
}

// secret returns the account and its password hash; "" for an unknown or closed one.
func (s *Service) secret(name string) (u User, phc string, err error) {
	err = s.Store.View(func(r Reader) error {
		var ok bool
		if u, ok = r.UserByName(NameKey(name)); ok && u.Closed.IsZero() {
			phc = r.Password(u.ID)
		}
		return nil
	})
	return u, phc, err
}

// KeyLogin returns the open account of that name if blob is one of its keys. It only
// looks, and tells nothing of a ban: the caller must have proof that the peer holds the
// key, and then calls Enter. Errors: Denied.
func (s *Service) KeyLogin(name string, blob []byte) (User, error) {
	u, ok, err := s.Lookup(name)
	if err != nil {
		return u, err
	}
	var keys []Key
	if ok {
		err = s.Store.View(func(r Reader) error {
			keys = r.Keys(u.ID)
			return nil
		})
	}
	if err == nil && !slices.ContainsFunc(keys, sameKey(blob)) {
		return User{}, Errorf(Denied, "This key does not belong to the account.")
	}
	return u, err
}

// Account returns the actor's account as it is now. Errors: Denied when it was closed.
func (s *Service) Account(actor Actor) (u User, err error) {
	err = s.Store.View(func(r Reader) error {
		u, err = account(r, actor.User)
		return err
	})
	return u, err
}
