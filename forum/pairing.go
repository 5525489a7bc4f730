package forum

import "crypto/rand"

// Pairing is a random number that the forum's rows and contents share as long as they belong
// together.
type Pairing [16]byte

// NewPairing returns a new pairing.
func NewPairing() (p Pairing) {
	rand.Read(p[:])
	return p
}
