package forum

import (
	"crypto/sha256"
	"iter"
)

// Erasure is a closed account whose private rows are still to be dropped.
type Erasure struct {
	User   UserID
	Visits VisitID // the login history has no more of its visits from this id on; 0 at first
}

// ErasureReader is the part of Reader for closed accounts.
type ErasureReader interface {
	Erasure(id UserID) (Erasure, bool)
	Erasures() iter.Seq[Erasure] // by user
	// NameHeld reports whether a name belongs to no account any more but is still not free.
	NameHeld(name NameHash) bool
}

// ErasureTx is the part of Tx for closed accounts.
type ErasureTx interface {
	PutErasure(e Erasure)
	DropErasure(id UserID)
	HoldName(name NameHash)
}

// NameHash is the SHA-256 of a NameKey. With it one can check whether a given name is taken,
// but not learn the name.
type NameHash [sha256.Size]byte
