package forum

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// UserID names an account for ever. Ids are never reused. 0 is nobody: the owner of the things
// that the forum made itself.
type UserID uint64

// ThreadID names a thread for ever, whatever its title. Ids are never reused.
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

// MarshalText returns the form that ParseMessageID reads, or nothing if id is zero.
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

// ParseMessageID reads "12.7". Errors: Invalid.
func ParseMessageID(s string) (MessageID, error) {
	thread, seq, ok := strings.Cut(s, ".")
	t, err1 := strconv.ParseUint(thread, 10, 64)
	n, err2 := strconv.ParseUint(seq, 10, 64)
	if !ok || err1 != nil || err2 != nil || t == 0 || n == 0 {
		return MessageID{}, Errorf(Invalid, "%s is not a message id; ids look like 12.7", Printable(s))
	}
	return MessageID{Thread: ThreadID(t), Seq: n}, nil
}

// ParseObject reads the id of a message, or of a thread, such as "12", which has Seq 0. Errors:
// Invalid.
func ParseObject(s string) (MessageID, error) {
	s = strings.TrimPrefix(s, "id:")
	if t, err := strconv.ParseUint(s, 10, 64); err == nil && t > 0 {
		return MessageID{Thread: ThreadID(t)}, nil
	}
	return ParseMessageID(s)
}

// ObjectName returns the form that ParseObject reads.
func ObjectName(id MessageID) string {
	if id.Seq == 0 {
		return strconv.FormatUint(uint64(id.Thread), 10)
	}
	return id.String()
}

// User is an account. Its credentials are stored separately.
type User struct {
	ID      UserID
	Name    string // as shown; unique by NameKey
	Role    Role
	Created time.Time
	Known   bool      // imported, and known to the operator: it never counts as new
	Closed  time.Time // zero if it is open; the name of a closed account never becomes free
	Erased  bool      // the private rows of the closed account are dropped

	Silenced Sanction // can read but not write
	Banned   Sanction // cannot log in
}

// Key is a public key with which an account may log in.
type Key struct {
	Blob    []byte // SSH wire format (RFC 4253, section 6.6)
	Comment string
	Added   time.Time
}

// Thread is a titled list of messages.
type Thread struct {
	ID       ThreadID
	Title    string
	Creator  UserID // 0 if the forum made it
	Created  time.Time
	Active   time.Time // time of the last entry, or Created
	Messages uint64    // numbered messages, without deleted ones
	Last     uint64    // Seq of the last entry ever made
	Shifts   uint64    // how often messages were renumbered, by a deletion or a restoration
	Removed  Removal
	HiddenAt time.Time // time of the latest entry that was ever hidden

	Pinned      bool
	Locked      bool
	LockReason  string
	Slow        time.Duration // shortest time between two entries of one person; 0 for no limit
	GuestPosted time.Time     // time of the last message by a guest
}

// Touched returns the time of the last entry ever made, even if it was hidden or deleted, or
// Created if there was none.
func (t Thread) Touched() time.Time {
	if t.HiddenAt.After(t.Active) {
		return t.HiddenAt
	}
	return t.Active
}

// Message is one entry of a thread.
type Message struct {
	ID      MessageID
	Author  UserID
	Guest   string // name of the author if Author is Guests
	Text    string
	Upload  string // name of the file if the entry is the line of an upload; such a line has no number
	Posted  time.Time
	Edited  time.Time // zero if never
	Edits   uint32    // number of earlier versions kept
	Removed Removal

	Reply    MessageID // the message of the same thread that this one answers, or zero
	Mentions []UserID  // by id
}

// Edit is an earlier version of a message.
type Edit struct {
	Text  string
	Until time.Time // when the next version replaced it
}
