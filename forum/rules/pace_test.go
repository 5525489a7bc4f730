package rules_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/limit"
	"sshforum/forum/rules"
	"sshforum/forum/search"
)

// withRates gives all activities the same rate, and another one to accounts younger than a day.
func withRates(c *rules.Config) {
	c.GuestThread = rules.Lobby
	c.Rates = rules.Rates{
		For: make(map[limit.Activity]limit.Rate), New: make(map[limit.Activity]limit.Rate),
		NewFor: 24 * time.Hour, PerSource: 2, Exempt: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")},
	}
	for a := limit.Posting; a <= limit.Registering; a++ {
		c.Rates.For[a] = limit.Rate{Burst: 4, Every: 10 * time.Second}
		c.Rates.New[a] = limit.Rate{Burst: 2, Every: time.Minute}
	}
}

// paced has the acts that have a rate. Each gets a number that makes its tries different.
var paced = map[string]struct {
	do   func(f *forumtest.Forum, by rules.Actor, n int) error
	says string
}{
	"post": {func(f *forumtest.Forum, by rules.Actor, n int) error {
		_, err := f.Service.Post(ctx, by, rules.Lobby, fmt.Sprint(n))
		return err
	}, "You post too fast"},
	"reply": {func(f *forumtest.Forum, by rules.Actor, n int) error {
		_, err := f.Service.Reply(ctx, by, rules.Target{Title: rules.Lobby, Number: 1}, fmt.Sprint(n))
		return err
	}, "You post too fast"},
	"edit": {func(f *forumtest.Forum, by rules.Actor, n int) error {
		_, err := f.Service.EditMessage(ctx, by, rules.Target{Title: rules.Lobby, Number: 1}, fmt.Sprint(n))
		return err
	}, "You post too fast"},
	"create": {func(f *forumtest.Forum, by rules.Actor, n int) error {
		_, err := f.Service.CreateThread(ctx, by, fmt.Sprint(n))
		return err
	}, "You create threads too fast"},
	"tell": {func(f *forumtest.Forum, by rules.Actor, n int) error {
		_, err := f.Service.SendPrivateMessage(ctx, by, "Han", fmt.Sprint(n))
		return err
	}, "You send messages too fast"},
	"say": {func(f *forumtest.Forum, by rules.Actor, n int) error {
		_, err := f.Service.Say(ctx, by, fmt.Sprint(n))
		return err
	}, "You send messages too fast"},
	"upload": {func(f *forumtest.Forum, by rules.Actor, n int) error {
		u, err := f.Service.Upload(ctx, by, rules.Place{Thread: rules.Lobby}, fmt.Sprint(n), rules.UploadOptions{})
		if err == nil {
			err = u.Leave(ctx, false)
		}
		return err
	}, "You upload files too fast"},
	"find": {func(f *forumtest.Forum, by rules.Actor, n int) error {
		_, err := f.Service.Find(ctx, by, rules.Query{Query: search.Query{Author: "Han"}}, rules.Page{Size: 1, Number: 1})
		return err
	}, "You search too fast"},
	"report": {func(f *forumtest.Forum, by rules.Actor, n int) error {
		_, err := f.Service.Report(ctx, by, rules.Lobby, nil, fmt.Sprint(n))
		return err
	}, "You report too fast"},
	"restore": {func(f *forumtest.Forum, by rules.Actor, _ int) error {
		_, err := f.Service.RestoreMessage(ctx, by, rules.Target{Title: rules.Lobby, Number: 1})
		return err
	}, "You change things too fast"},
	"rename": {func(f *forumtest.Forum, by rules.Actor, n int) error {
		return f.Service.RenameFile(ctx, by, rules.Place{Thread: rules.Lobby}, fmt.Sprint(n), "name", false)
	}, "You change things too fast"},
	"set": {func(f *forumtest.Forum, by rules.Actor, _ int) error {
		_, err := f.Service.SetPreferences(ctx, by, forum.Preferences{})
		return err
	}, "You change things too fast"},
	"watch": {func(f *forumtest.Forum, by rules.Actor, _ int) error {
		_, err := f.Service.SetLevel(ctx, by, rules.Lobby, forum.Watched)
		return err
	}, "You change things too fast"},
	"touch": {func(f *forumtest.Forum, by rules.Actor, n int) error {
		return f.Service.SetModified(ctx, by, rules.Place{Thread: rules.Lobby}, "name", time.Unix(int64(n), 0))
	}, "You change things too fast"},
	"arrive": {func(f *forumtest.Forum, by rules.Actor, _ int) error {
		visit, err := f.Service.Arrive(ctx, by, rules.Arrival{Stays: true})
		if err == nil {
			err = visit.Leave(ctx)
		}
		return err
	}, "You come and go too fast"},
	"block": {func(f *forumtest.Forum, by rules.Actor, _ int) error {
		_, err := f.Service.Block(ctx, by, "Han")
		return err
	}, "You change things too fast"},
}

