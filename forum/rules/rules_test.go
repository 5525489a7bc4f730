package rules_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

func line(n uint64, author, text string) string { return fmt.Sprintf("%d %s: %s", n, author, text) }

func number(n uint64) rules.Target { return rules.Target{Title: "3331", Number: n} }

// thread3331 is Yoda's thread with two messages of Yoda's and one of Obi-wan's between.
func thread3331(t *testing.T, set ...func(*rules.Config)) *forumtest.Forum {
	t.Helper()
	f := forumtest.New(t, set...)
	must[forum.Thread](t)(f.Service.CreateThread(ctx, f.As("Yoda"), "3331"))
	post(t, f, "Yoda", "3331", "one")
	post(t, f, "Obi-wan", "3331", "two")
	post(t, f, "Yoda", "3331", "three")
	return f
}

func TestLobbyIsFoundedOnce(t *testing.T) {
	f := forumtest.New(t)
	threads := must[[]forum.Thread](t)(f.Service.Threads(ctx, f.As("yoda")))
	if len(threads) != 1 || threads[0].Title != rules.Lobby || threads[0].Creator != 0 {
		t.Fatalf("a new forum has %+v, want the lobby that belongs to nobody", threads)
	}
	_, err := f.Service.RemoveThread(ctx, f.AsRole("Mace", forum.Moderator), rules.Lobby)
	wants(t, err, forum.Denied, "Thread lobby belongs to nobody, and only an admin can remove it")
	must[forum.Thread](t)(f.Service.RemoveThread(ctx, f.AsRole("Padme", forum.Admin), rules.Lobby))
	f.Reopen()
	if threads := must[[]forum.Thread](t)(f.Service.Threads(ctx, f.As("yoda"))); len(threads) != 0 {
		t.Errorf("the removed lobby came back: %+v", threads)
	}
}

func TestThreads(t *testing.T) {
	f := thread3331(t)
	yoda := f.As("Yoda")
	_, err := f.Service.CreateThread(ctx, f.As("Obi-wan"), "3331")
	wants(t, err, forum.Conflict, "Thread 3331 exists")
	_, err = f.Service.RemoveThread(ctx, f.As("Obi-wan"), "3331")
	wants(t, err, forum.Denied, "The thread was created by another user and cannot be removed")
	_, err = f.Service.RemoveThread(ctx, yoda, "331")
	wants(t, err, forum.NotFound, "Thread 331 does not exist")
	must[forum.Thread](t)(f.Service.RemoveThread(ctx, yoda, "3331"))
	_, err = f.Service.Post(ctx, yoda, "3331", "late")
	wants(t, err, forum.NotFound, "Thread 3331 does not exist")
}

func TestThreadsAreListedByActivity(t *testing.T) {
	f := forumtest.New(t)
	for _, title := range []string{"a", "b", "c"} {
		f.Clock.Advance(time.Second)
		must[forum.Thread](t)(f.Service.CreateThread(ctx, f.As("Yoda"), title))
	}
	f.Clock.Advance(time.Second)
	post(t, f, "Yoda", "b", "news")
	var titles []string
	for _, thread := range must[[]forum.Thread](t)(f.Service.Threads(ctx, f.As("Yoda"))) {
		titles = append(titles, thread.Title)
	}
	if diff := cmp.Diff([]string{"b", "c", "a", rules.Lobby}, titles); diff != "" {
		t.Error(diff)
	}
}

func TestMessages(t *testing.T) {
	f := thread3331(t)
	yoda := f.As("Yoda")
	want := []string{"1 Yoda: one", "2 Obi-wan: two", "3 Yoda: three"}
	if diff := cmp.Diff(want, texts(t, f, "3331", rules.Range{})); diff != "" {
		t.Fatal(diff)
	}
	_, err := f.Service.EditMessage(ctx, yoda, number(2), "mine")
	wants(t, err, forum.Denied, "The message belongs to another user and cannot be edited")
	_, err = f.Service.DeleteMessage(ctx, yoda, number(2))
	wants(t, err, forum.Denied, "The message belongs to another user and cannot be deleted")
	_, err = f.Service.DeleteMessage(ctx, yoda, number(4))
	wants(t, err, forum.NotFound, "Invalid message number")
	must[rules.Posted](t)(f.Service.DeleteMessage(ctx, yoda, number(1)))
	must[rules.Posted](t)(f.Service.EditMessage(ctx, yoda, number(2), "THREE"))
	post(t, f, "Yoda", "3331", "four")
	want = []string{"1 Obi-wan: two", "2 Yoda: THREE", "3 Yoda: four"}
	if diff := cmp.Diff(want, texts(t, f, "3331", rules.Range{})); diff != "" {
		t.Error(diff)
	}
}

