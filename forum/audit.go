package forum

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"iter"
	"time"
)

// AuditAct names an act of power over somebody else, or over what is theirs; the names
// are stable, they are hashed and appear in machine output.
type AuditAct string

const (
	AuditThreadLock     AuditAct = "thread.lock"
	AuditThreadUnlock   AuditAct = "thread.unlock"
	AuditThreadPin      AuditAct = "thread.pin"
	AuditThreadUnpin    AuditAct = "thread.unpin"
	AuditThreadSlow     AuditAct = "thread.slow"
	AuditThreadRemove   AuditAct = "thread.remove"
	AuditThreadRestore  AuditAct = "thread.restore"
	AuditMessageDelete  AuditAct = "message.delete"
	AuditMessageRestore AuditAct = "message.restore"
	AuditThreadHide     AuditAct = "thread.hide"
	AuditThreadUnhide   AuditAct = "thread.unhide"
	AuditMessageHide    AuditAct = "message.hide"
	AuditMessageUnhide  AuditAct = "message.unhide"
	AuditFileRemove     AuditAct = "file.remove"
	AuditUserSilence    AuditAct = "user.silence"
	AuditUserUnsilence  AuditAct = "user.unsilence"
	AuditUserAdd        AuditAct = "user.add"
	AuditUserInvite     AuditAct = "user.invite" // when the invite is used
	AuditUserClose      AuditAct = "user.close"
	AuditUserAnonymise  AuditAct = "user.anonymise" // its Name is the new one
	AuditUserPassword   AuditAct = "user.password"
	AuditUserRole       AuditAct = "user.role"
	AuditStoresPair     AuditAct = "stores.pair"
)

// AuditHash is the SHA-256 of an entry and, through Previous, of all before it.
type AuditHash [sha256.Size]byte

// String returns 64 hexadecimal digits.
func (h AuditHash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText writes what ParseAuditHash reads.
func (h AuditHash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (h *AuditHash) UnmarshalText(b []byte) (err error) {
	*h, err = ParseAuditHash(string(b))
	return err
}

// ParseAuditHash reads 64 hexadecimal digits. Errors are of kind Invalid.
func ParseAuditHash(s string) (h AuditHash, err error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(h) {
		return h, Errorf(Invalid, "%s is not a head of the audit log; it has %d hexadecimal digits.", Printable(s), 2*len(h))
	}
	return AuditHash(b), nil
}

// AuditHead is where the audit log ends: the number and the hash of its last entry, or
// zeros before the first. Who knows a head can tell whether what it covers was rewritten.
type AuditHead struct {
	N    uint64
	Hash AuditHash
}

// AuditEntry is one act in the audit log. What was removed is never quoted in it.
type AuditEntry struct {
	N      uint64 // counted from 1 without a gap
	At     time.Time
	By     UserID // 0 for the operator
	ByName string // at that time
	Act    AuditAct
	Object string    // what it was done to, as auditThread and its like write it
	Name   string    // of the object at that time; for moderators
	Value  string    // what was set, such as a role
	Reason string    // "" when none was given
	Until  time.Time // the end of what the act began; zero when it has none

	Previous AuditHash // Hash of the entry before, zero of the first
	Hash     AuditHash // Sum
}

// auditEncoding begins what Sum hashes; another encoding gets another version.
const auditEncoding = "sshforum audit entry 1"

// Sum returns the SHA-256 of everything in e but Hash: texts with their length before
// them, numbers in 8 bytes, big-endian, and times as Unix nanoseconds, 0 for none.
func (e AuditEntry) Sum() AuditHash {
	var b []byte
	number := func(n uint64) { b = binary.BigEndian.AppendUint64(b, n) }
	text := func(s string) {
		number(uint64(len(s)))
		b = append(b, s...)
	}
	moment := func(t time.Time) {
		if t.IsZero() {
			number(0)
			return
		}
		number(uint64(t.UnixNano()))
	}
	text(auditEncoding)
	number(e.N)
	moment(e.At)
	number(uint64(e.By))
	text(e.ByName)
	text(string(e.Act))
	text(e.Object)
	text(e.Name)
	text(e.Value)
	text(e.Reason)
	moment(e.Until)
	return sha256.Sum256(append(b, e.Previous[:]...))
}

// Head returns the head of a log that ends with e.
func (e AuditEntry) Head() AuditHead { return AuditHead{N: e.N, Hash: e.Hash} }

// Follows reports whether e is whole and comes next in a log that ends at head.
func (e AuditEntry) Follows(head AuditHead) bool {
	return e.N == head.N+1 && e.Previous == head.Hash && e.Hash == e.Sum()
}

// AuditReader is the part of Reader that is about the audit log.
type AuditReader interface {
	// Audit yields the entries numbered above after, oldest first; AuditBack all of
	// them, the last first.
	Audit(after uint64) iter.Seq[AuditEntry]
	AuditBack() iter.Seq[AuditEntry]
	AuditHead() AuditHead
}

// AuditTx is the part of Tx that is about the audit log, which only grows.
type AuditTx interface {
	// AppendAudit stores an entry that follows AuditHead.
	AppendAudit(e AuditEntry)
}
