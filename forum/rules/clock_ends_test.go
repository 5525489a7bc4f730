package rules_test

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// jumps are the ways in which a machine's clock goes wrong.
var jumps = map[string]func(t *testing.T, f *forumtest.Forum){
	"none":                           func(*testing.T, *forumtest.Forum) {},
	"a century ahead, for a moment":  func(t *testing.T, f *forumtest.Forum) { wrongFor(t, f, century, 0) },
	"a century ahead, for an hour":   func(t *testing.T, f *forumtest.Forum) { wrongFor(t, f, century, time.Hour) },
	"a month ahead, for a moment":    func(t *testing.T, f *forumtest.Forum) { wrongFor(t, f, 31*day, 0) },
	"a month ahead, for an hour":     func(t *testing.T, f *forumtest.Forum) { wrongFor(t, f, 31*day, time.Hour) },
	"a day back, for an hour":        func(t *testing.T, f *forumtest.Forum) { wrongFor(t, f, -day, time.Hour) },
	"a century ahead, over a start":  func(t *testing.T, f *forumtest.Forum) { wrongOver(t, f, century) },
	"a month ahead, over a start":    func(t *testing.T, f *forumtest.Forum) { wrongOver(t, f, 31*day) },
	"a day back, over a start":       func(t *testing.T, f *forumtest.Forum) { wrongOver(t, f, -day) },
	"a century back, over a start":   func(t *testing.T, f *forumtest.Forum) { wrongOver(t, f, -century) },
	"a month ahead, over two starts": func(t *testing.T, f *forumtest.Forum) { wrongOver(t, f, 31*day); wrongOver(t, f, 31*day) },
}

// wrongFor has the clock wrong while the server runs.
func wrongFor(t *testing.T, f *forumtest.Forum, by, d time.Duration) {
	f.Clock.Set(by)
	post(t, f, "Witness", rules.Lobby, "It is late.")
	run(t, f, d)
	f.Clock.Set(-by)
}

// wrongOver has the clock wrong from one start to the next.
func wrongOver(t *testing.T, f *forumtest.Forum, by time.Duration) {
	f.Clock.Set(by)
	f.Reopen()
	post(t, f, "Witness", rules.Lobby, "It is late.")
	run(t, f, time.Hour)
	f.Clock.Set(-by)
	f.Reopen()
}

func jumping(t *testing.T, f func(t *testing.T, f *forumtest.Forum, jump func())) {
	for name, jump := range jumps {
		t.Run(name, func(t *testing.T) {
			forum := byInvite(t)
			f(t, forum, func() { jump(t, forum) })
		})
	}
}

// A sanction or an invite that begins after a jump of the clock ends when its time has passed,
// not before.
func TestEndsAfterAJump(t *testing.T) {
	jumping(t, func(t *testing.T, f *forumtest.Forum, jump func()) {
		f.As("Witness")
		jump()
		e := begins(t, f, time.Hour)
		post(t, f, "Obi-wan", "slow", "one")
		run(t, f, time.Minute-time.Second)
		_, err := f.Service.Post(ctx, f.As("Obi-wan"), "slow", "two")
		wants(t, err, forum.Limited, "Thread slow takes one message in 1 min from each person; try again in 1 s.")
		run(t, f, time.Second)
		post(t, f, "Obi-wan", "slow", "two")

		run(t, f, 59*time.Minute-time.Second)
		e.last(t, f, "a second before the end")
		run(t, f, time.Second)
		e.are(t, f, true, "at the end")

		once := func() rules.Posted {
			return must[rules.Posted](t)(f.Service.Post(ctx, f.As("Obi-wan"), rules.Lobby, "once", rules.Once("k")))
		}
		first := once()
		f.Clock.Advance(day - time.Second)
		if again := once(); again.Message.ID != first.Message.ID {
			t.Error("a key was forgotten within a day")
		}
		f.Clock.Advance(time.Second)
		if again := once(); again.Message.ID == first.Message.ID {
			t.Error("a key was known after a day")
		}
	})
}

// ends are things that end some time after they were begun.
type ends struct {
	code    string // of an invite
	network netip.Addr
}

