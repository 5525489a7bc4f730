package jsonforum

import (
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"unicode/utf8"

	"pgregory.net/rapid"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/legacy"
	"sshforum/legacy/legacytest"
)

// read returns the lines of a thread, after that of its creator.
func (p person) read(thread string) []string {
	p.t.Helper()
	return p.lines(p.ask(object{"type": "RDT", "thread": thread}))[1:]
}

// lines reads a reply as the client does.
func (p person) lines(reply string) (lines []string) {
	p.t.Helper()
	if err := json.Unmarshal([]byte(reply), &lines); err != nil {
		p.t.Fatalf("%q: %v", reply, err)
	}
	return lines
}

func (p person) list() (titles []string) {
	p.t.Helper()
	reply := p.ask(object{"type": "LST"})
	var object map[string]any
	if err := json.Unmarshal([]byte(reply), &object); err != nil {
		p.t.Fatalf("%q: %v", reply, err)
	}
	for title := range object {
		titles = append(titles, title)
	}
	return titles
}

func TestLongThreadShowsItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t)
		yoda, actor := s.as("yoda"), s.As("yoda")
		for i := range 300 {
			if _, err := s.Service.Post(t.Context(), actor, "lobby", fmt.Sprintf("message %d", i+1)); err != nil {
				t.Fatal(err)
			}
		}
		yoda.upload("lobby", "a.txt", "one")
		lines := yoda.read("lobby")
		first := 301 - (len(lines) - 2)
		if len(lines) < 30 {
			t.Errorf("only %d lines", len(lines))
		}
		for i, line := range lines[:len(lines)-2] {
			if want := fmt.Sprintf("%d yoda: message %[1]d\n", first+i); line != want {
				t.Errorf("line %d is %q; want %q", i, line, want)
			}
		}
		want := []string{"yoda uploaded a.txt\n", fmt.Sprintf("... %d earlier messages: ssh shows all\n", first-1)}
		if got := lines[len(lines)-2:]; !slices.Equal(got, want) {
			t.Errorf("it ends in %q; want %q", got, want)
		}
	})
}

// TestReadingCostsWhatIsShown: the cost of reading depends on the entries that are shown, not
// on the thread. Otherwise a poster could make the reply too late for the client, which waits
// 10 ms.
func TestReadingCostsWhatIsShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t)
		p, actor := s.as("yoda"), s.As("yoda")
		text := strings.Repeat("é", 30_000)
		for i := range 128 {
			if _, err := s.Service.Post(t.Context(), actor, "lobby", fmt.Sprint(i, text)); err != nil {
				t.Fatal(err)
			}
		}
		reads := func(what string) {
			t.Helper()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			p.read("lobby")
			runtime.ReadMemStats(&after)
			if took := after.TotalAlloc - before.TotalAlloc; took > 500_000 {
				t.Errorf("to read the end of a thread of %s takes %d bytes", what, took)
			}
		}
		reads("long messages")
		for i := range 500 {
			if _, err := s.Service.Placeholder(t.Context(), actor, "lobby", fmt.Sprint("file", i)); err != nil {
				t.Fatal(err)
			}
		}
		reads("uploads")
		for i := range 100 {
			if _, err := s.Service.Reply(t.Context(), actor, rules.Target{Title: "lobby", Number: 1}, fmt.Sprint(i)); err != nil {
				t.Fatal(err)
			}
		}
		reads("answers to a long message")
	})
}

// TestHostileTexts: each text is shown in one line, and so is the text of a blocked person.
func TestHostileTexts(t *testing.T) {
	for _, text := range legacytest.HostileTexts() {
		play(t, func(t *testing.T, s *stage) {
			if _, err := s.Service.Post(t.Context(), s.As("mara"), "lobby", text); err != nil {
				t.Fatal(err)
			}
			got := s.as("yoda").read("lobby")
			legacytest.Tame(t, strings.TrimSuffix(got[0], "\n"))
			if len(got) > 1 && len(text) < maxMessage || !strings.HasPrefix(got[0], "1 mara: ") {
				t.Errorf("it shows %.200q", got)
			}
			if _, err := s.Service.Block(t.Context(), s.As("luke"), "mara"); err != nil {
				t.Fatal(err)
			}
			if got := s.as("luke").read("lobby"); !slices.Equal(got, []string{"1 mara: (you blocked them; ssh shows it)\n"}) {
				t.Errorf("to whom has blocked it, it shows %.200q", got)
			}
		})
	}
}