// from returns the actor with another source.
func from(actor rules.Actor, source string) rules.Actor {
	actor.Source = source
	return actor
}

func TestRatesOfPeople(t *testing.T) {
	for name, activity := range paced {
		t.Run(name, func(t *testing.T) {
			f := forumtest.New(t, withRates)
			old, han := f.As("Yoda"), f.As("Han")
			if _, err := f.Service.Post(ctx, old, rules.Lobby, "the first"); err != nil {
				t.Fatal(err)
			}
			f.Clock.Advance(24 * time.Hour)
			young := f.As("Luke")
			if name == "edit" {
				young = old
			}
			n := 0
			try := func(by rules.Actor, says string) {
				t.Helper()
				n++
				err := activity.do(f, by, n)
				if says == "" && forum.KindOf(err) == forum.Limited {
					t.Errorf("try %d: %v", n, err)
				} else if says != "" {
					wants(t, err, forum.Limited, activity.says+"; try again in "+says+".")
				}
			}
			for range 4 {
				try(old, "")
			}
			try(old, "10 s")
			f.Clock.Advance(9500 * time.Millisecond)
			try(old, "1 s")
			f.Clock.Advance(500 * time.Millisecond)
			try(old, "")
			try(old, "10 s")
			f.Clock.Advance(20 * time.Second)
			try(old, "")
			try(old, "")
			try(old, "10 s")
			f.Clock.Advance(time.Hour)
			for range 4 {
				try(old, "")
			}
			try(old, "10 s")
			try(han, "")
			if name == "edit" {
				return
			}
			for range 2 {
				try(young, "")
			}
			try(young, "1 min")
			f.Clock.Advance(time.Minute)
			try(young, "")
			try(young, "1 min")
		})
	}
}

// Shared sources have no rate, because the people behind one are unrelated.
func TestSharedSourcesHaveNoRate(t *testing.T) {
	f := forumtest.New(t, withRates)
	rules.Reconfigure(f.Service, func(c *rules.Config) { c.Registration = rules.RegistrationOpen })
	for i := range 20 {
		by := f.As(fmt.Sprint("person", i))
		by.Shared = true
		if _, err := f.Service.Post(ctx, by, rules.Lobby, "hello"); err != nil {
			t.Fatal(err)
		}
		n := rules.Newcomer{Name: fmt.Sprint("newcomer", i), Password: "wise-words", Source: "127.0.0.1", Shared: true}
		if _, err := f.Service.Register(ctx, n); err != nil {
			t.Fatal(err)
		}
	}
}

// Imported accounts do not count as new, because their people were there before.
func TestImportedAccountsAreNotNew(t *testing.T) {
	f := forumtest.New(t, withRates)
	if done, err := f.Service.ImportCredentials(ctx, rules.Operator(), []string{"Yoda wise-words"}, 1); err != nil || done.Added != 1 {
		t.Fatalf("%+v, %v", done, err)
	}
	yoda := f.As("Yoda")
	for n := range 4 {
		post(t, f, "Yoda", rules.Lobby, fmt.Sprint(n))
	}
	_, err := f.Service.Post(ctx, yoda, rules.Lobby, "5")
	wants(t, err, forum.Limited, "You post too fast; try again in 10 s.")
}

func TestAccountsAreNewForADay(t *testing.T) {
	f := forumtest.New(t, withRates)
	yoda := f.As("Yoda")
	f.Clock.Advance(24*time.Hour - 1)
	post(t, f, "Yoda", rules.Lobby, "one", "two")
	_, err := f.Service.Post(ctx, yoda, rules.Lobby, "three")
	wants(t, err, forum.Limited, "You post too fast; try again in 1 min.")
	f.Clock.Advance(1)
	post(t, f, "Yoda", rules.Lobby, "three")
}

func TestWhoHasNoRates(t *testing.T) {
	f := forumtest.New(t, withRates)
	moderator := f.AsRole("Leia", forum.Moderator)
	for _, by := range []rules.Actor{moderator, f.AsRole("Yoda", forum.Admin), rules.Operator()} {
		for n := range 20 {
			if _, err := f.Service.CreateThread(ctx, by, fmt.Sprint(by.Name, n)); err != nil {
				t.Error(err)
			}
		}
	}
	must[forum.User](t)(f.Service.SetRole(ctx, rules.Operator(), "Leia", forum.Member))
	for n := range 3 {
		_, err := f.Service.CreateThread(ctx, moderator, fmt.Sprint(n))
		if limited := err != nil; limited != (n == 2) {
			t.Errorf("a moderator who is none any more, try %d: %v", n, err)
		}
	}
}

