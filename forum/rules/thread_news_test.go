package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// news returns what is new for somebody, as "title count" with a * for a watched thread, then
// the numbers of muted threads and of mentions, and the senders of private messages.
func news(t testing.TB, f *forumtest.Forum, name string) string {
	t.Helper()
	n := must[rules.News](t)(f.Service.News(ctx, f.As(name)))
	var words []string
	for _, u := range n.Threads {
		star := ""
		if u.Level == forum.Watched {
			star = "*"
		}
		words = append(words, fmt.Sprintf("%s%s %d", u.Thread.Title, star, u.Messages))
	}
	if n.Muted > 0 {
		words = append(words, fmt.Sprintf("muted %d", n.Muted))
	}
	if n.Mentions > 0 {
		words = append(words, fmt.Sprintf("mentions %d", n.Mentions))
	}
	for _, p := range n.Private {
		words = append(words, fmt.Sprintf("%s wrote %d", p.Peer, p.Messages))
	}
	return strings.Join(words, ", ")
}

func wantNews(t testing.TB, f *forumtest.Forum, name, want string) {
	t.Helper()
	if got := news(t, f, name); got != want {
		t.Errorf("new for %s: %q, want %q", name, got, want)
	}
}

// reads begins a session whose output counts as read.
func reads(t testing.TB, f *forumtest.Forum, name string) *rules.Visit {
	t.Helper()
	v := must[*rules.Visit](t)(f.Service.Arrive(ctx, f.As(name), rules.Arrival{Reads: true}))
	t.Cleanup(func() { _ = v.Leave(ctx) })
	return v
}

func TestUnreadCounts(t *testing.T) {
	f := forumtest.New(t)
	post(t, f, "luke", rules.Lobby, "older than the account")
	f.Clock.Advance(time.Second)
	v := reads(t, f, "yoda")
	wantNews(t, f, "yoda", "")
	f.Clock.Advance(time.Second)
	id := post(t, f, "luke", rules.Lobby, "two", "three", "four")[0].Message.ID
	wantNews(t, f, "yoda", "lobby 3")
	wantNews(t, f, "luke", "") // a person's own post is read
	v.MarkEntries(id.Thread, 3, 3)
	wantNews(t, f, "yoda", "lobby 2")
	must[rules.Posted](t)(f.Service.DeleteMessage(ctx, f.As("luke"), rules.Target{Title: rules.Lobby, ID: id}))
	wantNews(t, f, "yoda", "lobby 1")
	must[rules.Posted](t)(f.Service.RestoreMessage(ctx, f.As("luke"), rules.Target{Title: rules.Lobby, ID: id}))
	wantNews(t, f, "yoda", "lobby 2")
	v.MarkEntries(id.Thread, 1, 99) // like a session that saw more entries than there are
	wantNews(t, f, "yoda", "")
	leave(t, v)
	post(t, f, "luke", rules.Lobby, "five")
	wantNews(t, f, "yoda", "lobby 1")
	must[forum.Thread](t)(f.Service.RemoveThread(ctx, rules.Operator(), rules.Lobby))
	wantNews(t, f, "yoda", "")
	must[forum.Thread](t)(f.Service.RestoreThread(ctx, rules.Operator(), rules.Lobby, "hall"))
	wantNews(t, f, "yoda", "hall 1")
}

func TestOwnPostsAreReadAmongOthers(t *testing.T) {
	f := forumtest.New(t)
	f.As("yoda")
	f.Clock.Advance(time.Second)
	for range 3 {
		post(t, f, "luke", rules.Lobby, "by luke")
		post(t, f, "yoda", rules.Lobby, "by yoda", "by yoda again")
	}
	wantNews(t, f, "yoda", "lobby* 3")
	wantNews(t, f, "luke", "lobby* 6")
}

// Marks of a session whose output does not count as read are ignored.
func TestWhatOthersDoorsShowIsNotRead(t *testing.T) {
	f := forumtest.New(t)
	f.As("yoda")
	f.Clock.Advance(time.Second)
	id := post(t, f, "luke", rules.Lobby, "one")[0].Message.ID
	v := must[*rules.Visit](t)(f.Service.Arrive(ctx, f.As("yoda"), rules.Arrival{}))
	v.MarkEntries(id.Thread, 1, 1)
	if err := v.Leave(ctx); err != nil {
		t.Fatal(err)
	}
	wantNews(t, f, "yoda", "lobby 1")
}

