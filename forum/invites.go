package forum

import (
	"crypto/sha256"
	"iter"
	"time"
)

// Invite lets one person make an account, by a code. Its maker sees the code once; only the
// hash is stored.
type Invite struct {
	By      UserID // 0 for the operator
	Number  uint64 // number among the invites of By
	Code    InviteCode
	Made    time.Time
	Expires time.Time
}

// InviteCode is the SHA-256 of a code. A code has at least 128 random bits, so the hash
// needs no salt and cannot be guessed.
type InviteCode [sha256.Size]byte

// InviteReader is the part of Reader for invites.
type InviteReader interface {
	Invites(by UserID) iter.Seq[Invite] // by number, including expired ones
	InviteByCode(code InviteCode) (Invite, bool)
}

// InviteTx is the part of Tx for invites.
type InviteTx interface {
	PutInvite(i Invite)
	DropInvite(i Invite)
}
