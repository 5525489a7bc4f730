package shell

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
	"sshforum/sshapp/lineedit"
	"sshforum/sshapp/render"
)

// atDesk is a person at a terminal whose shell waits for nothing.
type atDesk struct {
	*noticeBoard
	f     *forumtest.Forum
	shown *bytes.Buffer
}

func newDesk(t *testing.T, f *forumtest.Forum, name string) *atDesk {
	t.Helper()
	actor := f.As(name)
	visit, err := f.Service.Arrive(t.Context(), actor, rules.Arrival{Stays: true, Reads: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := visit.Waiting(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	in, typed := io.Pipe()
	a := &atDesk{f: f, shown: &bytes.Buffer{}}
	sh := &shell{runner: &runner{
		service: f.Service, log: slog.New(slog.DiscardHandler), actor: actor, visit: visit, seen: &rules.Seen{},
		look: render.NewLook(f.Clock.Now, []string{"NO_COLOR=1"}).OnTerminal("xterm").With(forum.Preferences{}),
	}}
	sh.editor = &terminal{Editor: lineedit.New(lineedit.Config{In: in, Out: a.shown})}
	sh.board.shell = sh
	a.noticeBoard = &sh.board
	t.Cleanup(func() {
		typed.Close()
		sh.editor.Close()
		if err := visit.Leave(t.Context()); err != nil {
			t.Error(err)
		}
	})
	return a
}

// sees shows the notices that have come, and returns them and the number of bells.
func (a *atDesk) sees() (text string, bells int) {
	a.shown.Reset()
	a.show()
	text = strings.ReplaceAll(a.shown.String(), "\r", "")
	return strings.ReplaceAll(text, "\a", ""), strings.Count(text, "\a")
}

func (a *atDesk) tell(t *testing.T, from, text string) {
	t.Helper()
	if _, err := a.f.Service.SendPrivateMessage(t.Context(), a.f.As(from), a.shell.actor.Name, text); err != nil {
		t.Fatal(err)
	}
}

func (a *atDesk) say(t *testing.T, from, text string) {
	t.Helper()
	if _, err := a.f.Service.Say(t.Context(), a.f.As(from), text); err != nil {
		t.Fatal(err)
	}
}

func (a *atDesk) set(t *testing.T, name, value string) {
	t.Helper()
	p, err := a.f.Service.Preferences(a.shell.actor)
	if err != nil {
		t.Fatal(err)
	}
	s, _ := forum.FindSetting(name)
	if err := s.Set(&p, value); err != nil {
		t.Fatal(err)
	}
	if _, err := a.f.Service.SetPreferences(t.Context(), a.shell.actor, p); err != nil {
		t.Fatal(err)
	}
}

func TestBell(t *testing.T) {
	a := newDesk(t, forumtest.New(t), "yoda")
	rings := func(what string, want int, do ...func()) {
		t.Helper()
		for _, do := range do {
			do()
		}
		if text, got := a.sees(); got != want {
			t.Errorf("%s: %d bells with %q", what, got, text)
		}
	}
	tell := func() { a.tell(t, "luke", "psst") }
	out := func() { a.say(t, "luke", "hello") }
	rings("three at once", 1, tell, out, tell)
	rings("in the same second", 0, tell)
	a.f.Clock.Advance(bellEvery)
	rings("a second later", 1, tell)
	a.f.Clock.Advance(bellEvery)
	rings("what is said to all", 0, out)
	a.set(t, "bell", "all")
	rings("all", 1, out)
	a.f.Clock.Set(-time.Hour)
	if _, err := a.f.Time.Set(t.Context(), rules.Operator(), true); err != nil {
		t.Fatal(err)
	}
	a.f.Clock.Advance(bellEvery)
	rings("a second later, by a clock that was set back", 1, out)
	a.f.Clock.Advance(bellEvery)
	a.set(t, "bell", "never")
	rings("never", 0, tell, out)
}

func TestDeskHoldsLittle(t *testing.T) {
	a := newDesk(t, forumtest.New(t), "yoda")
	for n := range 30 {
		a.say(t, "luke", fmt.Sprint("number ", n))
	}
	a.tell(t, "luke", "in between")
	for n := range 200 {
		a.say(t, "luke", fmt.Sprint("more ", n))
	}
	a.tell(t, "luke", "the last")
	text, _ := a.sees()
	for _, want := range []string{"luke to all: number 2\n", "luke to all: number 19\n", "luke to you: in between\n", "luke to you: the last\n"} {
		if strings.Count(text, want) != 1 {
			t.Errorf("%q is not there once in\n%s", want, text)
		}
	}
	if lines := strings.Count(text, "\n"); lines != maxHeld+1 || !strings.HasSuffix(text, "\nYou missed 212 notices; NEW shows what is unread.\n") {
		t.Errorf("%d lines:\n%s", lines, text)
	}
	if text, _ := a.sees(); text != "" {
		t.Errorf("shown again:\n%s", text)
	}
}

// Few lines are shown even if one notice is very long.
func TestDeskShowsFewLines(t *testing.T) {
	const noticeLines, noticeBytes = 4, 4 << 10 // of each
	a := newDesk(t, forumtest.New(t), "yoda")
	for range 10 {
		a.say(t, "luke", "one\ntwo\nthree\nfour\nfive")
	}
	text, _ := a.sees()
	if lines := strings.Count(text, "\n"); lines > maxHeld+noticeLines+1 || !strings.Contains(text, "You missed 5 notices") {
		t.Errorf("%d lines:\n%s", lines, text)
	}
	a.tell(t, "luke", "👩"+strings.Repeat("\u200d👩", 2000))
	if text, _ := a.sees(); len(text) > noticeBytes+200 || !strings.Contains(text, "… INBOX luke shows all of it.") {
		t.Errorf("%d bytes:\n%s", len(text), text)
	}
}

// An event that a command has shown is not shown again as a notice, and the other way round.
func TestNoticesBesideAStream(t *testing.T) {
	a := newDesk(t, forumtest.New(t), "yoda")
	a.say(t, "luke", "before")
	var followed bytes.Buffer
	events := func(yield func(forum.Event) bool) {
		for events, err := range a.f.Service.Follow(t.Context(), a.shell.actor, nil, 0, true) {
			if err != nil {
				t.Error(err)
				return
			}
			for _, e := range events {
				if !yield(*e) {
					return
				}
			}
		}
	}
	a.stream = new(recentEvents)
	for e := range events {
		if e.Text == "second" {
			a.sees()
		}
		err := a.emit([]command.Result{command.Happened{Event: &e}}, a.shell.textRenderer(&followed, &followed))
		if err != nil {
			t.Fatal(err)
		}
		switch e.Text {
		case "before":
			a.sees()
			a.say(t, "luke", "first")
		case "first":
			if text, _ := a.sees(); text != "" {
				t.Errorf("shown beside it: %q", text)
			}
			a.say(t, "luke", "second")
		}
		if e.Text == "second" {
			break
		}
	}
	if text := followed.String(); strings.Count(text, "first") != 1 || strings.Contains(text, "second") {
		t.Errorf("shown is\n%s", text)
	}
	if text := a.shown.String(); strings.Count(text, "second") != 1 {
		t.Errorf("beside it is shown %q", text)
	}
}

// Notices are shown beside such a command though nobody asks for them.
func TestNoticesDuringAStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newDesk(t, forumtest.New(t), "yoda")
		stop := a.streams(t.Context())
		a.tell(t, "luke", "psst")
		synctest.Wait()
		if text := a.shown.String(); !strings.Contains(text, "luke to you: psst") {
			t.Errorf("beside it is shown %q", text)
		}
		stop()
		a.tell(t, "luke", "later")
		if text, _ := a.sees(); !strings.Contains(text, "luke to you: later") {
			t.Errorf("afterwards is shown %q", text)
		}
	})
}

