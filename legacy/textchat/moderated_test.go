package textchat

import (
	"context"
	"testing"

	"sshforum/forum"
	"sshforum/forum/rules"
)

func TestLockedRoomTellsItsGuests(t *testing.T) {
	play(t, func(s *stage) {
		o := s.as("Brandon")
		if _, err := s.Service.LockThread(context.Background(), s.AsRole("Mace", forum.Moderator), rules.Lobby, "over"); err != nil {
			t.Fatal(err)
		}
		if got := o.ask("hello"); got != "Thread lobby is locked (over); you can read it." {
			t.Errorf("told %q", got)
		}
	})
}
