package forum

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"iter"
	"time"
)

// AuditAct names an act of power over somebody else or over something of theirs. The names are
// stable, because they are hashed and appear in machine output.
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

// AuditHash is the SHA-256 of an entry and, through Previous, of all entries before it.
type AuditHash [sha256.Size]byte

// String returns the hash as 64 hexadecimal digits.
func (h AuditHash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText returns the form that ParseAuditHash reads.
func (h AuditHash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (h *AuditHash) UnmarshalText(b []byte) (err error) {
	*h, err = ParseAuditHash(string(b))
	return err
}

// ParseAuditHash reads 64 hexadecimal digits. Errors: Invalid.
func ParseAuditHash(s string) (h AuditHash, err error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(h) {
		return h, Errorf(Invalid, "%s is not a head of the audit log; it has %d hexadecimal digits.", Printable(s), 2*len(h))
	}
	return AuditHash(b), nil
}

// AuditHead has the number and the hash of the last entry of the audit log, or zeros if the log
// is empty. With a head one can check later that the entries up to it were not rewritten.
type AuditHead struct {
	N    uint64
	Hash AuditHash
}

// AuditEntry is one act in the audit log. It never quotes a deleted or removed text.
type AuditEntry struct {
	N      uint64 // counted from 1 without a gap
	At     time.Time
	By     UserID // 0 for the operator
	ByName string // at that time
	Act    AuditAct
	Object string    // the thing acted on, in the form of auditThread and similar functions
	Name   string    // name of the object at that time; only moderators may see it
	Value  string    // the new value, such as a role
	Reason string    // "" if none was given
	Until  time.Time // end of a sanction that the act began; zero if it has none

	Previous AuditHash // Hash of the entry before; zero in the first entry
	Hash     AuditHash // the result of Sum
}

// auditEncoding is the beginning of the bytes that Sum hashes. A different encoding must have a
// different version.
const auditEncoding = "sshforum audit entry 1"

// Sum returns the SHA-256 of all fields of e except Hash: texts with their length before them,
// numbers in 8 bytes, big-endian, and times as Unix nanoseconds, 0 for the zero time.
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

// Follows reports whether e is intact and is the next entry of a log that ends at head.
func (e AuditEntry) Follows(head AuditHead) bool {
	return e.N == head.N+1 && e.Previous == head.Hash && e.Hash == e.Sum()
}

// AuditReader is the part of Reader for the audit log.
type AuditReader interface {
	// Audit yields the entries with a number above after, oldest first. AuditBack yields all
	// entries, the last first.
	Audit(after uint64) iter.Seq[AuditEntry]
	AuditBack() iter.Seq[AuditEntry]
	AuditHead() AuditHead
}

// AuditTx is the part of Tx for the audit log, which only grows.
type AuditTx interface {
	// AppendAudit stores an entry that follows AuditHead.
	AppendAudit(e AuditEntry)
}
