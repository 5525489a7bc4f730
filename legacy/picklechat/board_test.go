package picklechat

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum/rules"
	"sshforum/legacy/legacytest"
)

// want fails the test unless the reply to a request has that body.
func (o *original) want(body, kind, text string) {
	o.t.Helper()
	if got := o.ask(kind, text); got.body != body {
		o.t.Fatalf("the reply to %s %s is %+v; want %q", kind, text, got, body)
	}
}

// TestNumbersAreThoseShown has somebody else delete a message: DLT 2 still means the message
// that was number 2 on this client's screen, although another message of the same second has
// that number now.
func TestNumbersAreThoseShown(t *testing.T) {
	play(t, func(s *stage) {
		yoda, luke := s.as("yoda"), s.as("luke")
		luke.ask("MSG", "zero")
		for _, text := range []string{"one", "two"} {
			yoda.ask("MSG", text)
		}
		luke.want("Message #1 deleted at "+now+".", "DLT", "1 "+now)
		yoda.want("Message #2 deleted at "+now+".", "DLT", "2 "+now)
		yoda.want("#1, yoda: \"two\", posted at "+now+".\n", "RDM", now)
		yoda.want(replies[noMessage].body, "DLT", "4 01 Jan 2000 00:00:01")
	})
}

// TestBoardIsTheThread has messages of other doors on the board, in one line each, and of
// those of a blocked person that they are there.
func TestBoardIsTheThread(t *testing.T) {
	play(t, func(s *stage) {
		o := s.as("yoda")
		guest, err := s.Service.Guest("Wanda")
		if err != nil {
			t.Fatal(err)
		}
		for text, actor := range map[string]rules.Actor{"hi\n#9, yoda: \"fake": guest} {
			if _, err := s.Service.Post(ctx, actor, rules.Lobby, text); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range []string{"luke", "mara"} {
			if _, err := s.Service.Post(ctx, s.As(name), rules.Lobby, "by "+name); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Service.Block(ctx, s.As("yoda"), "luke"); err != nil {
			t.Fatal(err)
		}
		o.want("#1, Wanda (guest): \"hi #9, yoda: \"fake\", posted at "+now+".\n#2, luke: \"(you blocked them; ssh shows it)\", posted at "+now+".\n#3, mara: \"by mara\", posted at "+now+".\n", "RDM", now)
	})
}

// TestHostileTexts are one line each.
func TestHostileTexts(t *testing.T) {
	for _, text := range legacytest.HostileTexts() {
		play(t, func(s *stage) {
			if _, err := s.Service.Post(ctx, s.As("mara"), rules.Lobby, text); err != nil {
				t.Fatal(err)
			}
			got := strings.TrimSuffix(s.as("yoda").ask("RDM", now).body.(string), "\n")
			legacytest.Tame(t, got)
			if !strings.HasPrefix(got, `#1, mara: "`) {
				t.Errorf("it shows %.200q", got)
			}
		})
	}
}

// TestEditedIsNew has a message listed by the time of its edit.
func TestEditedIsNew(t *testing.T) {
	play(t, func(s *stage) {
		o := s.as("yoda")
		o.ask("MSG", "old")
		time.Sleep(10 * time.Minute)
		o.ask("MSG", "new")
		o.ask("EDT", "1 "+now+" mended")
		o.want("#1, yoda: \"mended\", edited at 01 Jan 2000 00:10:00.\n#2, yoda: \"new\", posted at 01 Jan 2000 00:10:00.\n", "RDM", "01 Jan 2000 00:10:00")
	})
}

// TestLongLists has replies cut on a line, and say how much is left out.
func TestLongLists(t *testing.T) {
	play(t, func(s *stage) {
		o := s.as("yoda")
		o.ask("MSG", strings.Repeat("日本語", 10_000/9))
		for i := range 99 {
			o.ask("MSG", fmt.Sprintf("message %d", i))
		}
		text := o.ask("RDM", now).body.(string)
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		if want := fmt.Sprintf("... more: RDM %s %d shows them", now, len(lines)); lines[len(lines)-1] != want || len(lines) < 7 {
			t.Errorf("the last of %d lines is %q; want %q", len(lines), lines[len(lines)-1], want)
		}
		if !strings.HasSuffix(lines[0], "…\", posted at "+now+".") {
			t.Errorf("the long message is %q", lines[0])
		}
		for i := range 60 {
			s.as(fmt.Sprintf("user%d", i))
		}
		users := strings.Split(strings.TrimSuffix(o.ask("ATU", "").body.(string), "\n"), "\n")
		for _, line := range users {
			if parts := strings.Split(line, ", "); len(parts) != 4 {
				t.Errorf("the client cannot take %q apart", line)
			}
		}
		if want := fmt.Sprintf("... %d more, 0.0.0.0, 0, active since %s.", 60-(len(users)-1), now); users[len(users)-1] != want {
			t.Errorf("the last of %d lines is %q; want %q", len(users), users[len(users)-1], want)
		}
	})
}

// TestMessagesOfOneSecond are all shown, each once: the last line of a reply says how to
// read on.
func TestMessagesOfOneSecond(t *testing.T) {
	play(t, func(s *stage) {
		o := s.as("yoda")
		const many = 8
		for i := range many {
			o.ask("MSG", fmt.Sprint(i, strings.Repeat("x", 1200)))
		}
		time.Sleep(time.Minute)
		o.ask("EDT", "3 "+now+" mended")
		o.ask("MSG", "later")
		var numbers []int
		for order := now; order != ""; {
			reply := o.ask("RDM", order).body.(string)
			order = ""
			for line := range strings.Lines(reply) {
				var number int
				if _, err := fmt.Sscanf(line, "#%d,", &number); err == nil {
					numbers = append(numbers, number)
				} else if next, more := strings.CutPrefix(line, "... more: RDM "); more {
					order, _ = strings.CutSuffix(next, " shows them\n")
				}
			}
		}
		if want := []int{1, 2, 3, 4, 5, 6, 7, 8, 9}; !slices.Equal(numbers, want) {
			t.Errorf("it shows %v", numbers)
		}
		o.want(`#3, yoda: "mended", edited at 01 Jan 2000 00:01:00.`+"\n"+`#9, yoda: "later", posted at 01 Jan 2000 00:01:00.`+"\n", "RDM", "01 Jan 2000 00:01:00")
		o.want(`#9, yoda: "later", posted at 01 Jan 2000 00:01:00.`+"\n", "RDM", "01 Jan 2000 00:01:00 4")
		o.want(replies[noNewMessages].body, "RDM", now+" 10")
		for _, wrong := range []string{"x", "-1", "1 2"} {
			o.want(replies[readUsage].body, "RDM", now+" "+wrong)
		}
	})
}

// TestOldMessagesAreReached that are not among the last, by their time.
func TestOldMessagesAreReached(t *testing.T) {
	play(t, func(s *stage) {
		for i := range maxEditsChecked + 10 {
			if _, err := s.Service.Post(ctx, s.As("luke"), rules.Lobby, fmt.Sprint(i)); err != nil {
				t.Fatal(err)
			}
		}
		if got := s.as("yoda").ask("RDM", now).body.(string); !strings.HasPrefix(got, `#1, luke: "0",`) {
			t.Errorf("it begins with %.40q", got)
		}
	})
}

// TestNumbersMoveUp as in the original: the next message can be named by the number of one
// that is deleted, with its own time, and by no other.
func TestNumbersMoveUp(t *testing.T) {
	const second, third = "01 Jan 2000 00:00:10", "01 Jan 2000 00:00:20"
	play(t, func(s *stage) {
		o := s.as("yoda")
		for _, text := range []string{"one", "two", "three"} {
			o.ask("MSG", text)
			time.Sleep(10 * time.Second)
		}
		o.want("Message #1 deleted at 01 Jan 2000 00:00:30.", "DLT", "1 "+now)
		o.want(replies[otherTime].body, "DLT", "1 "+now)
		o.want("Message #1 edited at 01 Jan 2000 00:00:30.", "EDT", "1 "+second+" two, mended")
		o.want(replies[otherTime].body, "DLT", "1 "+second)
		o.want("Message #1 deleted at 01 Jan 2000 00:00:30.", "DLT", "1 01 Jan 2000 00:00:30")
		o.want("Message #3 deleted at 01 Jan 2000 00:00:30.", "DLT", "3 "+third) // as it was shown
		o.want(replies[noMessage].body, "DLT", "3 "+third)
		o.want(replies[noMessage].body, "DLT", "1 "+third)
	})
}

// TestNumbersMoveUpWithinASecond for the client that has deleted a message. For another client
// the message is gone, and no message with its number and its second is taken for it.
func TestNumbersMoveUpWithinASecond(t *testing.T) {
	play(t, func(s *stage) {
		o := s.as("yoda")
		for _, text := range []string{"one", "two", "three"} {
			o.ask("MSG", text)
		}
		for range 2 {
			o.want("Message #1 deleted at "+now+".", "DLT", "1 "+now)
		}
		o.ask("RDM", now)
		for _, text := range []string{"four", "five"} {
			o.ask("MSG", text)
		}
		if _, err := s.Service.DeleteMessage(ctx, rules.Operator(), rules.Target{Title: rules.Lobby, Number: 2}); err != nil {
			t.Fatal(err)
		}
		o.want(replies[noMessage].body, "DLT", "2 "+now)
		o.want("#1, yoda: \"three\", posted at "+now+".\n#2, yoda: \"five\", posted at "+now+".\n", "RDM", now)
		o.want("Message #2 deleted at "+now+".", "DLT", "2 "+now)
	})
}

// TestPeopleAtOtherDoors: people at other doors are listed once, without an address; those who
// have blocked the person are not listed.
func TestPeopleAtOtherDoors(t *testing.T) {
	play(t, func(s *stage) {
		o := s.as("yoda")
		for _, door := range []string{"shell", "shell", "sftp"} {
			actor := s.As("luke")
			actor.Door = door
			visit, err := s.Service.Arrive(ctx, actor, rules.Arrival{Stays: true, Peer: "203.0.113.9:4711"})
			if err != nil {
				t.Fatal(err)
			}
			defer visit.Leave(ctx)
		}
		o.want("luke, 0.0.0.0, 0, active since "+now+".\n", "ATU", "")
		s.as("luke")
		o.want("luke, 192.0.2.7, 40000, active since "+now+".\n", "ATU", "")
		if _, err := s.Service.Block(ctx, s.As("luke"), "yoda"); err != nil {
			t.Fatal(err)
		}
		o.want(replies[nobodyElse].body, "ATU", "")
	})
}

// TestDroppedConnection takes the client off the list.
func TestDroppedConnection(t *testing.T) {
	play(t, func(s *stage) {
		o, luke, again := s.as("yoda"), s.as("luke"), s.as("luke")
		_ = luke.Close()
		synctest.Wait()
		o.want("luke, 192.0.2.7, 40000, active since "+now+".\n", "ATU", "")
		_ = again.Close()
		synctest.Wait()
		o.want(replies[nobodyElse].body, "ATU", "")
	})
}

// TestPorts has no port but a real one passed on.
func TestPorts(t *testing.T) {
	play(t, func(s *stage) {
		o, luke := s.as("yoda"), s.as("luke")
		for port, shown := range map[any]int{0: 40000, -1: 40000, 65536: 40000, "5000": 40000} {
			luke.Send(python38("UDP_PORT", port))
			synctest.Wait()
			o.want(fmt.Sprintf("luke, 192.0.2.7, %d, active since %s.\n", shown, now), "ATU", "")
		}
		luke.Send(python37("UDP_PORT", 65535))
		synctest.Wait()
		o.want("luke, 192.0.2.7, 65535, active since "+now+".\n", "ATU", "")
	})
}

// TestPortAndRequestTogether: two requests that arrive together get one reply.
func TestPortAndRequestTogether(t *testing.T) {
	play(t, func(s *stage) {
		o := s.as("yoda")
		o.Send(python38("UDP_PORT", 5000) + python38("OUT", ""))
		if got := o.reply(); got.kind != "OUT" {
			t.Errorf("the reply is %+v", got)
		}
		o.Expect("")
	})
}

// TestNoThread has the board's thread removed.
func TestNoThread(t *testing.T) {
	play(t, func(s *stage) {
		o := s.as("yoda")
		if _, err := s.Service.RemoveThread(ctx, rules.Operator(), rules.Lobby); err != nil {
			t.Fatal(err)
		}
		for kind, body := range map[string]string{"MSG": "x", "RDM": now} {
			o.want("Thread lobby does not exist", kind, body)
		}
	})
}