// A notice that told all of a post marks it as read, and its number means that post.
func TestNoticeMarksAndLearns(t *testing.T) {
	f := forumtest.New(t)
	a := newDesk(t, f, "yoda")
	if _, err := f.Service.CreateThread(t.Context(), a.shell.actor, "3331"); err != nil {
		t.Fatal(err)
	}
	post := func(text string) rules.Posted {
		p, err := f.Service.Post(t.Context(), f.As("luke"), "3331", text)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	unread := func() int {
		news, err := f.Service.News(t.Context(), a.shell.actor)
		if err != nil {
			t.Fatal(err)
		}
		if len(news.Threads) == 0 {
			return 0
		}
		return int(news.Threads[0].Messages)
	}
	p := post("short")
	if n := unread(); n != 1 {
		t.Errorf("%d unread before it is shown", n)
	}
	a.sees()
	if n := unread(); n != 0 {
		t.Errorf("%d unread after it was shown", n)
	}
	if target := a.shell.seen.Target("3331", 1); target.ID != p.Message.ID {
		t.Errorf("1 means %+v", target)
	}
	post(strings.Repeat("long ", 1000))
	f.Clock.Advance(time.Minute)
	if text, _ := a.sees(); !strings.Contains(text, "RDT 3331 --from 2 shows all of it.") {
		t.Errorf("shown is\n%s", text)
	}
	if n := unread(); n != 1 {
		t.Errorf("%d unread after the beginning was shown", n)
	}
}

// A private message of which a notice showed the beginning is not announced again at the
// next login; it stays unread.
func TestNoticeOfALongPrivateMessage(t *testing.T) {
	f := forumtest.New(t)
	a := newDesk(t, f, "yoda")
	if _, err := f.Service.SendPrivateMessage(t.Context(), f.As("luke"), "yoda", strings.Repeat("long ", 1000)); err != nil {
		t.Fatal(err)
	}
	if text, _ := a.sees(); !strings.Contains(text, "luke to you: long") {
		t.Errorf("shown is\n%s", text)
	}
	later := newDesk(t, f, "yoda")
	if messages, more, err := later.shell.visit.Waiting(t.Context(), 10); len(messages) > 0 || more > 0 || err != nil {
		t.Errorf("%d and %d more are announced again, %v", len(messages), more, err)
	}
	if news, err := f.Service.News(t.Context(), a.shell.actor); err != nil || len(news.Private) != 1 {
		t.Errorf("%+v, %v", news.Private, err)
	}
}
