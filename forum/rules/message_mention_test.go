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

// mentionsIn returns the texts that mention somebody, the last first.
func mentionsIn(t testing.TB, f *forumtest.Forum, name string) string {
	t.Helper()
	var found []string
	for _, p := range must[[]rules.Posted](t)(f.Service.Mentions(ctx, f.As(name), 100)) {
		found = append(found, p.Message.Text)
	}
	return strings.Join(found, " | ")
}

func wantMentions(t testing.TB, f *forumtest.Forum, name, want string) {
	t.Helper()
	if got := mentionsIn(t, f, name); got != want {
		t.Errorf("mentions of %s: %q, want %q", name, got, want)
	}
}

func TestMentions(t *testing.T) {
	f := forumtest.New(t)
	for _, name := range []string{"yoda", "Luke", "luke-skywalker"} {
		f.As(name)
	}
	id := post(t, f, "Luke", rules.Lobby, "@YODA, @luke-skywalker and @luke")[0].Message.ID
	f.Clock.Advance(time.Second)
	post(t, f, "leia", rules.Lobby, "to @luke-s and @yodas and mail@yoda")
	wantMentions(t, f, "yoda", "@YODA, @luke-skywalker and @luke")
	wantMentions(t, f, "luke-skywalker", "@YODA, @luke-skywalker and @luke") // the longest name
	wantMentions(t, f, "Luke", "to @luke-s and @yodas and mail@yoda")        // nobody mentions themselves
	target := rules.Target{Title: rules.Lobby, ID: id}
	must[rules.Posted](t)(f.Service.EditMessage(ctx, f.As("Luke"), target, "now @leia and @yoda"))
	wantMentions(t, f, "yoda", "now @leia and @yoda")
	wantMentions(t, f, "luke-skywalker", "")
	wantMentions(t, f, "leia", "now @leia and @yoda")
	must[rules.Posted](t)(f.Service.DeleteMessage(ctx, f.As("Luke"), target))
	wantMentions(t, f, "yoda", "")
	must[rules.Posted](t)(f.Service.RestoreMessage(ctx, f.As("Luke"), target))
	wantMentions(t, f, "yoda", "now @leia and @yoda")
	must[forum.Thread](t)(f.Service.RemoveThread(ctx, rules.Operator(), rules.Lobby))
	wantMentions(t, f, "yoda", "")
}

// A mention added by an edit is unread, even if its person has read the message before, also in
// an open session. A mention that was there already stays read.
func TestMentionsByEditsAreUnread(t *testing.T) {
	f := forumtest.New(t)
	id := post(t, f, "leia", rules.Lobby, "one", "two", "three")[1].Message.ID
	target := rules.Target{Title: rules.Lobby, ID: id}
	edit := func(text string) {
		t.Helper()
		must[rules.Posted](t)(f.Service.EditMessage(ctx, f.As("leia"), target, text))
	}
	f.Clock.Advance(time.Second)
	yoda := reads(t, f, "yoda")
	f.As("luke") // for luke all older entries count as read
	yoda.MarkEntries(id.Thread, 1, 3)
	wantNews(t, f, "yoda", "")
	edit("two for @yoda")
	wantNews(t, f, "yoda", "lobby 1, mentions 1")
	wantNews(t, f, "luke", "")
	edit("two for @yoda and @luke")
	wantNews(t, f, "luke", "lobby 1, mentions 1")
	yoda.MarkEntries(id.Thread, 2, 2)
	wantNews(t, f, "yoda", "")
	edit("2 for @yoda and @luke")
	wantNews(t, f, "yoda", "")
	leave(t, yoda)
	edit("two")
	edit("@yoda")
	wantNews(t, f, "yoda", "lobby 1, mentions 1")

	// The thread's only message that is older than its person.
	f.Clock.Advance(time.Second)
	must[forum.Thread](t)(f.Service.CreateThread(ctx, f.As("leia"), "hall"))
	target.ID, target.Title = post(t, f, "leia", "hall", "welcome")[0].Message.ID, "hall"
	f.Clock.Advance(time.Second)
	f.As("han")
	edit("welcome, @han")
	wantNews(t, f, "han", "hall 1, mentions 1")
	r := must[rules.Reading](t)(f.Service.Read(ctx, f.As("han"), "hall", rules.Range{Unread: true}))
	if r.After != 0 {
		t.Errorf("what is unread begins behind %d", r.After)
	}
}

