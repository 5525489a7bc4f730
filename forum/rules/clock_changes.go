package rules

import (
	"slices"
	"time"

	"sshforum/forum"
)

// longAgo returns the last time of which it is certain that d has passed since, when it
// is now: leaps do not count.
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

// tick says that time passes where nothing else does.
type tick struct{ origin }

func (c *tick) apply(_ forum.Tx, _ forum.User) (nothing, error) { return nothing{}, nil }

// leap takes the forum's time further than ticks do.
type leap struct{ origin }

func (c *leap) apply(tx forum.Tx, _ forum.User) (nothing, error) {
	if last := tx.Time(); c.At.After(last) {
		tx.SetLeaps(withLeap(tx.Leaps(), forum.Leap{From: last, To: c.At}))
		tx.SetTime(c.At)
	}
	return nothing{}, nil
}

// maxLeaps bounds the leaps that are kept apart.
const maxLeaps = 1000

// withLeap adds a leap. Where there would be too many, the two with the least time
// between them become one, which only makes purges later.
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

// between returns how much time was counted before the leap i.
func between(leaps []forum.Leap, i int) time.Duration { return leaps[i].From.Sub(leaps[i-1].To) }

// AuditClockSet is in the audit log at the new time, with the old one.
const AuditClockSet forum.AuditAct = "clock.set"

// setClock makes At the forum's time, which was Was.
type setClock struct {
	origin
	Was    time.Time
	Anyway bool `json:",omitempty"` // also where no leap explains it
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
		return nothing{}, forum.Errorf(forum.Conflict, "The machine's clock shows %s, and the forum knows of no moment at which its own time "+
			"can have gone wrong by %s; see that the clock is right, and add --anyway.", clockText(c.At), forum.DurationText(wrong))
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

// wrongSince returns the beginning of the last leap by which the forum's time can have come
// so far ahead. Without one, only what is later than now is known to be wrong.
func (c *setClock) wrongSince(leaps []forum.Leap) (since time.Time, explained bool) {
	for _, l := range slices.Backward(leaps) {
		if !l.From.After(c.At) && l.Length() >= c.Was.Sub(c.At)-forum.MaxStep {
			return l.From, true
		}
	}
	return c.At, false
}

// moveLeaps does to leaps what MoveBack does to all else.
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
