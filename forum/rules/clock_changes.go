package rules

import (
	"slices"
	"time"

	"sshforum/forum"
)

// longAgo returns the latest time since which d has certainly passed at now. The time of leaps
// is not counted.
func longAgo(r forum.Reader, now time.Time, d time.Duration) time.Time {
	for _, leap := range slices.Backward(r.Leaps()) {
		counted := now.Sub(leap.To)
		if counted > d {
			break
		}
		d -= counted
		now = leap.From
	}
	return now.Add(-d)
}

// tick stores the time while no other change is made.
type tick struct{ origin }

func (c *tick) apply(_ forum.Tx, _ forum.User) (nothing, error) { return nothing{}, nil }

// leap moves the forum's time ahead by more than MaxStep, and keeps the leap.
type leap struct{ origin }

func (c *leap) apply(tx forum.Tx, _ forum.User) (nothing, error) {
	if last := tx.Time(); c.At.After(last) {
		tx.SetLeaps(withLeap(tx.Leaps(), forum.Leap{From: last, To: c.At}))
		tx.SetTime(c.At)
	}
	return nothing{}, nil
}

// maxLeaps bounds the stored leaps.
const maxLeaps = 1000

// withLeap adds a leap. If there would be more than maxLeaps, it joins the two leaps with the
// least time between them, which only delays purges.
func withLeap(leaps []forum.Leap, l forum.Leap) []forum.Leap {
	leaps = append(leaps, l)
	if len(leaps) <= maxLeaps {
		return leaps
	}
	closest := 1
	for i := range leaps[1:] {
		if between(leaps, i+1) < between(leaps, closest) {
			closest = i + 1
		}
	}
	leaps[closest].From = leaps[closest-1].From
	return slices.Delete(leaps, closest-1, closest)
}

// between returns the time from leap i-1 to leap i, which counts.
func between(leaps []forum.Leap, i int) time.Duration { return leaps[i].From.Sub(leaps[i-1].To) }

// AuditClockSet is the act of setting the forum's time. Its entry has the new time in At, and
// the old one in Value.
const AuditClockSet forum.AuditAct = "clock.set"

// setClock sets the forum's time from Was to At.
type setClock struct {
	origin
	Was    time.Time
	Anyway bool `json:",omitempty"` // even if no leap explains the difference
}

func (c *setClock) apply(tx forum.Tx, u forum.User) (nothing, error) {
	leaps, wrong := tx.Leaps(), c.Was.Sub(c.At)
	since, explained := c.wrongSince(leaps)
	switch {
	case !u.May(forum.MendStore, u.ID):
		return nothing{}, forum.Errorf(forum.Denied, "Only an admin can set the forum's time.")
	case wrong.Abs() <= forum.MaxStep:
		return nothing{}, forum.Errorf(forum.Conflict, "The forum's time agrees with the machine's clock; there is nothing to set.")
	case wrong > 0 && !explained && !c.Anyway:
		return nothing{}, forum.Errorf(forum.Conflict, "The machine's clock shows %s, and nothing explains how the forum's time "+
			"can be wrong by %s; see that the clock is right, and add --anyway.", clockText(c.At), forum.DurationText(wrong))
	}
	tx.SetTime(c.At)
	if wrong > 0 {
		tx.MoveBack(since, wrong)
		tx.SetLeaps(moveLeaps(leaps, since, wrong))
	} else {
		tx.SetLeaps(withLeap(leaps, forum.Leap{From: c.Was, To: c.At}))
	}
	record(tx, u, forum.AuditEntry{Act: AuditClockSet, Object: "clock", Value: "it was " + clockText(c.Was)})
	return nothing{}, nil
}

// wrongSince returns the beginning of the last leap that is long enough to explain how far the
// forum's time is ahead. Without one it returns At, since only later times are surely wrong.
func (c *setClock) wrongSince(leaps []forum.Leap) (since time.Time, explained bool) {
	for _, l := range slices.Backward(leaps) {
		if !l.From.After(c.At) && l.Length() >= c.Was.Sub(c.At)-forum.MaxStep {
			return l.From, true
		}
	}
	return c.At, false
}

// moveLeaps moves leaps back as forum.Tx.MoveBack moves other stored times, and drops those that
// become empty.
func moveLeaps(leaps []forum.Leap, since time.Time, by time.Duration) (moved []forum.Leap) {
	move := func(t time.Time) time.Time {
		if t.After(since) {
			return latest(since, t.Add(-by))
		}
		return t
	}
	for _, l := range leaps {
		if l = (forum.Leap{From: move(l.From), To: move(l.To)}); l.Length() > 0 {
			moved = append(moved, l)
		}
	}
	return moved
}

func clockText(t time.Time) string { return t.UTC().Format(time.DateTime + " MST") }
