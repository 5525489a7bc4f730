package rules

import (
	"cmp"
	"context"
	"slices"

	"sshforum/forum"
)

// Block hides a person's texts and acts from the actor. The person is not told. Errors: Invalid
// if it is the actor; NotFound; Conflict if the person is blocked already.
func (s *PeopleService) Block(ctx context.Context, actor Actor, name string) (forum.User, error) {
	u, err := submit(ctx, s.core, actor, &blockUser{Name: forum.NameKey(name)})
	if err == nil {
		s.roster.endTalksBetween(actor.User, u.ID)
	}
	return u, err
}

// Unblock ends a block. Errors: NotFound, also if there is no such block.
func (s *PeopleService) Unblock(ctx context.Context, actor Actor, name string) (forum.User, error) {
	return submit(ctx, s.core, actor, &unblockUser{Name: forum.NameKey(name)})
}

// Blocks returns the people whom the actor has blocked, by name.
func (s *PeopleService) Blocks(ctx context.Context, actor Actor) (users []forum.User, err error) {
	err = s.view(actor, func(r forum.Reader) error {
		for id := range r.Blocks(actor.User) {
			u, _ := r.User(id)
			users = append(users, u)
		}
		return nil
	})
	slices.SortFunc(users, func(a, b forum.User) int { return cmp.Compare(forum.NameKey(a.Name), forum.NameKey(b.Name)) })
	return users, err
}

type blockUser struct {
	origin

	Name string // a NameKey
}

func (c *blockUser) apply(tx forum.Tx, by forum.User) (forum.User, error) {
	whom, err := person(tx, c.Name)
	switch {
	case err != nil:
		return forum.User{}, err
	case by.ID == 0:
		return forum.User{}, errNoPerson
	case whom.ID == by.ID:
		return forum.User{}, forum.Errorf(forum.Invalid, "You cannot block yourself.")
	case tx.Blocked(by.ID, whom.ID):
		return forum.User{}, forum.Errorf(forum.Conflict, "You have blocked %s already.", whom.Name)
	}
	tx.SetBlocked(by.ID, whom.ID, true)
	tx.Publish(blockEvent(forum.UserBlocked, by, whom))
	return whom, nil
}

type unblockUser struct {
	origin

	Name string // a NameKey
}

// apply also takes the name of a closed account, because its block could not be ended
// otherwise.
func (c *unblockUser) apply(tx forum.Tx, by forum.User) (forum.User, error) {
	whom, ok := tx.UserByName(c.Name)
	switch {
	case !ok:
		return forum.User{}, noAccount(c.Name)
	case !tx.Blocked(by.ID, whom.ID):
		return forum.User{}, forum.Errorf(forum.NotFound, "You have not blocked %s.", whom.Name)
	}
	tx.SetBlocked(by.ID, whom.ID, false)
	tx.Publish(blockEvent(forum.UserUnblocked, by, whom))
	return whom, nil
}

func blockEvent(kind forum.EventKind, by, whom forum.User) forum.Event {
	return forum.Event{Kind: kind, Actor: by.ID, Name: by.Name, To: by.ID, ToName: by.Name, Other: whom.ID}
}

// person returns the open account of that name. Errors: NotFound.
func person(r forum.Reader, key string) (forum.User, error) {
	u, ok := r.UserByName(key)
	if !ok || !u.Closed.IsZero() {
		return u, noAccount(key)
	}
	return u, nil
}

func noAccount(name string) error {
	return forum.Errorf(forum.NotFound, "There is no account %s.", forum.Printable(name))
}