func TestEditsKeepTheirHistory(t *testing.T) {
	f := thread3331(t)
	yoda := f.As("Yoda")
	for _, text := range []string{"uno", "ein"} {
		f.Clock.Advance(time.Minute)
		must[rules.Posted](t)(f.Service.EditMessage(ctx, yoda, number(1), text))
	}
	h := must[rules.History](t)(f.Service.History(ctx, f.As("Obi-wan"), number(1)))
	start := forumtest.NewClock().Now()
	want := []forum.Edit{{Text: "one", Until: start.Add(time.Minute)}, {Text: "uno", Until: start.Add(2 * time.Minute)}}
	if diff := cmp.Diff(want, h.Earlier); diff != "" || h.Message.Text != "ein" || h.Message.Edits != 2 {
		t.Errorf("%s\nnow %+v", diff, h.Message)
	}
}

func TestRanges(t *testing.T) {
	f := forumtest.New(t)
	must[forum.Thread](t)(f.Service.CreateThread(ctx, f.As("Yoda"), "long"))
	start := f.Clock.Now()
	for n := range 600 { // more than two pages
		f.Clock.Advance(time.Minute)
		post(t, f, "Yoda", "long", fmt.Sprint("message ", n+1))
	}
	for _, test := range []struct {
		part       rules.Range
		first, len int
	}{
		{rules.Range{}, 1, 600},
		{rules.Range{From: 2}, 2, 599},
		{rules.Range{From: 600}, 600, 1},
		{rules.Range{From: 601}, 0, 0},
		{rules.Range{Last: 1}, 600, 1},
		{rules.Range{Last: 300}, 301, 300},
		{rules.Range{Last: 1000}, 1, 600},
		{rules.Range{Since: start}, 1, 600},
		{rules.Range{Since: start.Add(590 * time.Minute)}, 590, 11},
		{rules.Range{Since: start.Add(1000 * time.Minute)}, 0, 0},
		{rules.Range{From: 595, Last: 3, Since: start}, 598, 3},
	} {
		got := texts(t, f, "long", test.part)
		if len(got) != test.len || test.len > 0 && got[0] != line(uint64(test.first), "Yoda", fmt.Sprint("message ", test.first)) {
			t.Errorf("%+v: %d messages from %q, want %d from %d", test.part, len(got), got[:min(1, len(got))], test.len, test.first)
		}
	}
}

func TestReadingEndsWhenTheThreadIsRemoved(t *testing.T) {
	f := forumtest.New(t)
	must[forum.Thread](t)(f.Service.CreateThread(ctx, f.As("Yoda"), "long"))
	for range 300 {
		post(t, f, "Yoda", "long", "again")
	}
	r := must[rules.Reading](t)(f.Service.Read(ctx, f.As("Yoda"), "long", rules.Range{}))
	n := 0
	for _, err := range r.Entries {
		if n++; n == 1 {
			must[forum.Thread](t)(f.Service.RemoveThread(ctx, f.As("Yoda"), "long"))
		}
		if err != nil {
			wants(t, err, forum.NotFound, "Thread long has just been removed.")
			return
		}
	}
	t.Errorf("read %d messages to the end of a removed thread", n)
}

func TestClosedAccountCanDoNothing(t *testing.T) {
	f := thread3331(t)
	yoda := f.As("Yoda")
	must[forum.User](t)(f.Service.CloseAccount(ctx, rules.Operator(), "yoda"))
	_, err := f.Service.Post(ctx, yoda, "3331", "ghost")
	wants(t, err, forum.Denied, "Your account has been closed.")
	_, err = f.Service.Read(ctx, yoda, "3331", rules.Range{})
	wants(t, err, forum.Denied, "Your account has been closed.")
	_, err = f.Service.PasswordLogin(ctx, "Yoda", forumtest.Password("Yoda"), "192.0.2.7")
	wants(t, err, forum.Denied, "Invalid password")
	_, err = f.Service.Register(ctx, rules.Newcomer{Name: "YODA", Password: "another password"})
	wants(t, err, forum.Conflict, "The name YODA is taken; choose another.")
	if got := texts(t, f, "3331", rules.Range{Last: 1}); got[0] != "3 Yoda: three" {
		t.Errorf("the message of a closed account reads %q", got)
	}
}

func TestStoppingIsAnAdminsAlone(t *testing.T) {
	stopped := 0
	f := forumtest.New(t, func(c *rules.Config) { c.Stop = func() { stopped++ } })
	wants(t, f.Service.StopServer(f.AsRole("Mace", forum.Moderator)), forum.Denied, "Only an admin can shut the server down.")
	if stopped > 0 {
		t.Fatal("a moderator stopped the server")
	}
	if err := f.Service.StopServer(f.AsRole("Padme", forum.Admin)); err != nil || stopped != 1 {
		t.Errorf("stopped %d times, error %v", stopped, err)
	}
}
