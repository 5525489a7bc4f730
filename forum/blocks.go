package forum

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Block keeps what a person writes and does away from the actor, who is nobody that
// person is told of. Errors: Invalid for oneself; NotFound; Conflict when blocked already.
func (s *Service) Block(ctx context.Context, actor Actor, name string) (User, error) {
	if err := s.paced(actor, Changing); err != nil {
		return User{}, err
	}
	u, err := submit[User](ctx, s.Journal, &blockUser{By: actor.User, At: s.Clock(), Name: NameKey(name)})
	if err == nil {
		s.roster.part(actor.User, u.ID)
	}
	return u, err
}

// Unblock ends a block. Errors: NotFound, also when there is none.
func (s *Service) Unblock(ctx context.Context, actor Actor, name string) (User, error) {
	if err := s.paced(actor, Changing); err != nil {
		return User{}, err
	}
	return submit[User](ctx, s.Journal, &unblockUser{By: actor.User, At: s.Clock(), Name: NameKey(name)})
}

// Blocks returns whom the actor has blocked, by name.
func (s *Service) Blocks(ctx context.Context, actor Actor) (users []User, err error) {
	err = s.view(actor, func(r Reader) error {
		for id := range r.Blocks(actor.User) {
			u, _ := r.User(id)
			users = append(users, u)
		}
		return nil
	})
	slices.SortFunc(users, func(a, b User) int { return cmp.Compare(NameKey(a.Name), NameKey(b.Name)) })
	return users, err
}

type blockUser struct {
	By   UserID
	At   time.Time
	Name string // a NameKey
}

func (c *blockUser) Kind() string    { return "user.block" }
func (c *blockUser) When() time.Time { return c.At }

func (c *blockUser) Apply(tx Tx) (any, Event, error) {
	by, err := account(tx, c.By)
	if err != nil {
		return nil, Event{}, err
	}
	whom, err := person(tx, c.Name)
	switch {
	case err != nil:
		return nil, Event{}, err
	case by.ID == 0:
		return nil, Event{}, errNoPerson
	case whom.ID == by.ID:
		return nil, Event{}, Errorf(Invalid, "You cannot block yourself.")
	case tx.Blocked(by.ID, whom.ID):
		return nil, Event{}, Errorf(Conflict, "You have blocked %s already.", whom.Name)
	}
	tx.SetBlocked(by.ID, whom.ID, true)
	return whom, blockEvent(UserBlocked, by, whom), nil
}

type unblockUser struct {
	By   UserID
	At   time.Time
	Name string // a NameKey
}

func (c *unblockUser) Kind() string    { return "user.unblock" }
func (c *unblockUser) When() time.Time { return c.At }

// Apply takes the name of a closed account too: its block would stay for ever.
func (c *unblockUser) Apply(tx Tx) (any, Event, error) {
	by, err := account(tx, c.By)
	if err != nil {
		return nil, Event{}, err
	}
	whom, ok := tx.UserByName(c.Name)
	switch {
	case !ok:
		return nil, Event{}, noAccount(c.Name)
	case !tx.Blocked(by.ID, whom.ID):
		return nil, Event{}, Errorf(NotFound, "You have not blocked %s.", whom.Name)
	}
	tx.SetBlocked(by.ID, whom.ID, false)
	return whom, blockEvent(UserUnblocked, by, whom), nil
}

func blockEvent(kind EventKind, by, whom User) Event {
	return Event{Kind: kind, Actor: by.ID, Name: by.Name, To: by.ID, ToName: by.Name, Other: whom.ID}
}

// person returns the open account of that name. Errors: NotFound.
func person(r Reader, key string) (User, error) {
	u, ok := r.UserByName(key)
	if !ok || !u.Closed.IsZero() {
		return u, noAccount(key)
	}
	return u, nil
}

func noAccount(name string) error {
	return Errorf(NotFound, "There is no account %s.", Printable(name))
}
