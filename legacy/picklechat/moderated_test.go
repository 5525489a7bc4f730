package picklechat

import (
	"testing"
	"time"

	"sshforum/forum"
	"sshforum/forum/rules"
)

// An act of a moderator is reported with the forum's sentence, since the dialect's sentences
// are about owners.
func TestModeratedClientsAreToldSo(t *testing.T) {
	play(t, func(s *stage) {
		o := s.as("yoda")
		o.ask("MSG", "hello")
		mace := s.AsRole("Mace", forum.Moderator)
		if _, err := s.Service.LockThread(ctx, mace, rules.Lobby, "over"); err != nil {
			t.Fatal(err)
		}
		for kind, body := range map[string]string{"MSG": "two", "EDT": "1 " + now + " two"} {
			if got := o.ask(kind, body); got != (message{"F", "Thread lobby is locked (over); you can read it."}) {
				t.Errorf("%s %s: %+v", kind, body, got)
			}
		}
		if _, err := s.Service.Silence(ctx, mace, "yoda", time.Time{}, "loud"); err != nil {
			t.Fatal(err)
		}
		if got := o.ask("MSG", "two"); got != (message{"F", "You are silenced (loud); you can read, and write to moderators."}) {
			t.Errorf("silenced: %+v", got)
		}
	})
}
