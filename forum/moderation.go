package forum

import (
	"net/netip"
	"time"
)

// Removal says who deleted, removed or hid something, and when. The zero Removal means that
// nobody did.
type Removal struct {
	By     UserID
	At     time.Time
	Hidden bool   // by a moderator: kept for ever, visible to those whom User.Sees allows
	Reason string // for hiding it; shown to everybody who can see it
}

// Done reports whether the thing was deleted, removed or hidden.
func (r Removal) Done() bool { return !r.At.IsZero() }

// Sanction is a right, such as writing, that a moderator has taken from somebody, with its end.
// The zero Sanction takes nothing.
type Sanction struct {
	By     UserID
	Since  time.Time
	Until  time.Time // zero if it has no end
	Reason string
}

// Holds reports whether the sanction is in force at t.
func (s Sanction) Holds(t time.Time) bool {
	return !s.Since.IsZero() && (s.Until.IsZero() || t.Before(s.Until))
}

// NetworkBan keeps everybody who comes from a network out.
type NetworkBan struct {
	Network netip.Prefix // masked
	Sanction
}
