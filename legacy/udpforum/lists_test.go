package udpforum

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/legacy"
	"sshforum/legacy/legacytest"
)

// lines returns the lines of a reply.
func lines(reply string) []string { return slices.Collect(strings.Lines(reply)) }

func TestLongThreadShowsItsEnd(t *testing.T) {
	const posts = 300
	play(t, func(s *stage) {
		p, actor := s.as("yoda"), s.As("yoda")
		p.want("first.txt uploaded to lobby thread", "UPD lobby first.txt")
		for i := range posts {
			if _, err := s.Service.Post(s.t.Context(), actor, "lobby", fmt.Sprintf("message %d", i+1)); err != nil {
				t.Fatal(err)
			}
		}
		p.want("last.txt uploaded to lobby thread", "UPD lobby last.txt")
		got := lines(p.ask("RDT lobby"))
		n := len(got) - 2 // messages shown
		if n < 80 {
			t.Fatalf("only %d messages are shown", n)
		}
		for i, line := range got[:n] {
			if want := fmt.Sprintf("%d yoda: message %[1]d\n", posts-n+i+1); line != want {
				t.Fatalf("line %d is %q; want %q", i, line, want)
			}
		}
		want := []string{"yoda uploaded last.txt\n", fmt.Sprintf("... %d more: ssh shows all\n", posts-n)}
		if !slices.Equal(got[n:], want) {
			t.Errorf("it ends in %q; want %q", got[n:], want)
		}
	})
}

func TestManyThreads(t *testing.T) {
	play(t, func(s *stage) {
		actor := s.As("yoda")
		for i := range 300 {
			if _, err := s.Service.CreateThread(s.t.Context(), actor, fmt.Sprintf("thread-%d", i)); err != nil {
				t.Fatal(err)
			}
		}
		got := lines(s.as("yoda").ask("active threads"))
		n := len(got) - 1
		if want := fmt.Sprintf("... %d more: ssh shows all\n", 301-n); n < 150 || got[0] != "thread-299\n" || got[n] != want {
			t.Errorf("%d lines, %q to %q; want %q", len(got), got[0], got[n], want)
		}
	})
}

// TestOneLineEach shows a text of several lines so that none of them passes for another's
// message, and nothing of somebody that the reader has blocked.
func TestOneLineEach(t *testing.T) {
	play(t, func(s *stage) {
		luke := s.as("luke")
		luke.want("thread exist", "MSG lobby one\n2 yoda: I resign")
		luke.want("1 luke: one 2 yoda: I resign\n", "RDT lobby")
		if _, err := s.Service.Block(s.t.Context(), s.As("yoda"), "luke"); err != nil {
			t.Fatal(err)
		}
		s.as("yoda").want("1 luke: (you blocked them; ssh shows it)\n", "RDT lobby")
	})
}

// TestHostileTexts are one line each.
func TestHostileTexts(t *testing.T) {
	for _, text := range legacytest.HostileTexts() {
		play(t, func(s *stage) {
			if _, err := s.Service.Post(s.t.Context(), s.As("mara"), "lobby", text); err != nil {
				t.Fatal(err)
			}
			got := lines(s.as("yoda").ask("RDT lobby"))
			legacytest.Tame(t, strings.TrimSuffix(got[0], "\n"))
			if len(got) > 1 && len(text) < maxMessage || !strings.HasPrefix(got[0], "1 mara: ") {
				t.Errorf("it shows %.200q", got)
			}
		})
	}
}

// TestThreadFitsOneRead shows whatever a thread can hold: the client receives all of it at
// once, in whole lines, and the newest entry or its beginning.
func TestThreadFitsOneRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tail := legacy.Tail{Thread: forum.Thread{ID: 1, Title: "t1"}}
		for i := range rapid.IntRange(0, 150).Draw(t, "entries") {
			e := rules.Entry{Author: rapid.StringN(1, 32, 128).Draw(t, "author")}
			if rapid.IntRange(0, 3).Draw(t, "kind") == 0 {
				e.Message.Upload = rapid.StringN(1, 255, 255).Draw(t, "file")
			} else {
				tail.Thread.Messages++
				e.Number, e.Message.Text = tail.Thread.Messages, rapid.StringN(1, -1, 3000).Draw(t, "text")
			}
			e.Message.ID = forum.MessageID{Thread: 1, Seq: uint64(i) + 1}
			tail.Latest = append(tail.Latest, e)
		}
		slices.Reverse(tail.Latest)
		reply := new(session).show(tail)
		if len(tail.Latest) == 0 {
			if reply != "Thread t1 is empty" {
				t.Fatal(reply)
			}
			return
		}
		if len(reply) > maxMessage || !strings.HasSuffix(reply, "\n") {
			t.Fatalf("%d bytes: %q", len(reply), reply)
		}
		got := lines(reply)
		end := got[len(got)-1]
		if strings.HasSuffix(end, ": ssh shows all\n") && strings.HasPrefix(end, "... ") && len(got) > 1 {
			got = got[:len(got)-1]
			left := 0
			for _, e := range tail.Latest[len(got):] {
				if e.Number > 0 {
					left++
				}
			}
			if end != moreLine(left) {
				t.Fatalf("%d lines of %d, and %q; want %q", len(got), len(tail.Latest), end, moreLine(left))
			}
		} else if len(got) != len(tail.Latest) {
			t.Fatalf("%d lines of %d, and no word of the others", len(got), len(tail.Latest))
		}
		newest := line(tail.Latest[0])
		if last := got[len(got)-1]; last != newest && last[:min(len(last), 1000)] != newest[:min(len(last), 1000)] {
			t.Fatalf("the newest entry is %q; want %q", last, newest)
		}
	})
}
