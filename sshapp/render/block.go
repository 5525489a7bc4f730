package render

import (
	"sshforum/forum"
	"sshforum/forum/command"
)

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
