package forum

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// UserID names an account for ever; ids are never reused. 0 is nobody: the owner of
// what the forum made itself.
type UserID uint64

// ThreadID names a thread for ever, whatever its title; ids are never reused.
type ThreadID uint64

// MessageID names one entry of a thread for ever. Seq counts the entries of the
// thread from 1 and is never reused. Its text form is "12.7".
type MessageID struct {
	Thread ThreadID
	Seq    uint64
}

func (id MessageID) String() string { return fmt.Sprintf("%d.%d", id.Thread, id.Seq) }

// IsZero reports whether id names no message.
func (id MessageID) IsZero() bool { return id == MessageID{} }

// MarshalText writes the form that ParseMessageID reads, or nothing for no message.
func (id MessageID) MarshalText() ([]byte, error) {
	if id.IsZero() {
		return nil, nil
	}
	return []byte(id.String()), nil
}

// UnmarshalText reads what MarshalText writes.
func (id *MessageID) UnmarshalText(b []byte) (err error) {
	if *id = (MessageID{}); len(b) > 0 {
		*id, err = ParseMessageID(string(b))
	}
	return err
}

// ParseMessageID reads "12.7". Errors are of kind Invalid.
func ParseMessageID(s string) (MessageID, error) {
	thread, seq, ok := strings.Cut(s, ".")
	t, err1 := strconv.ParseUint(thread, 10, 64)
	n, err2 := strconv.ParseUint(seq, 10, 64)
	if !ok || err1 != nil || err2 != nil || t == 0 || n == 0 {
		return MessageID{}, Errorf(Invalid, "%s is not a message id; ids look like 12.7", Printable(s))
	}
	return MessageID{Thread: ThreadID(t), Seq: n}, nil
}

// ParseObject reads the id of a message, or of a thread, as in "12", whose Seq is 0.
// Errors are of kind Invalid.
func ParseObject(s string) (MessageID, error) {
	s = strings.TrimPrefix(s, "id:")
	if t, err := strconv.ParseUint(s, 10, 64); err == nil && t > 0 {
		return MessageID{Thread: ThreadID(t)}, nil
	}
	return ParseMessageID(s)
}

// ObjectName returns what ParseObject reads.
func ObjectName(id MessageID) string {
	if id.Seq == 0 {
		return strconv.FormatUint(uint64(id.Thread), 10)
	}
	return id.String()
}

// User is an account. Credentials are kept apart from it.
type User struct {
	ID      UserID
	Name    string // as shown; unique by NameKey
	Role    Role
	Created time.Time
	Known   bool      // imported, of somebody the operator knows: it is never new
	Closed  time.Time // zero while it can be used; a closed account's name is never free
	Erased  bool      // once closed, what was private of it is dropped

	Silenced Sanction // reads and cannot write
	Banned   Sanction // kept out
}

// Key is a public key an account may log in with.
type Key struct {
	Blob    []byte // SSH wire format (RFC 4253, section 6.6)
	Comment string
	Added   time.Time
}

// Thread is a titled list of messages.
type Thread struct {
	ID       ThreadID
	Title    string
	Creator  UserID // 0 when the forum made it
	Created  time.Time
	Active   time.Time // of the last entry, or Created
	Messages uint64    // numbered messages, without deleted ones
	Last     uint64    // Seq of the last entry ever made
	Shifts   uint64    // how often a deletion or restoration renumbered messages
	Removed  Removal

	Pinned      bool
	Locked      bool
	LockReason  string
	Slow        time.Duration // least time between two entries of one person; 0 for none
	GuestPosted time.Time     // when a guest wrote here last
}

// Message is one entry of a thread.
type Message struct {
	ID      MessageID
	Author  UserID
	Guest   string // name of who wrote it, where Author is Guests
	Text    string
	Upload  string // name of the file, for the line of an upload; such a line has no number
	Posted  time.Time
	Edited  time.Time // zero when it never was
	Edits   uint32    // earlier versions kept
	Removed Removal

	Reply    MessageID // of the same thread, which this one answers; or zero
	Mentions []UserID  // by id
}

// Edit is an earlier version of a message.
type Edit struct {
	Text  string
	Until time.Time // when the next version took its place
}
