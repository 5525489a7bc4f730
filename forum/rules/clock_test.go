package rules_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

const (
	day     = 24 * time.Hour
	century = 36525 * day
)

// run lets time pass in a forum whose server looks at its clock once a minute.
func run(t testing.TB, f *forumtest.Forum, d time.Duration) {
	t.Helper()
	for ; d > 0; d -= time.Minute {
		f.Clock.Advance(min(d, time.Minute))
		if err := f.Time.Keep(ctx); err != nil {
			t.Fatal(err)
		}
	}
}

// The forum's time does not follow a jump of the machine's clock, unless it is one ahead that
// lasts. It follows small steps.
func TestClockWhileRunning(t *testing.T) {
	for name, test := range map[string]struct {
		steps []time.Duration // of the machine's clock, an hour after the other
		ahead time.Duration   // of what has passed, at the end
		leaps int
	}{
		"evenly":                     {steps: []time.Duration{0}},
		"a few minutes ahead":        {steps: []time.Duration{5 * time.Minute}, ahead: 5 * time.Minute},
		"a few minutes back":         {steps: []time.Duration{-5 * time.Minute}, ahead: -5 * time.Minute},
		"many small steps":           {steps: []time.Duration{5 * time.Minute, 5 * time.Minute, -5 * time.Minute}, ahead: 5 * time.Minute},
		"an hour ahead":              {steps: []time.Duration{time.Hour}, ahead: time.Hour, leaps: 1},
		"a month ahead":              {steps: []time.Duration{31 * day}, ahead: 31 * day, leaps: 1},
		"a century ahead":            {steps: []time.Duration{century}},
		"a day back":                 {steps: []time.Duration{-day}},
		"a century back":             {steps: []time.Duration{-century}},
		"a day back, and forth":      {steps: []time.Duration{-day, day}},
		"a century ahead, and back":  {steps: []time.Duration{century, -century}},
		"ahead once more":            {steps: []time.Duration{day, day}, ahead: 2 * day, leaps: 2},
		"ahead, and back to be late": {steps: []time.Duration{day, -2 * day}, ahead: day, leaps: 1},
	} {
		t.Run(name, func(t *testing.T) {
			f := forumtest.New(t)
			began := f.Time.Now()
			for _, step := range test.steps {
				before := f.Time.Now()
				f.Clock.Set(step)
				if now := f.Time.Now(); now.Before(before) || now.After(before.Add(max(0, min(step, forum.MaxStep)))) {
					t.Errorf("a step of %s takes the time from %s to %s", step, before, now)
				}
				run(t, f, time.Hour)
			}
			passed := time.Duration(len(test.steps)) * time.Hour
			if ahead := f.Time.Now().Sub(began) - passed; ahead != test.ahead {
				t.Errorf("the forum's time is %s ahead, want %s", ahead, test.ahead)
			}
			if steady := f.Time.Steady().Sub(began); steady != passed {
				t.Errorf("the steady time has gone on by %s, want %s", steady, passed)
			}
			wantLeaps(t, f, test.leaps)
		})
	}
}

func wantLeaps(t *testing.T, f *forumtest.Forum, n int) {
	t.Helper()
	if s := must[rules.ClockState](t)(f.Time.State()); len(s.Leaps) != n {
		t.Errorf("leaps: %v, want %d", s.Leaps, n)
	}
}

// A clock that is ahead only for a moment is not followed. After a step back the forum's time
// runs at half speed.
func TestClockIsNotFollowedAtOnce(t *testing.T) {
	f := forumtest.New(t)
	began := f.Time.Now()
	f.Clock.Set(day)
	run(t, f, forum.MaxStep-time.Second)
	f.Clock.Set(-day)
	run(t, f, day)
	if passed := f.Time.Now().Sub(began); passed != day+forum.MaxStep-time.Second {
		t.Errorf("%s have passed", passed)
	}
	wantLeaps(t, f, 0)

	began = f.Time.Now()
	f.Clock.Set(-10 * time.Minute)
	for minutes := range 20 {
		if now := f.Time.Now(); now.Sub(began) != time.Duration(minutes)*time.Minute/2 {
			t.Errorf("%d minutes after a step back it is %s later", minutes, now.Sub(began))
		}
		f.Clock.Advance(time.Minute)
	}
	f.Clock.Advance(time.Minute)
	if now := f.Time.Now(); !now.Equal(f.Clock.Now()) {
		t.Errorf("in the end it is %s, and the machine's clock shows %s", now, f.Clock.Now())
	}
}

