package forum

import "time"

// MaxStep is the longest step of time that is taken without a question: of the machine's
// clock, and from one change to the next.
const MaxStep = 15 * time.Minute

// Leap is a step of the forum's time that nothing of the forum's has counted: no server
// ran, or the machine's clock was set. Whether the time has passed, and when, is not known.
type Leap struct{ From, To time.Time }

func (l Leap) Length() time.Duration { return l.To.Sub(l.From) }

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
