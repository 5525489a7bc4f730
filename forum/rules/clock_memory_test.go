package rules_test

import (
	"testing"
	"time"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/limit"
	"sshforum/forum/rules"
)

// Durations in memory end when their time has passed, even if the clock is set in the meantime.
func TestMemoryKeepsItsTime(t *testing.T) {
	for name, by := range map[string]time.Duration{"ahead": 31 * day, "far ahead": century, "back": -day, "far back": -century} {
		t.Run(name, func(t *testing.T) {
			f := forumtest.New(t, func(c *rules.Config) {
				c.DuplicatesWithin = time.Minute
				c.Lockout = limit.Lockout{Attempts: 1, For: time.Minute}
				c.Rates.For = map[limit.Activity]limit.Rate{limit.Creating: {Burst: 1, Every: time.Minute}}
			})
			yoda := f.As("Yoda")
			create := func() error {
				_, err := f.Service.CreateThread(ctx, yoda, f.Service.Steady().Format("150405"))
				return err
			}
			same := func() error { _, err := f.Service.Post(ctx, yoda, rules.Lobby, "the same"); return err }
			login := func() error { _, err := f.Service.PasswordLogin(ctx, "Yoda", "a guess", "192.0.2.1"); return err }
			_, _, _ = create(), same(), login()

			f.Clock.Advance(30 * time.Second)
			f.Clock.Set(by)
			must[rules.ClockState](t)(f.Time.Set(ctx, rules.Operator(), true))
			f.Clock.Advance(29 * time.Second)
			wants(t, create(), forum.Limited, "You create threads too fast; try again in 1 s.")
			wants(t, same(), forum.Conflict, "You posted this just now.")
			wants(t, login(), forum.Limited, "Too many wrong passwords; try again in 1 s.")
			f.Clock.Advance(time.Second)
			if err := create(); err != nil {
				t.Error(err)
			}
			if err := same(); err != nil {
				t.Error(err)
			}
			wants(t, login(), forum.Denied, "Invalid password")
		})
	}
}

// The marks of a session are stored every few seconds, even if the clock goes back.
func TestMarksAreStoredAfterAJump(t *testing.T) {
	f := forumtest.New(t)
	yoda := f.As("Yoda")
	post(t, f, "Luke", rules.Lobby, "one")
	v := must[*rules.Visit](t)(f.Service.Arrive(ctx, yoda, rules.Arrival{Reads: true}))
	defer leave(t, v)
	f.Clock.Set(-day)
	must[rules.ClockState](t)(f.Time.Set(ctx, rules.Operator(), true))
	v.MarkEntries(1, 1, 1)
	f.Clock.Advance(5 * time.Second)
	if err := v.NoteCommand(ctx); err != nil {
		t.Fatal(err)
	}
	err := f.Store.View(func(r forum.Reader) error {
		if i := r.Interest(yoda.User, 1); i.Read.Upto != 1 {
			t.Errorf("stored as read: %+v", i.Read)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
