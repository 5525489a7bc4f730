package rules_test

import (
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// newsworthy are the actions of rapidActions that change what is new for somebody.
var newsworthy = []string{
	"create", "post", "post2", "edit", "delete", "restore", "remove", "revive", "hide message", "unhide message", "hide thread", "unhide thread",
	"level", "see", "catch up", "upload", "remove file", "time", "tick", "set time", "purge",
}

// Whatever happens, and whenever horizons move, even long after the news were read from which they
// move: news are those of a look at everything.
func TestNewsAreThoseOfALookAtEverything(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := forumtest.New(t, func(c *rules.Config) { c.GuestThread = "a" })
		f.Time = rules.NewClock(f.Clock.Machine, f.Store, f.Store, slog.New(slog.DiscardHandler))
		rules.Reconfigure(f.Service, func(c *rules.Config) { c.Clock, c.Steady = f.Time.Now, f.Time.Steady })
		people := []string{"Yoda", "Luke", "Leia"}
		actors := make([]rules.Actor, len(people))
		for i, name := range people {
			actors[i] = f.AsRole(name, forum.Role(i))
		}
		who := rapid.SampledFrom(actors)
		var waiting []func() error
		actions := make(map[string]func(*rapid.T))
		for name, act := range (rapidActions{f: f, people: people, actors: actors}).all() {
			if slices.Contains(newsworthy, name) {
				actions[name] = act
			}
		}
		actions["read news"] = func(rt *rapid.T) {
			if move, err := rules.Settle(f.Service, ctx, who.Draw(rt, "who")); err == nil {
				waiting = append(waiting, move)
			}
		}
		actions["move horizon"] = func(rt *rapid.T) {
			if len(waiting) == 0 {
				return
			}
			if err := waiting[0](); forum.KindOf(err) == forum.Internal && err != nil {
				rt.Fatal(err)
			}
			waiting = waiting[1:]
		}
		actions["move horizons"] = func(rt *rapid.T) {
			for _, actor := range actors {
				if move, err := rules.Settle(f.Service, ctx, actor); err == nil {
					if err := move(); err != nil {
						rt.Fatal(err)
					}
				}
			}
		}
		actions["second"] = func(*rapid.T) { f.Clock.Advance(time.Second) }
		actions[""] = func(rt *rapid.T) {
			for _, actor := range actors {
				want, refused := rules.SlowNews(f.Service, actor)
				got, err := f.Service.News(ctx, actor)
				if (err != nil) != (refused != nil) {
					rt.Fatalf("news for %s: %v, %v", actor.Name, err, refused)
				}
				if diff := cmp.Diff(want, got); diff != "" && err == nil {
					rt.Fatalf("news for %s (-slow +fast):\n%s", actor.Name, diff)
				}
			}
		}
		rt.Repeat(actions)
		if err := f.Store.Check(); err != nil {
			rt.Error(err)
		}
	})
}

// settle moves somebody's horizon to now.
func settle(t *testing.T, f *forumtest.Forum, name string) {
	t.Helper()
	if err := must[func() error](t)(rules.Settle(f.Service, ctx, f.As(name)))(); err != nil {
		t.Fatal(err)
	}
	f.Clock.Advance(time.Second)
}

// What happens to entries from before the horizon is news if an entry was added.
func TestNewsFromBeforeTheHorizon(t *testing.T) {
	f := forumtest.New(t)
	mace := f.AsRole("mace", forum.Moderator)
	v := reads(t, f, "yoda")
	f.Clock.Advance(time.Second)
	one := post(t, f, "luke", rules.Lobby, "one")[0].Message.ID
	v.MarkEntries(one.Thread, 1, 1)
	leave(t, v)
	settle(t, f, "yoda")
	wantNews(t, f, "yoda", "")
	two := rules.Target{Title: rules.Lobby, ID: post(t, f, "luke", rules.Lobby, "two")[0].Message.ID}
	must[rules.Posted](t)(f.Service.HideMessage(ctx, mace, two, "why"))
	settle(t, f, "yoda")
	wantNews(t, f, "yoda", "")
	must[rules.Posted](t)(f.Service.UnhideMessage(ctx, mace, two))
	wantNews(t, f, "yoda", "lobby 1")
	must[rules.CaughtUp](t)(f.Service.CatchUp(ctx, f.As("yoda"), ""))
	settle(t, f, "yoda")
	wantNews(t, f, "yoda", "")
	must[rules.Posted](t)(f.Service.EditMessage(ctx, f.As("luke"), rules.Target{Title: rules.Lobby, ID: one}, "@yoda"))
	wantNews(t, f, "yoda", "lobby 1, mentions 1")
	must[rules.ThreadInterest](t)(f.Service.SetLevel(ctx, f.As("yoda"), rules.Lobby, forum.Muted))
	settle(t, f, "yoda")
	wantNews(t, f, "yoda", "muted 1, mentions 1")
}

// A person with very many unread threads is told of some of them, of watched ones first; to read
// or to catch up with them brings the others.
func TestNewsOfVeryManyThreads(t *testing.T) {
	f := forumtest.New(t)
	f.As("yoda")
	const more = 3
	for n := range rules.MostUnread + more {
		title := fmt.Sprint("thread", n)
		must[forum.Thread](t)(f.Service.CreateThread(ctx, f.As("luke"), title))
		f.Clock.Advance(time.Second)
		post(t, f, "luke", title, "text")
	}
	must[rules.ThreadInterest](t)(f.Service.SetLevel(ctx, f.As("yoda"), "thread0", forum.Watched))
	for range 2 { // the horizon moves with the first
		n := must[rules.News](t)(f.Service.News(ctx, f.As("yoda")))
		if len(n.Threads) != rules.MostUnread+1 || !n.More || n.Threads[0].Thread.Title != "thread0" ||
			n.Threads[1].Thread.Title != fmt.Sprint("thread", rules.MostUnread+more-1) {
			t.Errorf("%d threads, more: %v, from %+v", len(n.Threads), n.More, n.Threads[0])
		}
	}
	want := rules.CaughtUp{Threads: rules.MostUnread + more, Messages: rules.MostUnread + more}
	if done := must[rules.CaughtUp](t)(f.Service.CatchUp(ctx, f.As("yoda"), "")); done != want {
		t.Errorf("caught up: %+v, want %+v", done, want)
	}
	wantNews(t, f, "yoda", "")
}

// A restart on a clock that was set back gives changes a time that the clock had passed before:
// they are news all the same, whenever the horizon moves.
func TestHorizonOnAClockThatWasSetBack(t *testing.T) {
	f := forumtest.New(t)
	f.Time = rules.NewClock(f.Clock.Machine, f.Store, f.Store, slog.New(slog.DiscardHandler))
	rules.Reconfigure(f.Service, func(c *rules.Config) { c.Clock, c.Steady = f.Time.Now, f.Time.Steady })
	restartAt := func(d time.Duration) {
		f.Clock.Set(d)
		if err := f.Time.Start(ctx); err != nil {
			t.Fatal(err)
		}
	}
	f.As("Yoda")
	f.As("Luke")
	f.Clock.Advance(time.Second)
	restartAt(-time.Minute)
	move := must[func() error](t)(rules.Settle(f.Service, ctx, f.As("Yoda")))
	must[forum.Thread](t)(f.Service.CreateThread(ctx, f.As("Yoda"), "b"))
	post(t, f, "Luke", "b", "hello")
	restartAt(time.Minute)
	if err := move(); err != nil {
		t.Fatal(err)
	}
	wantNews(t, f, "Yoda", "b* 1")
}
