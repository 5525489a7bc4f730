package rules

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"sshforum/forum"
)

const (
	// tickAfter is how long after the last change one is made only because time has passed;
	// Keep, which is called once a minute, is in time for MaxStep.
	tickAfter = 10 * time.Minute

	// maxAhead is how far ahead of the forum's time the machine's clock is followed.
	maxAhead = 366 * 24 * time.Hour

	// Leaps of farAhead and more are told, for as long as tellFor.
	farAhead = 24 * time.Hour
	tellFor  = 30 * 24 * time.Hour
)

// Machine returns what a machine knows of time: what its clock shows, which may be set,
// and how long the process has been running, which only grows.
type Machine func() (clock time.Time, running time.Duration)

// ThisMachine returns the Machine that the process runs on.
func ThisMachine() Machine {
	began := time.Now()
	return func() (time.Time, time.Duration) {
		now := time.Now()
		return now.Round(0).UTC(), now.Sub(began)
	}
}

// Clock is the forum's time. While the process runs it goes on with the time that the
// process has been running, and is kept in step with the machine's clock as long as that
// makes small steps: behind a step back it goes half as fast. A jump is told to the log
// and not followed, but for one ahead that stays for MaxStep and is shorter than maxAhead.
// Where it begins Start says. It is safe for concurrent use.
type Clock struct {
	machine Machine
	store   forum.Store
	journal forum.Journal
	log     *slog.Logger

	began time.Time // what the machine's clock showed

	keeping sync.Mutex // held while Keep and Set submit a change of theirs

	mu      sync.Mutex
	now     time.Time
	running time.Duration // when it was now
	apart   time.Duration // how far the machine's clock was ahead when that was last told; 0 in step
	since   time.Duration // running when that was told
}

// NewClock returns a clock that shows the machine's until Start.
func NewClock(machine Machine, store forum.Store, journal forum.Journal, log *slog.Logger) *Clock {
	now, running := machine()
	return &Clock{machine: machine, store: store, journal: journal, log: log, began: now, now: now, running: running}
}

// Now returns the forum's time. It never goes back but by Set.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.look()
	return c.now
}

// Steady returns a time that differs from another only by the time between, whatever is
// set. It is for what is kept in memory, and is not the time of day.
func (c *Clock) Steady() time.Time {
	_, running := c.machine()
	return c.began.Add(running)
}

// look brings now up to date, and returns what the machine's clock shows.
func (c *Clock) look() time.Time {
	machine, running := c.machine()
	passed := running - c.running
	c.running = running
	even := c.now.Add(passed)
	if ahead := machine.Sub(even); ahead.Abs() > forum.MaxStep {
		c.now = even
		c.tell(machine, ahead)
	} else {
		c.now = latest(machine, c.now.Add(passed/2))
		c.tell(machine, 0)
	}
	return machine
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// tell logs once that the machine's clock is ahead, or behind, or in step again.
func (c *Clock) tell(machine time.Time, ahead time.Duration) {
	switch {
	case ahead == 0 && c.apart != 0:
		c.log.Info("the machine's clock agrees with the forum's time again", "clock", machine)
	case (ahead - c.apart).Abs() > forum.MaxStep:
		c.log.Warn("the machine's clock does not agree with the forum's time, which goes on as if the clock had not been set",
			"clock", machine, "forum", c.now, "ahead", ahead.Round(time.Second), "help", "sshforum time")
	default:
		return
	}
	c.apart, c.since = ahead, c.running
}

// Start lets the clock go on from the time of the last change, or from the machine's clock
// where that is ahead, but by no more than maxAhead. It is called before anything happens
// in the forum but its founding and the end of what a crash cut off, which was at the time of
// the last change. While nothing can be stored it leaves to Keep what it would store.
func (c *Clock) Start(ctx context.Context) error {
	last, _, err := c.stored()
	if err != nil {
		return err
	}
	c.begin(last)
	if err := c.Keep(ctx); err != nil && forum.KindOf(err) != forum.Unavailable {
		return err
	}
	return c.tellLeaps()
}

// begin lets the clock go on as Start says; the zero time is none.
func (c *Clock) begin(last time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	machine, running := c.machine()
	c.now, c.running, c.apart = last, running, 0
	if ahead := machine.Sub(last); last.IsZero() || ahead > 0 && ahead <= maxAhead {
		c.now = machine
	}
	c.look()
}

// tellLeaps logs what makes purges later.
func (c *Clock) tellLeaps() error {
	s, err := c.State()
	if far := s.Far(); len(far) > 0 {
		last := far[len(far)-1]
		c.log.Warn("no server ran for a day or more, or the machine's clock was wrong; purges do not count that time",
			"times", len(far), "from", last.From, "to", last.To, "help", "sshforum time")
	}
	return err
}

// Keep makes sure that the time of the last change is not long ago. It is called once a
// minute.
func (c *Clock) Keep(ctx context.Context) error {
	c.keeping.Lock()
	defer c.keeping.Unlock()
	now := c.follow()
	last, _, err := c.stored()
	if err != nil || last.IsZero() {
		return err
	}
	switch passed := now.Sub(last); {
	case passed > forum.MaxStep:
		_, err = c.journal.Submit(ctx, newSubmission(operator, now, &leap{}))
	case passed >= tickAfter:
		_, err = c.journal.Submit(ctx, newSubmission(operator, now, &tick{}))
	}
	return err
}

// follow returns the forum's time, and goes to that of the machine first if it has been
// ahead for long enough.
func (c *Clock) follow() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	machine := c.look()
	if c.apart > 0 && c.apart <= maxAhead && c.running-c.since >= forum.MaxStep {
		c.log.Warn("the forum's time follows the machine's clock", "from", c.now, "to", machine, "help", "sshforum time")
		c.now, c.apart = machine, 0
	}
	return c.now
}

// ClockState is how the forum's time and the machine's clock stand.
type ClockState struct {
	Forum, Machine time.Time
	Leaps          []forum.Leap // oldest first
}

// Far returns the leaps of a day and more in the last 30 days.
func (s ClockState) Far() (far []forum.Leap) {
	for _, l := range s.Leaps {
		if l.Length() >= farAhead && s.Forum.Sub(l.To) < tellFor {
			far = append(far, l)
		}
	}
	return far
}

// State returns how the clock stands.
func (c *Clock) State() (s ClockState, err error) {
	c.mu.Lock()
	s.Machine = c.look()
	s.Forum = c.now
	c.mu.Unlock()
	_, s.Leaps, err = c.stored()
	return s, err
}

// Set makes the machine's clock the forum's time: the actor says that it is right. What
// was stamped later is moved back with it. It returns how the clock stood before. Errors:
// Denied; Conflict when they agree, and, unless anyway is set, when no leap explains how
// the forum's time can have come so far ahead.
func (c *Clock) Set(ctx context.Context, actor Actor, anyway bool) (was ClockState, err error) {
	c.keeping.Lock()
	defer c.keeping.Unlock()
	if was, err = c.State(); err != nil {
		return was, err
	}
	_, err = c.journal.Submit(ctx, newSubmission(actor.User, was.Machine, &setClock{Was: was.Forum, Anyway: anyway}))
	if err == nil {
		c.begin(time.Time{})
	}
	return was, err
}

// stored returns the time of the last change, and the leaps.
func (c *Clock) stored() (last time.Time, leaps []forum.Leap, err error) {
	err = c.store.View(func(r forum.Reader) error {
		last, leaps = r.Time(), r.Leaps()
		return nil
	})
	return last, leaps, err
}
