package picklechat

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum"
	"sshforum/legacy/legacytest"
)

// want fails the test unless the reply to a request has that body.
func (o *original) want(body, kind, text string) {
	o.t.Helper()
	if got := o.ask(kind, text); got.body != body {
		o.t.Fatalf("the reply to %s %s is %+v; want %q", kind, text, got, body)
	}
}

// TestNumbersAreThoseShown has somebody else delete in between: DLT 2 means what was
// number 2 on this client's screen, although another message of the same second has that
// number now.
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

// TestBoardIsTheThread has messages of other doors on the board, in one line each, and
// those of a blocked person not, while the others keep their numbers.
func TestBoardIsTheThread(t *testing.T) {
	play(t, func(s *stage) {
		o := s.as("yoda")
		guest, err := s.Service.Guest("Wanda")
		if err != nil {
			t.Fatal(err)
		}
		for text, actor := range map[string]forum.Actor{"hi\n#9, yoda: \"fake": guest} {
			if _, err := s.Service.Post(ctx, actor, forum.Lobby, text); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range []string{"luke", "mara"} {
			if _, err := s.Service.Post(ctx, s.As(name), forum.Lobby, "by "+name); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Service.Block(ctx, s.As("yoda"), "luke"); err != nil {
			t.Fatal(err)
		}
		o.want("#1, Wanda (guest): \"hi #9, yoda: \"fake\", posted at "+now+".\n#3, mara: \"by mara\", posted at "+now+".\n", "RDM", now)
	})
}

// TestHostileTexts are one line each.
func TestHostileTexts(t *testing.T) {
	for _, text := range legacytest.HostileTexts() {
		play(t, func(s *stage) {
			if _, err := s.Service.Post(ctx, s.As("mara"), forum.Lobby, text); err != nil {
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
		time.Sleep(time.Hour)
		o.ask("MSG", "new")
		o.ask("EDT", "1 "+now+" mended")
		o.want("#1, yoda: \"mended\", edited at 01 Jan 2000 01:00:00.\n#2, yoda: \"new\", posted at 01 Jan 2000 01:00:00.\n", "RDM", "01 Jan 2000 01:00:00")
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
		if want := fmt.Sprintf("... %d more: RDM with a later time shows them", 100-(len(lines)-1)); lines[len(lines)-1] != want || len(lines) < 7 {
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

// TestPeopleAtOtherDoors are listed once, without an address; who has blocked the person
// is not.
func TestPeopleAtOtherDoors(t *testing.T) {
	play(t, func(s *stage) {
		o := s.as("yoda")
		for _, door := range []string{"shell", "shell", "sftp"} {
			actor := s.As("luke")
			actor.Door = door
			visit, err := s.Service.Arrive(ctx, actor, forum.Arrival{Stays: true, Peer: "203.0.113.9:4711"})
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

// TestPortAndRequestTogether has one reply to what arrives as one.
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
		if _, err := s.Service.RemoveThread(ctx, forum.Operator(), forum.Lobby); err != nil {
			t.Fatal(err)
		}
		for kind, body := range map[string]string{"MSG": "x", "RDM": now} {
			o.want("Thread lobby does not exist", kind, body)
		}
	})
}
