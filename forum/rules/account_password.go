package rules

import (
	"context"
	"strings"
	"unicode/utf8"

	"sshforum/forum"
)

// ChangePassword replaces the actor's own password. old must be the present password, if the
// account has one. Errors: Denied; Invalid; Limited.
func (s *LoginService) ChangePassword(ctx context.Context, actor Actor, old, password string) error {
	if err := s.checkNewPassword(actor.Name, password); err != nil {
		return err
	}
	return s.setPassword(ctx, actor, actor.User, password, func() error {
		has, err := s.HasPassword(actor)
		if err == nil && has {
			err = s.ConfirmPassword(ctx, actor, old)
		}
		return err
	})
}

// checkNewPassword refuses a new password that is easy to guess. Imported passwords, and those
// set before the setting was changed, stay valid. Errors: Invalid.
func (s *LoginService) checkNewPassword(name, password string) error {
	switch {
	case s.cfg.PasswordLength == 0:
		return nil
	case utf8.RuneCountInString(password) < s.cfg.PasswordLength:
		return forum.Errorf(forum.Invalid, "A password has at least %d characters; choose a longer one.", s.cfg.PasswordLength)
	case forum.NameKey(strings.TrimSpace(password)) == forum.NameKey(name):
		return forum.Errorf(forum.Invalid, "A password cannot be the name of its account; choose another.")
	}
	return nil
}

// ConfirmPassword checks the password of the actor's own account. Errors: Denied; Limited.
func (s *LoginService) ConfirmPassword(ctx context.Context, actor Actor, password string) error {
	_, err := s.PasswordLogin(ctx, actor.Name, password, actor.Source)
	return err
}

// HasPassword reports whether the actor's account has a password.
func (s *LoginService) HasPassword(actor Actor) (has bool, err error) {
	err = s.view(actor, func(r forum.Reader) error {
		has = r.Password(actor.User) != ""
		return nil
	})
	return has, err
}

// setPassword sets an account's password if confirm returns nil.
func (s *LoginService) setPassword(ctx context.Context, actor Actor, id forum.UserID, password string, confirm func() error) error {
	c := &setPassword{User: id}
	_, err := submitAfter(ctx, s.core, actor, c, func() (err error) {
		if err = confirm(); err == nil {
			c.Password, err = s.cfg.Passwords.Hash(ctx, password)
		}
		return err
	})
	return err
}

type setPassword struct {
	origin

	User     forum.UserID
	Password string // PHC string
}

func (c *setPassword) apply(tx forum.Tx, by forum.User) (nothing, error) {
	u, err := managed(tx, by, c.User)
	if err != nil {
		return nothing{}, err
	}
	tx.SetPassword(u.ID, c.Password)
	recordOver(tx, by, u.ID, forum.AuditEntry{Act: forum.AuditUserPassword, Object: auditUser(u.ID), Name: u.Name})
	return nothing{}, nil
}
