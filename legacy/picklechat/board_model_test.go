package picklechat

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sshforum/forum/rules"
)

// TestReadIsTheSlowWay compares replies to RDM, byte for byte, with those of a reader that looks
// at every message of the board.
func TestReadIsTheSlowWay(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		lengths := rapid.SliceOfN(rapid.IntRange(1, 400), 0, 40).Draw(rt, "lengths")
		edited := rapid.SliceOfN(rapid.IntRange(1, 40), 0, 5).Draw(rt, "edited")
		since := rapid.IntRange(0, 45).Draw(rt, "since")
		from := rapid.IntRange(1, 40).Draw(rt, "from")
		var got, want string
		play(t, func(s *stage) {
			o := s.as("yoda")
			for i, n := range lengths {
				o.ask("MSG", fmt.Sprint(i, strings.Repeat("x", n)))
				time.Sleep(time.Second)
			}
			board := &session{dialect: &dialect{zone: time.UTC}, service: s.Service}
			for _, n := range edited {
				_, _ = s.Service.EditMessage(ctx, s.As("yoda"), rules.Target{Title: rules.Lobby, Number: uint64(n)}, "mended")
				time.Sleep(time.Second)
			}
			at := time.Date(2000, 1, 1, 0, 0, since, 0, time.UTC)
			got = o.ask("RDM", fmt.Sprint(board.time(at), " ", from)).body.(string)
			want = board.readSlowly(t, s.As("yoda"), at, uint64(from))
		})
		if got != want {
			rt.Fatalf("the reply is\n%s\nand not\n%s", got, want)
		}
	})
}

// readSlowly returns the body of the reply.
func (s *session) readSlowly(t *testing.T, actor rules.Actor, since time.Time, from uint64) (body string) {
	reading, err := s.service.Read(ctx, actor, rules.Lobby, rules.Range{})
	if err != nil {
		t.Fatal(err)
	}
	for e, err := range reading.Entries {
		if err != nil {
			t.Fatal(err)
		}
		if e.Number < from || stamp(e.Message).Before(since) {
			continue
		}
		line := s.line(e)
		if len(pickle("RDM", body+line))+maxEnd > maxMessage {
			return body + fmt.Sprintf("... more: RDM %s %d shows them\n", s.time(since), e.Number)
		}
		body += line
	}
	if body == "" {
		return replies[noNewMessages].body
	}
	return body
}