// begins silences Luke, bans Han and a network, and makes an invite, all for the duration d.
func begins(t *testing.T, f *forumtest.Forum, d time.Duration) ends {
	t.Helper()
	s, mace := f.Service, f.AsRole("Mace", forum.Moderator)
	f.As("Luke")
	f.As("Han")
	if _, err := s.CreateThread(ctx, mace, "slow"); err == nil {
		must[forum.Thread](t)(s.SlowThread(ctx, mace, "slow", time.Minute))
	}
	until := s.Clock().Add(d)
	must[forum.User](t)(s.Silence(ctx, mace, "Luke", until, "loud"))
	must[rules.Ban](t)(s.Ban(ctx, mace, "Han", until, "spam"))
	must[rules.Ban](t)(s.Ban(ctx, mace, "203.0.113.0/24", until, "spam"))
	return ends{
		code:    must[rules.NewInvite](t)(s.Invite(ctx, mace, d)).Secret,
		network: netip.MustParseAddr("203.0.113.7"),
	}
}

func (e ends) last(t *testing.T, f *forumtest.Forum, when string) {
	t.Helper()
	e.are(t, f, false, when)
}

// are fails the test unless all of them are over, or none is if over is false.
func (e ends) are(t *testing.T, f *forumtest.Forum, over bool, when string) {
	t.Helper()
	s := f.Service
	_, err := s.Post(ctx, f.As("Luke"), rules.Lobby, f.Clock.Now().String())
	if silenced := forum.KindOf(err) == forum.Denied; silenced == over {
		t.Errorf("%s Luke is silenced: %v", when, err)
	}
	u, _, _ := s.Lookup("Han")
	gone, err := s.TrackConnection(u, "192.0.2.1", func(error) {})
	if err == nil {
		gone()
		_, err = s.Threads(ctx, f.As("Han"))
	}
	if errors.Is(err, rules.ErrBanned) == over {
		t.Errorf("%s Han is banned: %v", when, err)
	}
	if s.NetworkBanned(e.network) == over {
		t.Errorf("%s the network is banned: %v", when, !over)
	}
	if err := s.CheckInvite(e.code); (err != nil) != over {
		t.Errorf("%s the invite: %v", when, err)
	}
}

// meet does the acts that drop expired rows for good.
func (e ends) meet(t *testing.T, f *forumtest.Forum) {
	t.Helper()
	if u, _, _ := f.Service.Lookup("Han"); !u.Banned.Holds(f.Service.Clock()) {
		must[func()](t)(f.Service.TrackConnection(u, "192.0.2.1", func(error) {}))()
	}
	must[rules.NewInvite](t)(f.Service.Invite(ctx, f.AsRole("Mace", forum.Moderator), time.Hour))
	if err := f.Service.Purge(ctx); err != nil {
		t.Fatal(err)
	}
}

// A sanction or an invite that begins before a jump still holds after the operator has set the
// time, and ends when its time has passed. So does one that begins while the clock is wrong.
func TestEndsOverAJump(t *testing.T) {
	jumping(t, func(t *testing.T, f *forumtest.Forum, jump func()) {
		f.As("Witness")
		begun := f.Clock.Now()
		e := begins(t, f, 2*day)
		jump()
		e.meet(t, f)
		f.Clock.Advance(time.Minute)
		mend(t, f)
		e.last(t, f, "when the clock has been set")
		f.Clock.Advance(2*day - f.Clock.Now().Sub(begun) - time.Second)
		e.last(t, f, "a second before the end")
		f.Clock.Advance(time.Second)
		e.are(t, f, true, "at the end")
	})
}

// mend does what the operator does once the machine's clock is right.
func mend(t *testing.T, f *forumtest.Forum) {
	t.Helper()
	if _, err := f.Time.Set(ctx, rules.Operator(), false); err != nil && forum.KindOf(err) != forum.Conflict {
		t.Fatal(err)
	}
	if err := f.Service.LoadBans(); err != nil {
		t.Fatal(err)
	}
	if now := f.Time.Now(); !now.Equal(f.Clock.Now()) {
		t.Errorf("it is %s, and the machine's clock shows %s", now, f.Clock.Now())
	}
}

func TestEndsBegunWhileTheClockIsWrong(t *testing.T) {
	for name, by := range map[string]time.Duration{"a month ahead": 31 * day, "most of a year ahead": 300 * day, "a day back": -day} {
		t.Run(name, func(t *testing.T) {
			f := byInvite(t)
			f.As("Witness")
			f.Clock.Set(by)
			f.Reopen()
			f.Clock.Advance(time.Hour)
			e := begins(t, f, 2*time.Hour)
			post(t, f, "Obi-wan", "slow", "one")
			f.Clock.Advance(time.Hour - time.Second)
			f.Clock.Set(-by)
			mend(t, f)
			post(t, f, "Obi-wan", "slow", "two")
			f.Clock.Advance(time.Hour)
			e.last(t, f, "a second before the end")
			f.Clock.Advance(time.Second)
			e.are(t, f, true, "at the end")
		})
	}
}
