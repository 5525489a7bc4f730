package forum

import (
	"context"
	"slices"
	"time"
)

// AddUser makes an account of any role. Errors: Denied; Invalid; Conflict.
func (s *Service) AddUser(ctx context.Context, actor Actor, name, password string, role Role) (User, error) {
	if err := s.goodPassword(name, password); err != nil {
		return User{}, err
	}
	return s.addUser(ctx, &addUser{By: actor.User, Name: name, Role: role}, password)
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
	return s.storePassword(ctx, actor.User, u.ID, password)
}

// SetRole gives an account another role. Errors: Denied; NotFound.
func (s *Service) SetRole(ctx context.Context, actor Actor, name string, role Role) (User, error) {
	u, err := s.named(name)
	if err != nil {
		return u, err
	}
	return submit[User](ctx, s.Journal, &setRole{By: actor.User, At: s.Clock(), User: u.ID, Role: role})
}

func (s *Service) named(name string) (User, error) {
	u, ok, err := s.Lookup(name)
	if err == nil && !ok {
		err = Errorf(NotFound, "There is no account %s.", Printable(name))
	}
	return u, err
}

type setRole struct {
	By   UserID
	At   time.Time
	User UserID
	Role Role
}

func (c *setRole) Kind() string    { return "user.role" }
func (c *setRole) When() time.Time { return c.At }

func (c *setRole) Apply(tx Tx) (any, Event, error) {
	by, err := account(tx, c.By)
	if err != nil {
		return nil, Event{}, err
	}
	if !by.May(ManageAccounts, by.ID) {
		return nil, Event{}, Errorf(Denied, "Only an admin can change roles.")
	}
	_, u, err := managed(tx, c.By, c.User)
	if err != nil {
		return nil, Event{}, err
	}
	u.Role = c.Role
	tx.PutUser(u)
	record(tx, by, AuditEntry{Act: AuditUserRole, Object: auditUser(u.ID), Name: u.Name, Value: u.Role.String()})
	return u, Event{Kind: UserRole, Actor: by.ID, Name: by.Name, To: u.ID, ToName: u.Name}, nil
}
