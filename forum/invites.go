package forum

import (
	"crypto/sha256"
	"iter"
	"time"
)

// Invite lets one person make an account, by a code. Who has made it is told the code
// once; what is kept is its hash.
type Invite struct {
	By      UserID // 0 for the operator
	Number  uint64 // among those of By
	Code    InviteCode
	Made    time.Time
	Expires time.Time
}

// InviteCode is the SHA-256 of a code. A code has at least 128 random bits, so the hash
// needs no salt and cannot be guessed.
type InviteCode [sha256.Size]byte

// InviteReader is the part of Reader that is about invites.
type InviteReader interface {
	Invites(by UserID) iter.Seq[Invite] // by number, expired ones too
	InviteByCode(code InviteCode) (Invite, bool)
}

// InviteTx is the part of Tx that is about invites.
type InviteTx interface {
	PutInvite(i Invite)
	DropInvite(i Invite)
}