// The acts of all accounts of one source together are limited, and do not count for other
// sources. A person over their own limit takes nothing from the others.
func TestRatesOfASource(t *testing.T) {
	f := forumtest.New(t, withRates)
	sock := func(n int, source string) rules.Actor { return from(f.As(fmt.Sprint("sock", n)), source) }
	say := func(by rules.Actor) error { _, err := f.Service.Say(ctx, by, "hello"); return err }
	for range 10 {
		_ = say(sock(1, "2001:db8::1"))
	}
	for n := range 2 {
		if err := say(sock(2+n, fmt.Sprintf("2001:db8::%d", n))); err != nil {
			t.Error(err)
		}
	}
	wants(t, say(sock(4, "2001:db8::ffff")), forum.Limited, "Too much comes from your address; try again in 30 s.")
	for _, source := range []string{"2001:db8:0:1::1", "192.0.2.7"} {
		if err := say(sock(4, source)); err != nil {
			t.Errorf("%s: %v", source, err)
		}
	}
	for n := range 20 {
		if err := say(sock(10+n, "198.51.100.7")); err != nil {
			t.Errorf("from an exempt network: %v", err)
		}
	}
	f.Clock.Advance(30 * time.Second)
	if err := say(sock(5, "2001:db8::2")); err != nil {
		t.Error(err)
	}
	// Accounts that are not new have separate buckets.
	f.Clock.Advance(24 * time.Hour)
	for n := range 8 {
		if err := say(sock(10+n, "2001:db8::3")); err != nil {
			t.Error(err)
		}
	}
	wants(t, say(sock(18, "2001:db8::3")), forum.Limited, "Too much comes from your address; try again in 5 s.")
}

// Guests share one id. Each guest has a rate, and all guests of a source together have one.
func TestRatesOfGuests(t *testing.T) {
	f := forumtest.New(t, withRates)
	say := func(name, source string) error {
		_, err := f.Service.Post(ctx, rules.Actor{User: forum.Guests, Name: name, Source: source}, rules.Lobby, "hello")
		return err
	}
	for range 4 {
		if err := say("Wanda", "192.0.2.1"); err != nil {
			t.Error(err)
		}
	}
	wants(t, say("wanda", "192.0.2.2"), forum.Limited, "You post too fast; try again in 10 s.")
	for n := range 4 {
		if err := say(fmt.Sprint("Wanda", n), "192.0.2.1"); err != nil {
			t.Error(err)
		}
	}
	wants(t, say("Other", "192.0.2.1"), forum.Limited, "Too much comes from your address; try again in 5 s.")
	if err := say("Other", "192.0.2.2"); err != nil {
		t.Error(err)
	}
}

func TestClosedAccountsHaveNoRate(t *testing.T) {
	f := forumtest.New(t, withRates)
	yoda := f.As("Yoda")
	must[forum.User](t)(f.Service.CloseAccount(ctx, rules.Operator(), "Yoda"))
	_, err := f.Service.Post(ctx, yoda, rules.Lobby, "hello")
	wants(t, err, forum.Denied, "Your account has been closed.")
	_, err = f.Service.Post(ctx, rules.Actor{}, rules.Lobby, "hello")
	wants(t, err, forum.Denied, "Your account has been closed.")
}

func TestRegistrationsOfASource(t *testing.T) {
	f := forumtest.New(t, withRates)
	n := 0
	register := func(source string) error {
		n++
		_, err := f.Service.Register(ctx, rules.Newcomer{Name: fmt.Sprint("sock", n), Password: "a password", Source: source})
		return err
	}
	for range 4 {
		if err := register("2001:db8::1"); err != nil {
			t.Error(err)
		}
	}
	wants(t, register("2001:db8::2"), forum.Limited, "Too many accounts are made from your address; try again in 10 s.")
	for _, source := range []string{"2001:db8:0:1::1", "192.0.2.7"} {
		if err := register(source); err != nil {
			t.Error(err)
		}
	}
	f.Clock.Advance(10 * time.Second)
	if err := register("2001:db8::3"); err != nil {
		t.Error(err)
	}
	for range 10 {
		if err := register("198.51.100.7"); err != nil {
			t.Errorf("from an exempt network: %v", err)
		}
	}
	for n := range 10 {
		f.As(fmt.Sprint("made", n)) // the operator makes the account
	}
}

func TestParseRate(t *testing.T) {
	for text, want := range map[string]limit.Rate{
		"off": {}, "1:1ns": {Burst: 1, Every: 1}, "60:2s": {Burst: 60, Every: 2 * time.Second}, "100000:24h": {Burst: 100000, Every: 24 * time.Hour},
	} {
		r, err := limit.ParseRate(text)
		if err != nil || r != want {
			t.Errorf("%s: %v, %v", text, r, err)
		}
		if again, err := limit.ParseRate(r.String()); err != nil || again != want {
			t.Errorf("%s is written %s: %v", text, r, err)
		}
	}
	for _, text := range []string{"", "60", "60:", ":2s", "0:2s", "-1:2s", "60:0s", "60:-1s", "100001:1s", "1:24h1ns", "60:2s:3s", "1e3:2s", "Off", "60:2"} {
		if r, err := limit.ParseRate(text); forum.KindOf(err) != forum.Invalid {
			t.Errorf("%q is read as %v, %v", text, r, err)
		}
	}
}
