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

// Taken reports whether name belongs to an account, open or closed, or once did.
func (s *LoginService) Taken(name string) (is bool, err error) {
	err = s.cfg.Store.View(func(r forum.Reader) error {
		is = taken(r, name)
		return nil
	})
	return is, err
}

// Registrable reports whether a peer could register name, and so may learn that it is free. It
// is always false if registration is closed, so that it tells nothing about names.
func (s *LoginService) Registrable(name string) (bool, error) {
	if s.cfg.Registration == RegistrationClosed {
		return false, nil
	}
	taken, err := s.Taken(name)
	return err == nil && !taken, err
}

// PasswordLogin returns the account that name and password open. Wrong passwords are counted
// per account and source. If more tries run at once than may be wrong, they take turns. An
// unknown name costs the same work as a wrong password and gives the same error. Errors:
// Denied; Limited if the source is locked out; those of ctx.
func (s *LoginService) PasswordLogin(ctx context.Context, name, password, source string) (forum.User, error) {
	if password == "" {
		return forum.User{}, forum.Errorf(forum.Denied, "Invalid password") // no account has it, so it does not count as a guess
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
	id, phc, err := s.passwordHash(name)
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
	u, err := s.openAccount(id)
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

// LockedOut reports whether source is now locked out of that account.
func (s *LoginService) LockedOut(name, source string) bool {
	return s.guard.Left(limit.NewGuardKey(name, source)) > 0
}

// passwordHash returns the id and the password hash of an account. The hash is "" if the
// account is unknown or closed; the cost is the same.
func (s *LoginService) passwordHash(name string) (id forum.UserID, phc string, err error) {
	err = s.cfg.Store.View(func(r forum.Reader) error {
		id = r.UserIDByName(forum.NameKey(name))
		phc = r.Password(id)
		return nil
	})
	return id, phc, err
}

// openAccount returns the account that a peer has just logged in to. Errors: Denied if it has
// been closed in the meantime.
func (s *LoginService) openAccount(id forum.UserID) (u forum.User, err error) {
	err = s.cfg.Store.View(func(r forum.Reader) error {
		u, _ = r.User(id)
		if !u.Closed.IsZero() {
			return errClosed
		}
		return nil
	})
	return u, err
}

// KeyLogin returns the open account of that name if blob is one of its keys. It changes
// nothing and does not check for a ban: the caller must get proof that the peer holds the key,
// and then call TrackConnection. A wrong key costs the same whether the account exists or not.
// Errors: Denied.
func (s *LoginService) KeyLogin(name string, blob []byte) (u forum.User, err error) {
	err = s.cfg.Store.View(func(r forum.Reader) error {
		id := r.UserIDByName(forum.NameKey(name))
		if !r.HasKey(id, blob) { // a closed account has no keys
			return forum.Errorf(forum.Denied, "This key does not belong to the account.")
		}
		u, _ = r.User(id)
		return nil
	})
	return u, err
}

// LoadPasswords passes the password hashes of all accounts to Config.Passwords. It must be
// called before anybody logs in.
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

// Account returns the actor's account. Errors: Denied if it is closed; Denied with ErrBanned
// if it is banned.
func (s *LoginService) Account(actor Actor) (u forum.User, err error) {
	err = s.cfg.Store.View(func(r forum.Reader) error {
		u, err = account(r, actor.User)
		return err
	})
	return u, err
}
