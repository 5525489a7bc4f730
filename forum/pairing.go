package forum

import "crypto/rand"

// Pairing names the time for which the rows and the contents of the forum have belonged
// together. It is random.
type Pairing [16]byte

// NewPairing returns one that nothing has yet.
func NewPairing() (p Pairing) {
	rand.Read(p[:])
	return p
}
