package forum

import (
	"iter"
	"time"
)

// Level is how much a person wants to hear of a thread.
type Level uint8

const (
	Unset Level = iota // as Normal, until a first post makes it Watched
	Normal
	Watched
	Muted
)

var levelNames = [...]string{Unset: "normal", Normal: "normal", Watched: "watch", Muted: "mute"}

func (l Level) String() string {
	if int(l) < len(levelNames) {
		return levelNames[l]
	}
	return "unknown"
}

// MarshalText writes the level's name.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads the name of a level that can be chosen. Errors are of kind Invalid.
func (l *Level) UnmarshalText(b []byte) error {
	for level := Normal; level <= Muted; level++ {
		if level.String() == string(b) {
			*l = level
			return nil
		}
	}
	return Errorf(Invalid, "%s is not a level.", Printable(string(b)))
}

// Interest is what one person has in one thread.
type Interest struct {
	Level  Level
	Read   Marks
	Posted time.Time // their last entry, also one that was deleted; zero for none
}

// InterestReader is the part of Reader that is about who reads what.
type InterestReader interface {
	// Interest is zero for whoever never read the thread, posted in it or chose a level.
	Interest(user UserID, thread ThreadID) Interest
	Interests(user UserID) iter.Seq2[ThreadID, Interest] // by thread, removed ones too
	// Rank returns how many numbered messages of a thread have a Seq up to seq, in
	// O(log n) of the thread's length.
	Rank(thread ThreadID, seq uint64) uint64
	// Mentions yields the messages that mention user, the last posted first, without
	// deleted ones.
	Mentions(user UserID) iter.Seq[MessageID]
}

// InterestTx is the part of Tx that is about who reads what. PutMessage keeps Mentions
// in step, PurgeThread drops interests in the thread.
type InterestTx interface {
	SetInterest(user UserID, thread ThreadID, i Interest)
	DropInterest(user UserID, thread ThreadID)
}

// interest returns what u has in t, with what was posted before the account was made as
// read.
func interest(r Reader, u User, t Thread) Interest {
	i := r.Interest(u.ID, t.ID)
	if i.Level == Unset && i.Read.Upto == 0 && len(i.Read.Spans) == 0 {
		i.Read.Upto = before(r, u, t)
	}
	return i
}

// before returns the Seq up to which all in t is older than the account u.
func before(r Reader, u User, t Thread) uint64 {
	switch {
	case t.Active.Before(u.Created):
		return t.Last
	case !t.Created.Before(u.Created):
		return 0
	}
	older := olderThan(r, t, u.Created)
	if older == t.Messages {
		return t.Last
	}
	newer, _ := r.MessageAt(t.ID, older+1)
	return newer.Seq - 1
}

// unread counts the messages of t that are not read.
func unread(r Reader, t Thread, read Marks) uint64 {
	n := t.Messages - r.Rank(t.ID, read.Upto)
	for _, s := range read.Spans {
		n -= r.Rank(t.ID, s.To) - r.Rank(t.ID, s.From-1)
	}
	return n
}

// unreadAgain makes an entry of t unread for a person, who has read another text of it.
func unreadAgain(tx Tx, id UserID, t Thread, seq uint64) {
	u, _ := tx.User(id)
	i := interest(tx, u, t)
	if !u.Closed.IsZero() || !i.Read.Has(seq) {
		return
	}
	i.Read = i.Read.Without(seq)
	if i.Level == Unset && i.Read.Upto == 0 && len(i.Read.Spans) == 0 {
		i.Level = Normal // or interest would take all that is older than the account for read
	}
	tx.SetInterest(id, t.ID, i)
}

// ownEntry marks the entry that by is about to add to t as read, notes its time, and lets
// by watch t from the first one on.
func ownEntry(tx Tx, by User, t Thread) {
	if by.ID == 0 || by.ID == Guests {
		return
	}
	i := interest(tx, by, t)
	i.Read = i.Read.With(Span{t.Last + 1, t.Last + 1})
	if i.Level == Unset {
		i.Level = Watched
	}
	i.Posted = tx.Time()
	tx.SetInterest(by.ID, t.ID, i)
}
