package forum

import (
	"context"
	"slices"
)

// AddUser makes an account of any role. Errors: Denied; Invalid; Conflict.
func (s *Service) AddUser(ctx context.Context, actor Actor, name, password string, role Role) (User, error) {
	if err := s.goodPassword(name, password); err != nil {
		return User{}, err
	}
	return s.addUser(ctx, actor, &addUser{Name: name, Role: role}, password)
}

// Users returns all open accounts by id. Errors: Denied.
func (s *Service) Users(ctx context.Context, actor Actor) (users []User, err error) {
	err = s.Store.View(func(r Reader) error {
		u, err := account(r, actor.User)
		if err != nil {
			return err
		}
		if !u.May(ManageAccounts, u.ID) {
			return Errorf(Denied, "Only an admin can list accounts.")
		}
		users = slices.DeleteFunc(slices.Collect(r.Users()), func(u User) bool { return !u.Closed.IsZero() })
		return nil
	})
	return users, err
}

// SetPasswordOf gives an account a new password. Errors: Denied; Invalid; NotFound.
func (s *Service) SetPasswordOf(ctx context.Context, actor Actor, name, password string) error {
	u, err := s.named(name)
	if err == nil {
		err = s.goodPassword(u.Name, password)
	}
	if err != nil {
		return err
	}
	return s.setPassword(ctx, actor, u.ID, password, func() error { return nil })
}

// SetRole gives an account another role. Errors: Denied; NotFound.
func (s *Service) SetRole(ctx context.Context, actor Actor, name string, role Role) (User, error) {
	u, err := s.named(name)
	if err != nil {
		return u, err
	}
	return submit(ctx, s, actor, &setRole{User: u.ID, Role: role})
}

func (s *Service) named(name string) (User, error) {
	u, ok, err := s.Lookup(name)
	if err == nil && !ok {
		err = Errorf(NotFound, "There is no account %s.", Printable(name))
	}
	return u, err
}

type setRole struct {
	origin

	User UserID
	Role Role
}

func (c *setRole) apply(tx Tx, by User) (User, error) {
	if !by.May(ManageAccounts, by.ID) {
		return User{}, Errorf(Denied, "Only an admin can change roles.")
	}
	u, err := managed(tx, by, c.User)
	if err != nil {
		return User{}, err
	}
	u.Role = c.Role
	tx.PutUser(u)
	record(tx, by, AuditEntry{Act: AuditUserRole, Object: auditUser(u.ID), Name: u.Name, Value: u.Role.String()})
	tx.Tell(Event{Kind: UserRole, Actor: by.ID, Name: by.Name, To: u.ID, ToName: u.Name})
	return u, nil
}
