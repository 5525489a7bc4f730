package forum

import "time"

// Sanction is what a moderator has taken from somebody, such as writing, and until when.
// The zero Sanction takes nothing.
type Sanction struct {
	By     UserID
	Since  time.Time
	Until  time.Time // zero when it has no end
	Reason string
}

// Holds reports whether the sanction is in force at t.
func (s Sanction) Holds(t time.Time) bool {
	return !s.Since.IsZero() && (s.Until.IsZero() || t.Before(s.Until))
}
