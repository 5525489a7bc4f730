package forum

import (
	"cmp"
	"context"
	"slices"
)

// Block keeps what a person writes and does away from the actor, who is nobody that
// person is told of. Errors: Invalid for oneself; NotFound; Conflict when blocked already.
func (s *Service) Block(ctx context.Context, actor Actor, name string) (User, error) {
	u, err := submit(ctx, s, actor, &blockUser{Name: NameKey(name)})
	if err == nil {
		s.roster.part(actor.User, u.ID)
	}
	return u, err
}

// Unblock ends a block. Errors: NotFound, also when there is none.
func (s *Service) Unblock(ctx context.Context, actor Actor, name string) (User, error) {
	return submit(ctx, s, actor, &unblockUser{Name: NameKey(name)})
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
	origin

	Name string // a NameKey
}

func (c *blockUser) apply(tx Tx, by User) (User, error) {
	whom, err := person(tx, c.Name)
	switch {
	case err != nil:
		return User{}, err
	case by.ID == 0:
		return User{}, errNoPerson
	case whom.ID == by.ID:
		return User{}, Errorf(Invalid, "You cannot block yourself.")
	case tx.Blocked(by.ID, whom.ID):
		return User{}, Errorf(Conflict, "You have blocked %s already.", whom.Name)
	}
	tx.SetBlocked(by.ID, whom.ID, true)
	tx.Tell(blockEvent(UserBlocked, by, whom))
	return whom, nil
}

type unblockUser struct {
	origin

	Name string // a NameKey
}

// Apply takes the name of a closed account too: its block would stay for ever.
func (c *unblockUser) apply(tx Tx, by User) (User, error) {
	whom, ok := tx.UserByName(c.Name)
	switch {
	case !ok:
		return User{}, noAccount(c.Name)
	case !tx.Blocked(by.ID, whom.ID):
		return User{}, Errorf(NotFound, "You have not blocked %s.", whom.Name)
	}
	tx.SetBlocked(by.ID, whom.ID, false)
	tx.Tell(blockEvent(UserUnblocked, by, whom))
	return whom, nil
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
