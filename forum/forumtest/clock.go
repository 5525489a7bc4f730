package forumtest

import (
	"context"
	"sync"
	"time"

	"sshforum/forum"
)

// Clock is that of a machine, which stands still until it is told to move.
type Clock struct {
	mu      sync.Mutex
	now     time.Time
	running time.Duration
	passed  func() // told that time has passed; nil for nobody
}

// NewClock returns a clock that shows noon of 1 June 2026, UTC.
func NewClock() *Clock { return &Clock{now: time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC)} }

// Now returns what the clock shows.
func (c *Clock) Now() time.Time {
	now, _ := c.Machine()
	return now
}

// Machine returns what the clock shows, and how much time has passed.
func (c *Clock) Machine() (now time.Time, running time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now, c.running
}

// Advance lets time pass, in a forum that runs.
func (c *Clock) Advance(d time.Duration) {
	c.move(d, d)
	if c.passed != nil {
		c.passed()
	}
}

// Set moves the clock, forth or back, while no time passes.
func (c *Clock) Set(d time.Duration) { c.move(d, 0) }

func (c *Clock) move(d, running time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now, c.running = c.now.Add(d), c.running+running
}

// passed does what rules.Clock.Keep does with one change for all the time.
func (f *Forum) passed() {
	now := f.Time.Now()
	var last time.Time
	err := f.Store.View(func(r forum.Reader) error {
		last = r.Time()
		return nil
	})
	if err == nil && now.Sub(last) > forum.MaxStep {
		_, err = f.Store.Submit(context.Background(), timePassed{now})
	}
	if err != nil && forum.KindOf(err) != forum.Unavailable {
		f.t.Error(err)
	}
}

// timePassed is any number of ticks at once.
type timePassed struct{ now time.Time }

func (c timePassed) Kind() string    { return "test.passed" }
func (c timePassed) When() time.Time { return c.now }

func (c timePassed) Apply(tx forum.Tx) (any, error) {
	tx.SetTime(c.now)
	return nil, nil
}
