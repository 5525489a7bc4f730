package forum

import "math"

// Guests is the one id of all people who write under a name without an account. No account has
// it, so a rule that does not consider guests allows them nothing.
const Guests UserID = math.MaxUint64

// GuestName returns a guest's name as it is shown. No account's name has a space.
func GuestName(name string) string { return name + " (guest)" }
