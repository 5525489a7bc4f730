package forum

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"
)

// ChangePassword replaces the actor's own password; old is asked for unless the account
// has none. Errors: Denied; Invalid; Limited.
func (s *Service) ChangePassword(ctx context.Context, actor Actor, old, password string) error {
	if err := s.goodPassword(actor.Name, password); err != nil {
		return err
	}
	if err := s.paced(actor, Changing); err != nil {
		return err
	}
	has, err := s.HasPassword(actor)
	if err != nil {
		return err
	}
	if has {
		if err := s.ConfirmPassword(ctx, actor, old); err != nil {
			return err
		}
	}
	return s.storePassword(ctx, actor.User, actor.User, password)
}

// goodPassword refuses a new password that is guessed first. Those that are imported, or were
// there before the setting was changed, stay. Errors: Invalid.
func (s *Service) goodPassword(name, password string) error {
	switch {
	case s.PasswordLength == 0:
		return nil
	case utf8.RuneCountInString(password) < s.PasswordLength:
		return Errorf(Invalid, "A password has at least %d characters; choose a longer one.", s.PasswordLength)
	case NameKey(strings.TrimSpace(password)) == NameKey(name):
		return Errorf(Invalid, "Your name is no password; choose another.")
	}
	return nil
}

// ConfirmPassword checks that whoever is logged in knows the account's password. Errors:
// Denied; Limited.
func (s *Service) ConfirmPassword(ctx context.Context, actor Actor, password string) error {
	_, err := s.PasswordLogin(ctx, actor.Name, password, actor.Source)
	return err
}

// HasPassword reports whether the actor's account has a password.
func (s *Service) HasPassword(actor Actor) (has bool, err error) {
	err = s.view(actor, func(r Reader) error {
		has = r.Password(actor.User) != ""
		return nil
	})
	return has, err
}

func (s *Service) storePassword(ctx context.Context, by, user UserID, password string) error {
	phc, err := s.Passwords.Hash(ctx, password)
	if err != nil {
		return err
	}
	_, err = s.Journal.Submit(ctx, &setPassword{By: by, At: s.Clock(), User: user, Password: phc})
	return err
}

type setPassword struct {
	By       UserID
	At       time.Time
	User     UserID
	Password string // PHC string
}

func (c *setPassword) Kind() string    { return "user.password" }
func (c *setPassword) When() time.Time { return c.At }

func (c *setPassword) Apply(tx Tx) (any, Event, error) {
	by, u, err := managed(tx, c.By, c.User)
	if err != nil {
		return nil, Event{}, err
	}
	tx.SetPassword(u.ID, c.Password)
	recordOver(tx, by, u.ID, AuditEntry{Act: AuditUserPassword, Object: auditUser(u.ID), Name: u.Name})
	return u, Event{}, nil
}