// Names in code and in quoted lines are no mentions, also if an edit puts them there.
func TestMentionsAreProse(t *testing.T) {
	f := forumtest.New(t)
	for _, name := range []string{"yoda", "luke"} {
		f.As(name)
	}
	const text = "> @yoda said so\n```\n@yoda\n```\nrun `ssh @yoda`, @luke"
	id := post(t, f, "leia", rules.Lobby, text)[0].Message.ID
	wantMentions(t, f, "yoda", "")
	wantMentions(t, f, "luke", text)
	must[rules.Posted](t)(f.Service.EditMessage(ctx, f.As("leia"), rules.Target{Title: rules.Lobby, ID: id}, "@yoda and `@luke`"))
	wantMentions(t, f, "yoda", "@yoda and `@luke`")
	wantMentions(t, f, "luke", "")
}

func TestMentionsStopAtBlocks(t *testing.T) {
	f := forumtest.New(t)
	f.As("vader")
	f.As("luke")
	must[forum.User](t)(f.Service.Block(ctx, f.As("yoda"), "vader"))
	for _, p := range post(t, f, "vader", rules.Lobby, "@yoda @luke") {
		if want := []forum.UserID{f.As("luke").User}; !slices.Equal(p.Message.Mentions, want) {
			t.Errorf("vader mentions %v, want %v", p.Message.Mentions, want)
		}
	}
	post(t, f, "yoda", rules.Lobby, "@vader")
	wantMentions(t, f, "yoda", "")
	wantMentions(t, f, "vader", "")
	wantMentions(t, f, "luke", "@yoda @luke")
	must[forum.User](t)(f.Service.Block(ctx, f.As("luke"), "vader")) // applies to existing messages, too
	wantMentions(t, f, "luke", "")
	wantNews(t, f, "luke", "lobby 2")
}

func TestMentionsAreBounded(t *testing.T) {
	f := forumtest.New(t)
	var text strings.Builder
	for i := range 30 {
		f.As(fmt.Sprint("clone", i))
		fmt.Fprintf(&text, "@clone%d ", i)
	}
	p := post(t, f, "yoda", rules.Lobby, text.String())[0]
	if n := len(p.Message.Mentions); n != 20 {
		t.Errorf("%d people were mentioned, want 20", n)
	}
	p = post(t, f, "yoda", rules.Lobby, strings.Repeat("@nobody ", 5000)+"@clone1")[0]
	if n := len(p.Message.Mentions); n != 0 {
		t.Errorf("%d people were found behind 5000 other names", n)
	}
}

// The event of a message has its mentions, the event of an edit only the new ones.
func TestEventsOfMentions(t *testing.T) {
	f := forumtest.New(t)
	yoda, luke := f.As("yoda").User, f.As("luke").User
	live := f.Hub.Subscribe(9, nil)
	defer live.Close()
	id := post(t, f, "leia", rules.Lobby, "@yoda")[0].Message.ID
	must[rules.Posted](t)(f.Service.EditMessage(ctx, f.As("leia"), rules.Target{Title: rules.Lobby, ID: id}, "@yoda @luke"))
	must[rules.Posted](t)(f.Service.Reply(ctx, f.As("leia"), rules.Target{Title: rules.Lobby, ID: id}, "and more"))
	must[rules.Posted](t)(f.Service.Reply(ctx, f.As("luke"), rules.Target{Title: rules.Lobby, ID: id}, "yes"))
	var got [][]forum.UserID
	events, _, _ := live.Next(ctx)
	for _, e := range events {
		if e.Kind == forum.MessagePosted || e.Kind == forum.MessageEdited {
			got = append(got, e.Mentions)
		}
	}
	want := [][]forum.UserID{{yoda}, {luke}, nil, {f.As("leia").User}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the events mention %v, want %v", got, want)
	}
}