func TestClockAtStart(t *testing.T) {
	for name, test := range map[string]struct {
		step  time.Duration // of the machine's clock
		ahead time.Duration // of the forum's time, then
		later time.Duration // and an hour later
		leaps int
	}{
		"at once":            {},
		"minutes later":      {step: 5 * time.Minute, ahead: 5 * time.Minute, later: 5 * time.Minute},
		"a day later":        {step: day, ahead: day, later: day, leaps: 1},
		"months later":       {step: 200 * day, ahead: 200 * day, later: 200 * day, leaps: 1},
		"a century later":    {step: century},
		"minutes before":     {step: -5 * time.Minute, later: -5 * time.Minute},
		"a day before":       {step: -day},
		"a century before":   {step: -century},
		"long before it all": {step: -56 * 365 * day},
	} {
		t.Run(name, func(t *testing.T) {
			f := forumtest.New(t)
			f.As("Yoda")
			last := f.Time.Now()
			f.Clock.Set(test.step)
			f.Reopen()
			if now := f.Time.Now(); now.Sub(last) != test.ahead {
				t.Errorf("it starts %s later, want %s", now.Sub(last), test.ahead)
			}
			wantLeaps(t, f, test.leaps)
			run(t, f, time.Hour)
			if now := f.Time.Now(); now.Sub(last) != time.Hour+test.later {
				t.Errorf("after an hour it is %s later", now.Sub(last))
			}
		})
	}
}

// The forum's time continues from the last minutes of a server that was killed.
func TestClockKeepsTimeWhereNothingHappens(t *testing.T) {
	f := forumtest.New(t)
	began := f.Time.Now()
	run(t, f, day)
	f.Clock.Set(-century)
	f.Reopen()
	if now := f.Time.Now(); now.Sub(began) < day-forum.MaxStep {
		t.Errorf("of a day %s are left", now.Sub(began))
	}
	wantLeaps(t, f, 0)
}

func TestClockTellsTheLog(t *testing.T) {
	f := forumtest.New(t)
	f.As("Yoda")
	var log bytes.Buffer
	clock := func() *rules.Clock {
		return rules.NewClock(f.Clock.Machine, f.Store, f.Store, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{
			ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
				if a.Key == slog.TimeKey || a.Key == slog.LevelKey {
					return slog.Attr{}
				}
				return a
			},
		})))
	}
	says := func(step string, lines ...string) {
		t.Helper()
		if diff := cmp.Diff(strings.Join(lines, "\n"), strings.TrimSpace(log.String())); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step, diff)
		}
		log.Reset()
	}
	start := func() *rules.Clock {
		c := clock()
		if err := c.Start(ctx); err != nil {
			t.Fatal(err)
		}
		return c
	}
	const (
		apart = `msg="the machine's clock does not agree with the forum's time, which goes on as if the clock had not been set" `
		again = `msg="the machine's clock agrees with the forum's time again" `
		help  = ` help="sshforum time"`
		leap  = `msg="no server ran for a day or more, or the machine's clock was wrong; purges do not count that time" ` +
			"times=1 from=2026-06-01T14:10:00.000Z to=2026-06-02T14:17:00.000Z" + help
	)
	f.Time = start()
	says("a start in time")
	f.Clock.Set(century)
	run(t, f, time.Hour)
	says("a century ahead", apart+"clock=2126-06-02T12:01:00.000Z forum=2026-06-01T12:01:00.000Z ahead=876600h0m0s"+help)
	f.Clock.Set(-century - day)
	run(t, f, time.Hour)
	says("a day back", apart+"clock=2026-05-31T13:01:00.000Z forum=2026-06-01T13:01:00.000Z ahead=-24h0m0s"+help)
	for range 2 {
		f.Time = start()
		says("a start a day back", apart+"clock=2026-05-31T14:00:00.000Z forum=2026-06-01T14:00:00.000Z ahead=-24h0m0s"+help)
	}
	f.Clock.Set(day)
	run(t, f, time.Minute)
	says("right again", again+"clock=2026-06-01T14:01:00.000Z")
	f.Clock.Set(day)
	run(t, f, time.Hour)
	says("a day ahead, which stays",
		apart+"clock=2026-06-02T14:02:00.000Z forum=2026-06-01T14:02:00.000Z ahead=24h0m0s"+help,
		`msg="the forum's time follows the machine's clock" from=2026-06-01T14:17:00.000Z to=2026-06-02T14:17:00.000Z`+help)
	for range 2 {
		f.Time = start()
		says("a start after a day that nobody counted", leap)
	}
	f.Clock.Set(century)
	f.Time = start()
	says("a start a century ahead", apart+"clock=2126-06-03T15:01:00.000Z forum=2026-06-02T14:57:00.000Z ahead=876600h4m0s"+help, leap)
	f.Clock.Set(-century)
	f.Clock.Advance(30 * day)
	log.Reset()
	f.Time = start()
	says("a start a month after all that")
}
