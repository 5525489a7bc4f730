package rules

import (
	"context"
	"slices"

	"sshforum/forum"
)

// AddUser makes an account of any role. Errors: Denied; Invalid; Conflict.
func (s *AccountService) AddUser(ctx context.Context, actor Actor, name, password string, role forum.Role) (forum.User, error) {
	if err := s.logins.checkNewPassword(name, password); err != nil {
		return forum.User{}, err
	}
	return s.addUser(ctx, actor, &addUser{Name: name, Role: role}, password)
}

// Users returns all open accounts by id. Errors: Denied.
func (s *AccountService) Users(ctx context.Context, actor Actor) (users []forum.User, err error) {
	err = s.cfg.Store.View(func(r forum.Reader) error {
		u, err := account(r, actor.User)
		if err != nil {
			return err
		}
		if !u.May(forum.ManageAccounts, u.ID) {
			return forum.Errorf(forum.Denied, "Only an admin can list accounts.")
		}
		users = slices.DeleteFunc(slices.Collect(r.Users()), func(u forum.User) bool { return !u.Closed.IsZero() })
		return nil
	})
	return users, err
}

// SetPasswordOf gives an account a new password. Errors: Denied; Invalid; NotFound.
func (s *AccountService) SetPasswordOf(ctx context.Context, actor Actor, name, password string) error {
	u, err := s.accountByName(name)
	if err == nil {
		err = s.logins.checkNewPassword(u.Name, password)
	}
	if err != nil {
		return err
	}
	return s.logins.setPassword(ctx, actor, u.ID, password, func() error { return nil })
}

// SetRole gives an account another role. Errors: Denied; NotFound.
func (s *AccountService) SetRole(ctx context.Context, actor Actor, name string, role forum.Role) (forum.User, error) {
	u, err := s.accountByName(name)
	if err != nil {
		return u, err
	}
	return submit(ctx, s.core, actor, &setRole{User: u.ID, Role: role})
}

func (s *AccountService) accountByName(name string) (forum.User, error) {
	u, ok, err := s.logins.Lookup(name)
	if err == nil && !ok {
		err = forum.Errorf(forum.NotFound, "There is no account %s.", forum.Printable(name))
	}
	return u, err
}

type setRole struct {
	origin

	User forum.UserID
	Role forum.Role
}

func (c *setRole) apply(tx forum.Tx, by forum.User) (forum.User, error) {
	if !by.May(forum.ManageAccounts, by.ID) {
		return forum.User{}, forum.Errorf(forum.Denied, "Only an admin can change roles.")
	}
	u, err := managed(tx, by, c.User)
	if err != nil {
		return forum.User{}, err
	}
	u.Role = c.Role
	tx.PutUser(u)
	record(tx, by, forum.AuditEntry{Act: forum.AuditUserRole, Object: auditUser(u.ID), Name: u.Name, Value: u.Role.String()})
	tx.Publish(forum.Event{Kind: forum.UserRole, Actor: by.ID, Name: by.Name, To: u.ID, ToName: u.Name})
	return u, nil
}
