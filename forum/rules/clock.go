package rules

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"sshforum/forum"
)

const (
	// tickAfter is how long after the last change Keep makes one only to store the time. Keep is
	// called once a minute, so the next change follows within MaxStep.
	tickAfter = 10 * time.Minute

	// maxAhead bounds how far the forum's time jumps ahead to follow the machine's clock.
	maxAhead = 366 * 24 * time.Hour

	// Leaps of at least farAhead are reported for reportFor after they end.
	farAhead  = 24 * time.Hour
	reportFor = 30 * 24 * time.Hour
)

// Machine returns the time of a machine's clock, which may be set at any moment, and how long
// the process has been running, which only grows.
type Machine func() (clock time.Time, running time.Duration)

// ThisMachine returns the Machine that the process runs on.
func ThisMachine() Machine {
	began := time.Now()
	return func() (time.Time, time.Duration) {
		now := time.Now()
		return now.Round(0).UTC(), now.Sub(began)
	}
}

// Clock keeps the forum's time. It advances with the time that the process has been running.
// It follows small steps of the machine's clock, of at most MaxStep: after a step back it runs
// at half speed until the machine's clock has caught up. A larger step is logged and not
// followed, except one ahead that lasts for MaxStep and is at most maxAhead. Start sets the
// time from which it begins. It is safe for concurrent use.
type Clock struct {
	machine Machine
	store   forum.Store
	journal forum.Journal
	log     *slog.Logger

	began time.Time // the machine's clock at NewClock

	submitting sync.Mutex // held while Keep and Set submit a change

	mu          sync.Mutex
	now         time.Time
	running     time.Duration // of the process at now
	loggedAhead time.Duration // how far the machine's clock was ahead when that was last logged; 0 in step
	loggedAt    time.Duration // running when that was logged
}

// NewClock returns a clock that begins with the time of the machine's clock, until Start.
func NewClock(machine Machine, store forum.Store, journal forum.Journal, log *slog.Logger) *Clock {
	now, running := machine()
	return &Clock{machine: machine, store: store, journal: journal, log: log, began: now, now: now, running: running}
}

// Now returns the forum's time. It never goes back, except by Set.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.update()
	return c.now
}

// Steady returns a time that advances evenly, even if a clock is set. It serves to measure
// durations in memory, and is not the time of day.
func (c *Clock) Steady() time.Time {
	_, running := c.machine()
	return c.began.Add(running)
}

// update brings now up to date, and returns the time of the machine's clock. The caller holds
// mu.
func (c *Clock) update() time.Time {
	machine, running := c.machine()
	passed := running - c.running
	c.running = running
	expected := c.now.Add(passed)
	if ahead := machine.Sub(expected); ahead.Abs() > forum.MaxStep {
		c.now = expected
		c.logDifference(machine, ahead)
	} else {
		c.now = latest(machine, c.now.Add(passed/2))
		c.logDifference(machine, 0)
	}
	return machine
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// logDifference logs, once each, that the machine's clock is ahead, behind, or in step again.
func (c *Clock) logDifference(machine time.Time, ahead time.Duration) {
	switch {
	case ahead == 0 && c.loggedAhead != 0:
		c.log.Info("the machine's clock agrees with the forum's time again", "clock", machine)
	case (ahead - c.loggedAhead).Abs() > forum.MaxStep:
		c.log.Warn("the machine's clock does not agree with the forum's time, which goes on as if the clock had not been set",
			"clock", machine, "forum", c.now, "ahead", ahead.Round(time.Second), "help", "sshforum time")
	default:
		return
	}
	c.loggedAhead, c.loggedAt = ahead, c.running
}

// Start sets the clock to the time of the last change, or to the machine's clock if that is
// ahead by at most maxAhead. It must be called before any change except those that found the
// forum or end what a crash cut off, which have the time of the last change. If nothing can be
// stored now, a later Keep stores the change of Start.
func (c *Clock) Start(ctx context.Context) error {
	last, _, err := c.stored()
	if err != nil {
		return err
	}
	c.startAt(last)
	if err := c.Keep(ctx); err != nil && forum.KindOf(err) != forum.Unavailable {
		return err
	}
	return c.logLeaps()
}

// startAt sets the clock as Start does. The zero time stands for no last change.
func (c *Clock) startAt(last time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	machine, running := c.machine()
	c.now, c.running, c.loggedAhead = last, running, 0
	if ahead := machine.Sub(last); last.IsZero() || ahead > 0 && ahead <= maxAhead {
		c.now = machine
	}
	c.update()
}

// logLeaps logs the long leaps, since they delay purges.
func (c *Clock) logLeaps() error {
	s, err := c.State()
	if far := s.Far(); len(far) > 0 {
		last := far[len(far)-1]
		c.log.Warn("no server ran for a day or more, or the machine's clock was wrong; purges do not count that time",
			"times", len(far), "from", last.From, "to", last.To, "help", "sshforum time")
	}
	return err
}

// Keep stores a change if the last one is long ago, so that the stored time stays close to the
// clock. It must be called once a minute. Errors: those of the Journal.
func (c *Clock) Keep(ctx context.Context) error {
	c.submitting.Lock()
	defer c.submitting.Unlock()
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

// follow returns the forum's time. It first sets it to the machine's clock if that has been
// ahead for MaxStep, by at most maxAhead.
func (c *Clock) follow() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	machine := c.update()
	if c.loggedAhead > 0 && c.loggedAhead <= maxAhead && c.running-c.loggedAt >= forum.MaxStep {
		c.log.Warn("the forum's time follows the machine's clock", "from", c.now, "to", machine, "help", "sshforum time")
		c.now, c.loggedAhead = machine, 0
	}
	return c.now
}

// ClockState has the forum's time, the machine's clock and the leaps.
type ClockState struct {
	Forum, Machine time.Time
	Leaps          []forum.Leap // oldest first
}

// Far returns the leaps of at least a day that ended in the last 30 days.
func (s ClockState) Far() (far []forum.Leap) {
	for _, l := range s.Leaps {
		if l.Length() >= farAhead && s.Forum.Sub(l.To) < reportFor {
			far = append(far, l)
		}
	}
	return far
}

// State returns the state of the clock.
func (c *Clock) State() (s ClockState, err error) {
	c.mu.Lock()
	s.Machine = c.update()
	s.Forum = c.now
	c.mu.Unlock()
	_, s.Leaps, err = c.stored()
	return s, err
}

// Set sets the forum's time to the machine's clock, which the actor has found to be right.
// Stored times that are later are moved back with it. It returns the state before. Errors:
// Denied; Conflict if the two agree already; Conflict, unless anyway is set, if no leap
// explains how the forum's time can have come so far ahead.
func (c *Clock) Set(ctx context.Context, actor Actor, anyway bool) (was ClockState, err error) {
	c.submitting.Lock()
	defer c.submitting.Unlock()
	if was, err = c.State(); err != nil {
		return was, err
	}
	_, err = c.journal.Submit(ctx, newSubmission(actor.User, was.Machine, &setClock{Was: was.Forum, Anyway: anyway}))
	if err == nil {
		c.startAt(time.Time{})
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
