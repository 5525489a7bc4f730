package forum

import "time"

// MaxStep is the longest step of time that is accepted without being questioned, both of the
// machine's clock and from one change to the next.
const MaxStep = 15 * time.Minute

// Leap is a step of the forum's time that the forum has not measured, because no server ran or
// the machine's clock was set. It is unknown whether and when that time has passed.
type Leap struct{ From, To time.Time }

func (l Leap) Length() time.Duration { return l.To.Sub(l.From) }

// ClockReader is the part of Reader for the forum's time.
type ClockReader interface {
	Leaps() []Leap // oldest first
}

// ClockTx is the part of Tx for the forum's time.
type ClockTx interface {
	// SetTime sets the time of this change, from which the times of later changes continue. If
	// that moves the time back, MoveBack must follow.
	SetTime(now time.Time)
	// MoveBack moves every time after since back by the duration by, but not to before since;
	// the end of a sanction or the like that began by then stays. So the order of times is
	// preserved. The audit log, the leaps, and the modification times that owners gave their
	// files are not changed.
	MoveBack(since time.Time, by time.Duration)
	SetLeaps(leaps []Leap)
}