func TestManyUploads(t *testing.T) {
	tail := legacy.Tail{Creator: "yoda", Thread: forum.Thread{ID: 1, Title: "t1", Messages: 1}}
	tail.Latest = []rules.Entry{{Number: 1, Author: "yoda", Message: forum.Message{ID: forum.MessageID{Thread: 1, Seq: 1}, Text: "hello"}}}
	for range 100 {
		tail.Latest = append(tail.Latest, rules.Entry{Author: "yoda", Message: forum.Message{Upload: "a.txt"}})
	}
	ends := func(want string) {
		t.Helper()
		lines := person{t: t}.lines(new(session).show(tail))
		if last := lines[len(lines)-1]; last != want {
			t.Errorf("it ends in %q; want %q", last, want)
		}
	}
	ends("... earlier uploads: ssh shows all\n")
	slices.Reverse(tail.Latest)
	ends("... 1 earlier messages: ssh shows all\n")
}

func TestManyThreads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t)
		actor := s.As("yoda")
		for i := range 200 {
			if _, err := s.Service.CreateThread(t.Context(), actor, fmt.Sprintf("thread-%d", i)); err != nil {
				t.Fatal(err)
			}
		}
		titles := s.as("yoda").list()
		want := fmt.Sprintf("... %d more: ssh shows all", 201-(len(titles)-1))
		if len(titles) < 40 || !slices.Contains(titles, want) || !slices.Contains(titles, "thread-199") {
			t.Errorf("%d keys: %q; want %q among them", len(titles), titles, want)
		}
	})
}

// TestListsFitOneRead makes lists of whatever a forum can hold: each is JSON in ASCII that
// the client receives whole, and shows the newest entry or its beginning.
func TestListsFitOneRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tail := legacy.Tail{Creator: rapid.StringN(1, 32, 128).Draw(t, "creator")}
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
		var lines []string
		if err := json.Unmarshal([]byte(reply), &lines); err != nil || len(reply) > maxMessage || strings.IndexFunc(reply, notASCII) >= 0 {
			t.Fatalf("%d bytes, %v: %q", len(reply), err, reply)
		}
		if len(lines) == 0 || len(tail.Latest) > 0 && len(lines) < 2 {
			t.Fatalf("too few lines: %q", lines)
		}

		titles := rapid.SliceOfN(rapid.StringN(1, 64, 255), 0, 150).Draw(t, "titles")
		reply = keys(slices.Clone(titles))
		var object map[string]struct{}
		if err := json.Unmarshal([]byte(reply), &object); err != nil || len(reply) > maxMessage || strings.IndexFunc(reply, notASCII) >= 0 {
			t.Fatalf("%d bytes, %v: %q", len(reply), err, reply)
		}
		if len(titles) == 0 {
			return
		}
		if _, there := object[titles[0]]; !there {
			t.Fatalf("the first title is not in %q", reply)
		}
	})
}

func notASCII(r rune) bool { return r >= utf8.RuneSelf }

func TestLongMessageIsCut(t *testing.T) {
	for _, text := range []string{strings.Repeat("x", 5000), strings.Repeat("語", 5000), strings.Repeat("\U0001F600", 2000), strings.Repeat("\n", 2000) + "."} {
		line := shorten("1 yoda: "+text+"\n", 900)
		size := len(legacy.ASCII(line))
		if size > 900 || size < 850 || !strings.HasSuffix(line, "…: ssh shows all\n") || !utf8.ValidString(line) {
			t.Errorf("%d bytes: %q", size, line)
		}
	}
}
