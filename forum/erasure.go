package forum

import (
	"crypto/sha256"
	"iter"
)

// Erasure is an account of which private rows are still to be dropped.
type Erasure struct {
	User   UserID
	Visits VisitID // from here on there is none in the login history any more; 0 at first
}

// ErasureReader is the part of Reader that is about accounts that were closed.
type ErasureReader interface {
	Erasure(id UserID) (Erasure, bool)
	Erasures() iter.Seq[Erasure] // by user
	// NameHeld reports whether a name is nobody's any more and still not free.
	NameHeld(name NameHash) bool
}

// ErasureTx is the part of Tx that is about accounts that were closed.
type ErasureTx interface {
	PutErasure(e Erasure)
	DropErasure(id UserID)
	HoldName(name NameHash)
}

// NameHash is the SHA-256 of a NameKey. It says of a name that is given whether it is
// taken, and does not give the name.
type NameHash [sha256.Size]byte