func TestReplies(t *testing.T) {
	f := forumtest.New(t)
	posted := post(t, f, "luke", rules.Lobby, "one", "a question\nof two lines", "three")
	id := posted[1].Message.ID
	target := rules.Target{Title: rules.Lobby, Number: 2}
	p := must[rules.Posted](t)(f.Service.Reply(ctx, f.As("yoda"), target, "an answer"))
	if p.Message.Reply != id || p.Quote == nil || p.Quote.Number != 2 || p.Quote.Excerpt != "a question of two lines" || p.Number != 4 {
		t.Errorf("the reply: %+v, quoting %+v", p, p.Quote)
	}
	wantMentions(t, f, "luke", "an answer")
	quote := func(name string) *rules.Quote {
		t.Helper()
		r := must[rules.Reading](t)(f.Service.Read(ctx, f.As(name), rules.Lobby, rules.Range{Last: 1}))
		for e, err := range r.Entries {
			if err != nil || e.Message.Text != "an answer" {
				t.Fatalf("the last entry: %+v, %v", e, err)
			}
			return e.Quote
		}
		t.Fatal("no entry")
		return nil
	}
	must[rules.Posted](t)(f.Service.DeleteMessage(ctx, f.As("luke"), rules.Target{Title: rules.Lobby, Number: 1}))
	if q := quote("leia"); q.Number != 1 || q.Author != "luke" {
		t.Errorf("the quote, after numbers moved: %+v", q)
	}
	must[forum.User](t)(f.Service.Block(ctx, f.As("leia"), "luke"))
	if q := quote("leia"); q.Number != 1 || q.Excerpt != "" {
		t.Errorf("the quote of a blocked person: %+v", q)
	}
	must[rules.Posted](t)(f.Service.DeleteMessage(ctx, f.As("luke"), rules.Target{Title: rules.Lobby, ID: id}))
	if q := quote("leia"); *q != (rules.Quote{ID: id}) {
		t.Errorf("the quote of a deleted message: %+v", q)
	}
	_, err := f.Service.Reply(ctx, f.As("yoda"), rules.Target{Title: rules.Lobby, ID: id}, "too late")
	wants(t, err, forum.Conflict, "The message was deleted already; read Thread lobby again.")
	_, err = f.Service.Reply(ctx, f.As("yoda"), rules.Target{Title: rules.Lobby, Number: 9}, "to nothing")
	wants(t, err, forum.NotFound, "Invalid message number")
}

func TestPostsOfBlockedPeopleAreFolded(t *testing.T) {
	f := forumtest.New(t)
	post(t, f, "vader", rules.Lobby, "join me")
	post(t, f, "luke", rules.Lobby, "never")
	must[forum.User](t)(f.Service.Block(ctx, f.As("reader"), "vader"))
	read := func(part rules.Range) (folded []bool) {
		r := must[rules.Reading](t)(f.Service.Read(ctx, f.As("reader"), rules.Lobby, part))
		for e, err := range r.Entries {
			if err != nil {
				t.Fatal(err)
			}
			if e.Folded != (e.Message.Text == "") || e.Author == "" {
				t.Errorf("folded %v with the text %q by %q", e.Folded, e.Message.Text, e.Author)
			}
			folded = append(folded, e.Folded)
		}
		return folded
	}
	if got := read(rules.Range{}); !slices.Equal(got, []bool{true, false}) {
		t.Errorf("folded: %v", got)
	}
	if got := read(rules.Range{Unfold: true}); !slices.Equal(got, []bool{false, false}) {
		t.Errorf("folded though unfolded: %v", got)
	}
}

func TestReadSince(t *testing.T) {
	f := forumtest.New(t)
	must[forum.Thread](t)(f.Service.CreateThread(ctx, f.As("luke"), "hoth"))
	post(t, f, "luke", "hoth", "too old")
	f.Clock.Advance(time.Hour)
	since := f.Clock.Now()
	for i, title := range []string{"hoth", rules.Lobby, "hoth", rules.Lobby} {
		f.Clock.Advance(time.Second)
		post(t, f, []string{"luke", "vader"}[i/3], title, fmt.Sprint("text ", i))
	}
	must[forum.User](t)(f.Service.Block(ctx, f.As("yoda"), "vader"))
	read := func(name string) (got string) {
		all, err := f.Service.ReadSince(ctx, f.As(name), since)
		if err != nil {
			t.Fatal(err)
		}
		for p, err := range all {
			if err != nil {
				t.Fatal(err)
			}
			got += fmt.Sprintf("%s %d %s; ", p.Thread.Title, p.Number, p.Message.Text)
		}
		return got
	}
	if got, want := read("luke"), "hoth 2 text 0; lobby 1 text 1; hoth 3 text 2; lobby 2 text 3; "; got != want {
		t.Errorf("since then: %s, want %s", got, want)
	}
	if got, want := read("yoda"), "hoth 2 text 0; lobby 1 text 1; hoth 3 text 2; "; got != want {
		t.Errorf("since then, without a blocked person: %s, want %s", got, want)
	}
}
