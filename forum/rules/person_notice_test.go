package rules_test

import (
	"context"
	"fmt"
	"iter"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// ear listens to the notices of one session.
type ear struct {
	t    *testing.T
	v    *rules.Visit
	pull func() (rules.Notice, error, bool)
}

// listen begins a session and listens to its notices.
func listen(t *testing.T, f *forumtest.Forum, name string) *ear {
	t.Helper()
	return listenTo(t, arrive(t, f, name))
}

func listenTo(t *testing.T, v *rules.Visit) *ear {
	t.Helper()
	if _, _, err := v.Waiting(ctx, 20); err != nil { // notices begin now
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	pull, stop := iter.Pull2(v.Notices(ctx))
	t.Cleanup(func() { cancel(); stop() })
	return &ear{t: t, v: v, pull: pull}
}

// hears fails the test unless the next notices, as "why name text", are want.
func (e *ear) hears(want ...string) {
	e.t.Helper()
	var got []string
	for range want {
		n, err, ok := e.pull()
		if err != nil || !ok {
			e.t.Fatalf("after %q: %v", got, err)
		}
		got = append(got, fmt.Sprint(whys[n.Why], " ", n.Name, " ", n.Text, n.Title))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		e.t.Error(diff)
	}
}

var whys = map[rules.Why]string{
	rules.WhyTold: "told", rules.WhySaid: "said", rules.WhyMentioned: "mentioned", rules.WhyWatched: "watched",
	rules.WhyPresence: "presence", rules.WhySettings: "settings", rules.WhyMissed: "missed",
	rules.WhyTalkAsked: "asked", rules.WhyTalkBegun: "begun", rules.WhyTalkLine: "line", rules.WhyTalkEnded: "ended",
	rules.WhyTalkRefused: "refused", rules.WhyTalkUnanswered: "unanswered", rules.WhyTalkWithdrawn: "withdrawn",
	rules.WhyStorable: "storable",
}

func TestNotices(t *testing.T) {
	f := forumtest.New(t)
	yoda := listen(t, f, "Yoda")
	luke := arrive(t, f, "Luke")
	tell(t, f, "Luke", "Yoda", "to you")
	f.As("Leia")
	tell(t, f, "Luke", "Leia", "to another")
	must[rules.Said](t)(f.Service.Say(ctx, f.As("Luke"), "to all"))
	post(t, f, "Luke", rules.Lobby, "unwatched", "hi @yoda")
	must[forum.Thread](t)(f.Service.CreateThread(ctx, f.As("Yoda"), "3331"))
	post(t, f, "Yoda", "3331", "my own")
	post(t, f, "Luke", "3331", "in a watched one")
	leave(t, luke)
	yoda.hears(
		"presence Luke ", "told Luke to you", "said Luke to all", "mentioned Luke hi @yodalobby",
		"watched Luke in a watched one3331", "presence Luke ",
	)
	must[forum.Preferences](t)(f.Service.SetPreferences(ctx, f.As("Yoda"), forum.Preferences{NoPresence: true}))
	leave(t, arrive(t, f, "Luke"))
	must[rules.ThreadInterest](t)(f.Service.SetLevel(ctx, f.As("Yoda"), "3331", forum.Muted))
	post(t, f, "Luke", "3331", "muted", "muted @Yoda")
	yoda.hears("settings Yoda ", "mentioned Luke muted @Yoda3331")
}

// Events of a blocked person cause no notices, from the block until the unblock.
func TestNoticesAndBlocks(t *testing.T) {
	f := forumtest.New(t)
	f.As("Luke")
	yoda := listen(t, f, "Yoda")
	seen := func(want ...string) { // all notices until now
		must[forum.Preferences](t)(f.Service.SetPreferences(ctx, f.As("Yoda"), forum.Preferences{}))
		yoda.hears(append(want, "settings Yoda ")...)
	}
	noise := func() {
		leave(t, arrive(t, f, "Luke"))
		_, _ = f.Service.Say(ctx, f.As("Luke"), "all")
		post(t, f, "Luke", rules.Lobby, "@yoda")
	}
	must[forum.User](t)(f.Service.Block(ctx, f.As("Yoda"), "Luke"))
	noise()
	seen()
	must[forum.User](t)(f.Service.Unblock(ctx, f.As("Yoda"), "Luke"))
	must[forum.User](t)(f.Service.Block(ctx, f.As("Luke"), "Yoda"))
	noise()
	seen()
	must[forum.User](t)(f.Service.Unblock(ctx, f.As("Luke"), "Yoda"))
	noise()
	seen("presence Luke ", "presence Luke ", "said Luke all", "mentioned Luke @yodalobby")
}

// If there are too many notices, the session gets the number of missed ones, and every private
// message.
func TestNoticesOverflow(t *testing.T) {
	f := forumtest.New(t)
	yoda := listen(t, f, "Yoda")
	f.As("Luke")
	for i := range 100 {
		_ = must[rules.Said](t)(f.Service.Say(ctx, f.As("Luke"), fmt.Sprint(i)))
		tell(t, f, "Luke", "Yoda", fmt.Sprint(i))
	}
	said, told, missed := 0, 0, uint64(0)
	for missed == 0 {
		n, err, ok := yoda.pull()
		if err != nil || !ok {
			t.Fatal(err)
		}
		switch n.Why {
		case rules.WhySaid:
			said++
		case rules.WhyTold:
			if n.Text != fmt.Sprint(told) {
				t.Errorf("letter %d is %s", told, n.Text)
			}
			told++
			yoda.v.MarkShown(n.Event)
		case rules.WhyMissed:
			missed = n.Missed
		}
	}
	if told != 100 || said+int(missed) != 100 {
		t.Errorf("told %d, said %d, missed %d", told, said, missed)
	}
	tell(t, f, "Luke", "Yoda", "after")
	yoda.hears("told Luke after")
}

// Events that were queued while the viewer was out of date, and that cause no notice, do not
// count as missed.
func TestNoticesMissOnlyWhatIsTold(t *testing.T) {
	f := forumtest.New(t)
	yoda := listen(t, f, "Yoda")
	luke := f.As("Luke")
	_ = must[forum.Thread](t)(f.Service.CreateThread(ctx, luke, "3331"))
	_ = must[forum.User](t)(f.Service.Block(ctx, f.As("Yoda"), "Luke"))
	_ = must[forum.User](t)(f.Service.Unblock(ctx, f.As("Yoda"), "Luke"))
	for range 100 {
		_ = must[rules.Posted](t)(f.Service.Post(ctx, luke, "3331", "not watched"))
	}
	if notices, err := yoda.v.Take(); len(notices) > 0 || err != nil {
		t.Errorf("%+v, %v", notices, err)
	}
	_ = must[forum.Thread](t)(f.Service.CreateThread(ctx, luke, "other"))
	_ = must[forum.User](t)(f.Service.Block(ctx, f.As("Yoda"), "Luke"))
	_ = must[forum.User](t)(f.Service.Unblock(ctx, f.As("Yoda"), "Luke"))
	for range 1000 {
		_ = must[rules.Posted](t)(f.Service.Post(ctx, luke, "3331", "not watched"))
	}
	_ = must[rules.Posted](t)(f.Service.Post(ctx, luke, "3331", "@yoda comes late"))
	notices, err := yoda.v.Take()
	if len(notices) != 1 || notices[0].Why != rules.WhyMissed || notices[0].Missed != 1 || err != nil {
		t.Errorf("%+v, %v", notices, err)
	}
}

// Private messages sent before the session come from the store, later ones from the queue, and
// none comes twice.
func TestNoticesGoOnBehindWaiting(t *testing.T) {
	f := forumtest.New(t)
	f.As("Yoda")
	tell(t, f, "Luke", "Yoda", "before")
	v := arrive(t, f, "Yoda")
	if got, _ := waiting(t, v, 20); len(got) != 1 {
		t.Errorf("waiting: %q", got)
	}
	tell(t, f, "Luke", "Yoda", "between")
	if got, _ := waiting(t, v, 20); len(got) != 1 || got[0] != "Luke: between" {
		t.Errorf("waiting again: %q", got)
	}
	tell(t, f, "Luke", "Yoda", "after")
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	pull, stop := iter.Pull2(v.Notices(ctx))
	defer stop()
	(&ear{t: t, v: v, pull: pull}).hears("told Luke after")
	cancel()
	if _, err, ok := pull(); !ok || err != context.Canceled {
		t.Errorf("ended with %v", err)
	}
}

func TestNoticesEndWithTheAccount(t *testing.T) {
	f := forumtest.New(t)
	yoda := listen(t, f, "Yoda")
	must[forum.User](t)(f.Service.CloseAccount(ctx, rules.Operator(), "Yoda"))
	_, err, _ := yoda.pull()
	wants(t, err, forum.Denied, "Your account has been closed.")
}

// views counts the reads of a store.
type views struct {
	forum.Store
	n atomic.Int64
}

func (v *views) View(fn func(forum.Reader) error) error {
	v.n.Add(1)
	return v.Store.View(fn)
}

// A live event costs no read of the store, neither for a follower nor for a session.
func TestLiveEventsReadNothing(t *testing.T) {
	f := forumtest.New(t)
	luke := f.As("Luke")
	store := &views{Store: f.Store}
	rules.Reconfigure(f.Service, func(c *rules.Config) { c.Store = store })
	yoda := listen(t, f, "Yoda")
	ctx, cancel := context.WithCancel(ctx)
	followed := make(chan forum.Event)
	after := lastSeq(t, f)
	go func() {
		defer close(followed)
		for e, err := range oneByOne(f.Service.Follow(ctx, luke, nil, after, true)) {
			if err == nil {
				followed <- e
			}
		}
	}()
	reads := func() int64 { // for one event
		before := store.n.Load()
		must[rules.Said](t)(f.Service.Say(ctx, luke, "x"))
		<-followed
		yoda.hears("said Luke x")
		return store.n.Load() - before
	}
	for reads() > 0 { // until the follower has caught up
	}
	for range 20 {
		if n := reads(); n > 0 {
			t.Errorf("%d reads for an event", n)
		}
	}
	cancel()
	for range followed {
	}
}

// FOLLOW shows a private message to its sender and recipient only, live and from the store, and
// shows nothing of a blocked person.
func TestFollowShowsWhatOneMaySee(t *testing.T) {
	f := forumtest.New(t)
	for _, name := range []string{"Yoda", "Luke", "Leia", "Han"} {
		f.As(name)
	}
	must[forum.User](t)(f.Service.Block(ctx, f.As("Han"), "Luke"))
	start := lastSeq(t, f)
	see := map[string][]string{
		"Yoda": {"user.came 0 ", "private.sent 0 psst", "broadcast 0 all", "message.posted 1 post", "user.went 0 ", "message.posted 2 end"},
		"Luke": {"user.came 0 ", "private.sent 0 psst", "broadcast 0 all", "message.posted 1 post", "user.went 0 ", "message.posted 2 end"},
		"Leia": {"user.came 0 ", "broadcast 0 all", "message.posted 1 post", "user.went 0 ", "message.posted 2 end"},
		"Han":  {"message.posted 2 end"},
	}
	live := make(map[string]func() (forum.Event, error, bool))
	for name := range see {
		pull, stop := iter.Pull2(oneByOne(f.Service.Follow(ctx, f.As(name), nil, start-1, true)))
		defer stop()
		live[name] = pull
		if name != "Han" {
			continue
		}
		post(t, f, "Leia", rules.Lobby, "begin")
		next(t, pull, 1)
		must[rules.Posted](t)(f.Service.DeleteMessage(ctx, f.As("Leia"), rules.Target{Title: rules.Lobby, Number: 1}))
		next(t, pull, 1)
		start = lastSeq(t, f)
	}
	luke := arrive(t, f, "Luke")
	tell(t, f, "Luke", "Yoda", "psst")
	must[rules.Said](t)(f.Service.Say(ctx, f.As("Luke"), "all"))
	post(t, f, "Luke", rules.Lobby, "post")
	must[forum.Preferences](t)(f.Service.SetPreferences(ctx, f.As("Luke"), forum.Preferences{Plain: true}))
	leave(t, luke)
	post(t, f, "Leia", rules.Lobby, "end")
	for name, want := range see {
		pull, stop := iter.Pull2(oneByOne(f.Service.Follow(ctx, f.As(name), nil, start, true)))
		got, _ := next(t, pull, len(want))
		stop()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s from the store: %s", name, diff)
		}
	}
	got, _ := next(t, live["Han"], 1)
	if diff := cmp.Diff(see["Han"], got); diff != "" {
		t.Errorf("Han, live: %s", diff)
	}
	pull, stop := iter.Pull2(oneByOne(f.Service.Follow(ctx, f.As("Yoda"), []string{rules.Lobby}, start, true)))
	defer stop()
	if got, _ := next(t, pull, 2); got[0] != "message.posted 1 post" || got[1] != "message.posted 2 end" {
		t.Errorf("of one thread: %q", got)
	}
}
