package jsonforum

import (
	"context"
	"testing"
	"time"

	"sshforum/forum"
)

// An act of a moderator is reported with the forum's sentence, since the dialect's sentences
// are about owners.
func TestModeratedClientsAreToldSo(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		p := s.as("yoda")
		p.ask(object{"type": "CRT", "name": "3331"})
		p.ask(object{"type": "MSG", "thread": "3331", "message": "one"})
		mace := s.AsRole("Mace", forum.Moderator)
		if _, err := s.Service.LockThread(context.Background(), mace, "3331", "over"); err != nil {
			t.Fatal(err)
		}
		for _, request := range []object{
			{"type": "MSG", "thread": "3331", "message": "two"},
			{"type": "EDT", "thread": "3331", "message_number": "1", "message": "uno"},
			{"type": "RMV", "thread": "3331"},
		} {
			if got := p.ask(request); got != "Thread 3331 is locked (over); you can read it." {
				t.Errorf("%v: %q", request, got)
			}
		}
		if _, err := s.Service.Silence(context.Background(), mace, "yoda", time.Time{}, "loud"); err != nil {
			t.Fatal(err)
		}
		for _, request := range []object{
			{"type": "MSG", "thread": "lobby", "message": "two"},
			{"type": "CRT", "name": "9331"},
		} {
			if got := p.ask(request); got != "You are silenced (loud); you can read, and write to moderators." {
				t.Errorf("%v: %q", request, got)
			}
		}
	})
}
