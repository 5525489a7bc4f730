package udpforum

import (
	"context"
	"testing"
	"time"

	"sshforum/forum"
)

// An act of a moderator is reported with the forum's sentence, since the dialect's sentences
// are about owners.
func TestModeratedClientsAreToldSo(t *testing.T) {
	play(t, func(s *stage) {
		p := s.as("yoda")
		p.ask("CRT 3331")
		p.ask("MSG 3331 one")
		mace := s.AsRole("Mace", forum.Moderator)
		if _, err := s.Service.LockThread(context.Background(), mace, "3331", "over"); err != nil {
			t.Fatal(err)
		}
		for _, request := range []string{"EDT 3331 1 uno", "RMV 3331", "UPD 3331 x.txt", "MSG 3331 two"} {
			if got := p.ask(request); got != "Thread 3331 is locked (over); you can read it." {
				t.Errorf("%s: %q", request, got)
			}
		}
		p.want("MSG 3331 two: Thread 3331 is locked (over); you can read it.\nThread lobby exists", "CRT lobby")
		if _, err := s.Service.Silence(context.Background(), mace, "yoda", time.Time{}, "loud"); err != nil {
			t.Fatal(err)
		}
		for _, request := range []string{"CRT 9331", "MSG lobby two"} {
			if got := p.ask(request); got != "You are silenced (loud); you can read, and write to moderators." {
				t.Errorf("%s: %q", request, got)
			}
		}
	})
}
