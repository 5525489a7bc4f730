package jsonchat

import (
	"context"
	"strings"
	"testing"
	"time"

	"sshforum/forum"
)

// A silenced person gets the forum's sentence, since the dialect has statuses only for blocks.
func TestSilencedClientsAreToldSo(t *testing.T) {
	play(t, func(s *stage) {
		s.as("luke")
		p := s.as("yoda")
		mace := s.AsRole("Mace", forum.Moderator)
		if _, err := s.Service.Silence(context.Background(), mace, "yoda", time.Time{}, "loud"); err != nil {
			t.Fatal(err)
		}
		p.Expect(received("receive_message", "operator", "You are silenced (loud); you can read, and write to moderators."))
		for _, request := range []object{
			{"action": "message", "message": "hello", "user": "luke"},
			{"action": "broadcast", "message": "hello"},
			{"action": "startprivate", "user": "luke"},
		} {
			if got := p.ask(request); !strings.Contains(got, "You are silenced (loud); you can read, and write to moderators.") {
				t.Errorf("%v: %s", request, got)
			}
		}
		if got := p.ask(object{"action": "message", "message": "why?", "user": "Mace"}); !strings.Contains(got, "SUCCESS") {
			t.Errorf("a message to a moderator: %s", got)
		}
	})
}
