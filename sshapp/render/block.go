package render

import (
	"sshforum/forum"
	"sshforum/forum/command"
)

var blockRows = []row{
	// BLOCK
	one("sshforum.blocks.v1", (*Text).blockList, func(r command.BlockList) blockListJSON {
		return blockListJSON{list(r.Users, func(u forum.User) string { return u.Name })}
	}),
	// BLOCK with a user
	one("sshforum.blocked.v1", (*Text).blocked, func(r command.Blocked) personJSON { return newPersonJSON(r.User) }),
	// UNBLOCK
	one("sshforum.unblocked.v1", (*Text).unblocked, func(r command.Unblocked) personJSON { return newPersonJSON(r.User) }),
}

// blockListJSON is the list of people whom a person has blocked.
type blockListJSON struct {
	// Names of the blocked people.
	Blocked []string `json:"blocked"`
}

func (t *Text) blockList(r command.BlockList) error {
	if len(r.Users) == 0 {
		return t.printf("You have blocked nobody.\n")
	}
	for _, u := range r.Users {
		if err := t.printf("%s\n", forum.Printable(u.Name)); err != nil {
			return err
		}
	}
	return nil
}

func (t *Text) blocked(r command.Blocked) error {
	return t.printf("You have blocked %s; UNBLOCK ends it.\n", forum.Printable(r.User.Name))
}

func (t *Text) unblocked(r command.Unblocked) error {
	return t.printf("You have unblocked %s.\n", forum.Printable(r.User.Name))
}