func TestOrderOfNews(t *testing.T) {
	f := forumtest.New(t)
	for _, title := range []string{"old", "muted", "watched", "latest"} {
		f.Clock.Advance(time.Second)
		must[forum.Thread](t)(f.Service.CreateThread(ctx, f.As("luke"), title))
		post(t, f, "luke", title, "@yoda")
	}
	f.Clock.Advance(time.Second)
	f.As("yoda") // created now, so that no earlier message mentions it
	for _, title := range []string{"old", "muted", "watched", "latest"} {
		f.Clock.Advance(time.Second)
		post(t, f, "luke", title, "text")
	}
	must[rules.ThreadInterest](t)(f.Service.SetLevel(ctx, f.As("yoda"), "watched", forum.Watched))
	must[rules.ThreadInterest](t)(f.Service.SetLevel(ctx, f.As("yoda"), "muted", forum.Muted))
	wantNews(t, f, "yoda", "watched* 1, latest 1, old 1, muted 1")
	post(t, f, "luke", "muted", "but @yoda must know")
	must[rules.Delivery](t)(f.Service.SendPrivateMessage(ctx, f.As("leia"), "yoda", "help"))
	wantNews(t, f, "yoda", "watched* 1, latest 1, old 1, muted 1, mentions 1, leia wrote 1")
}

func TestNext(t *testing.T) {
	f := forumtest.New(t)
	v := reads(t, f, "yoda")
	must[forum.Thread](t)(f.Service.CreateThread(ctx, f.As("yoda"), "dagobah"))
	f.Clock.Advance(time.Second)
	post(t, f, "luke", rules.Lobby, "one", "hi @Yoda", "three", "@yoda?")
	post(t, f, "luke", "dagobah", "four")
	must[rules.Delivery](t)(f.Service.SendPrivateMessage(ctx, f.As("luke"), "yoda", "psst"))
	var got []string
	for range 10 {
		n := must[rules.Next](t)(f.Service.Next(ctx, f.As("yoda")))
		switch {
		case n.Mention != nil:
			got = append(got, "mention "+n.Mention.Message.Text)
			v.MarkEntries(n.Mention.Thread.ID, n.Mention.Message.ID.Seq, n.Mention.Message.ID.Seq)
		case n.Private != nil:
			got = append(got, fmt.Sprintf("%s wrote %d", n.Private.Peer, n.Private.Messages))
			v.MarkConversation(f.As("luke").User, 1<<40)
		case n.Reading != nil:
			got = append(got, fmt.Sprintf("%s %d", n.Reading.Thread.Title, n.Unread))
			after := n.Reading.After
			for e, err := range n.Reading.Entries {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, line(e.Number, e.Author, e.Message.Text))
				v.MarkEntries(n.Reading.Thread.ID, after+1, e.Message.ID.Seq)
				after = e.Message.ID.Seq
			}
		default:
			got = append(got, "nothing")
		}
	}
	want := []string{
		"mention hi @Yoda", "mention @yoda?", "luke wrote 1",
		"dagobah 1", line(1, "luke", "four"), "lobby 2", line(1, "luke", "one"), line(3, "luke", "three"),
	}
	if !slices.Equal(got[:len(want)], want) || got[len(want)] != "nothing" {
		t.Errorf("in turn:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestCatchUp(t *testing.T) {
	f := forumtest.New(t)
	f.As("yoda")
	must[forum.Thread](t)(f.Service.CreateThread(ctx, f.As("luke"), "hoth"))
	must[forum.Thread](t)(f.Service.CreateThread(ctx, f.As("luke"), "quiet"))
	f.Clock.Advance(time.Second)
	post(t, f, "luke", rules.Lobby, "one", "@yoda two")
	post(t, f, "luke", "hoth", "three")
	must[rules.Delivery](t)(f.Service.SendPrivateMessage(ctx, f.As("luke"), "yoda", "psst"))
	_, err := f.Service.CatchUp(ctx, f.As("yoda"), "nowhere")
	wants(t, err, forum.NotFound, "Thread nowhere does not exist")
	if done := must[rules.CaughtUp](t)(f.Service.CatchUp(ctx, f.As("yoda"), rules.Lobby)); done != (rules.CaughtUp{Threads: 1, Messages: 2}) {
		t.Errorf("caught up with a thread: %+v", done)
	}
	wantNews(t, f, "yoda", "hoth 1, luke wrote 1")
	if done := must[rules.CaughtUp](t)(f.Service.CatchUp(ctx, f.As("yoda"), "")); done != (rules.CaughtUp{Threads: 1, Messages: 1}) {
		t.Errorf("caught up with all: %+v", done)
	}
	wantNews(t, f, "yoda", "luke wrote 1") // private messages are read by opening them
}

// Marks are kept after the end of the session that made them, and after a restart.
func TestMarksAreKept(t *testing.T) {
	f := forumtest.New(t)
	f.As("yoda")
	f.Clock.Advance(time.Second)
	id := post(t, f, "luke", rules.Lobby, "one", "two")[1].Message.ID
	v := must[*rules.Visit](t)(f.Service.Arrive(ctx, f.As("yoda"), rules.Arrival{Reads: true}))
	v.MarkEntries(id.Thread, 1, 1)
	if err := v.Leave(ctx); err != nil {
		t.Fatal(err)
	}
	f.Reopen()
	wantNews(t, f, "yoda", "lobby 1")
}
