package forum

import "math"

// Guests is the one id of all who write under a name without an account. It is no
// account's, so that a rule that forgets about guests lets them do nothing.
const Guests UserID = math.MaxUint64

// GuestName returns how a guest's name is shown. No account's name has a space.
func GuestName(name string) string { return name + " (guest)" }
