package forum

import "time"

// Removal tells who took something away, and when. The zero Removal means nobody did.
type Removal struct {
	By     UserID
	At     time.Time
	Hidden bool   // by a moderator: kept for ever, and User.sees says who may see it
	Reason string // of hiding it; shown to whoever sees it
}

// Done reports whether something was removed.
func (r Removal) Done() bool { return !r.At.IsZero() }
