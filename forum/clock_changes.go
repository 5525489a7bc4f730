package forum

import (
	"slices"
	"time"
)

// Leap is a step of the forum's time that nothing of the forum's has counted: no server
// ran, or the machine's clock was set. Whether the time has passed, and when, is not known.
type Leap struct{ From, To time.Time }

func (l Leap) length() time.Duration { return l.To.Sub(l.From) }

// ClockReader is the part of Reader that is about the forum's time.
type ClockReader interface {
	Leaps() []Leap // oldest first
}

// ClockTx is the part of Tx that is about the forum's time.
type ClockTx interface {
	// SetTime sets the time of this change, from which those behind it go on. Where that
	// goes back, MoveBack must follow.
	SetTime(now time.Time)
	// MoveBack moves every time after since back by so much, but not before since; the
	// end of what began by then stays. So what was in the order of time still is. The
	// audit log and the leaps stay, and so does what a file's owner says of when it was
	// modified.
	MoveBack(since time.Time, by time.Duration)
	SetLeaps(leaps []Leap)
}

// longAgo returns the last time of which it is certain that d has passed since, when it
// is now: leaps do not count.
func longAgo(r Reader, now time.Time, d time.Duration) time.Time {
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

func (c *tick) apply(_ Tx, _ User) (nothing, error) { return nothing{}, nil }

// leap takes the forum's time further than ticks do.
type leap struct{ origin }

func (c *leap) apply(tx Tx, _ User) (nothing, error) {
	if last := tx.Time(); c.At.After(last) {
		tx.SetLeaps(withLeap(tx.Leaps(), Leap{From: last, To: c.At}))
		tx.SetTime(c.At)
	}
	return nothing{}, nil
}

// maxLeaps bounds the leaps that are kept apart.
const maxLeaps = 1000

// withLeap adds a leap. Where there would be too many, the two with the least time
// between them become one, which only makes purges later.
func withLeap(leaps []Leap, l Leap) []Leap {
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
func between(leaps []Leap, i int) time.Duration { return leaps[i].From.Sub(leaps[i-1].To) }

// AuditClockSet is in the audit log at the new time, with the old one.
const AuditClockSet AuditAct = "clock.set"

// setClock makes At the forum's time, which was Was.
type setClock struct {
	origin
	Was    time.Time
	Anyway bool `json:",omitempty"` // also where no leap explains it
}

func (c *setClock) apply(tx Tx, u User) (nothing, error) {
	leaps, wrong := tx.Leaps(), c.Was.Sub(c.At)
	since, explained := c.wrongSince(leaps)
	switch {
	case !u.May(MendStore, u.ID):
		return nothing{}, Errorf(Denied, "Only an admin can set the forum's time.")
	case wrong.Abs() <= MaxStep:
		return nothing{}, Errorf(Conflict, "The forum's time agrees with the machine's clock; there is nothing to set.")
	case wrong > 0 && !explained && !c.Anyway:
		return nothing{}, Errorf(Conflict, "The machine's clock shows %s, and the forum knows of no moment at which its own time "+
			"can have gone wrong by %s; see that the clock is right, and add --anyway.", clockText(c.At), DurationText(wrong))
	}
	tx.SetTime(c.At)
	if wrong > 0 {
		tx.MoveBack(since, wrong)
		tx.SetLeaps(moveLeaps(leaps, since, wrong))
	} else {
		tx.SetLeaps(withLeap(leaps, Leap{From: c.Was, To: c.At}))
	}
	record(tx, u, AuditEntry{Act: AuditClockSet, Object: "clock", Value: "it was " + clockText(c.Was)})
	return nothing{}, nil
}

// wrongSince returns the beginning of the last leap by which the forum's time can have come
// so far ahead. Without one, only what is later than now is known to be wrong.
func (c *setClock) wrongSince(leaps []Leap) (since time.Time, explained bool) {
	for _, l := range slices.Backward(leaps) {
		if !l.From.After(c.At) && l.length() >= c.Was.Sub(c.At)-MaxStep {
			return l.From, true
		}
	}
	return c.At, false
}

// moveLeaps does to leaps what MoveBack does to all else.
func moveLeaps(leaps []Leap, since time.Time, by time.Duration) (moved []Leap) {
	move := func(t time.Time) time.Time {
		if t.After(since) {
			return latest(since, t.Add(-by))
		}
		return t
	}
	for _, l := range leaps {
		if l = (Leap{From: move(l.From), To: move(l.To)}); l.length() > 0 {
			moved = append(moved, l)
		}
	}
	return moved
}

func clockText(t time.Time) string { return t.UTC().Format(time.DateTime + " MST") }
