package forum

import (
	"net/netip"
	"time"
)

// Removal tells who took something away, and when. The zero Removal means nobody did.
type Removal struct {
	By     UserID
	At     time.Time
	Hidden bool   // by a moderator: kept for ever, and User.Sees says who may see it
	Reason string // of hiding it; shown to whoever sees it
}

// Done reports whether something was removed.
func (r Removal) Done() bool { return !r.At.IsZero() }

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

// NetworkBan keeps whoever comes from a network out.
type NetworkBan struct {
	Network netip.Prefix // masked
	Sanction
}
