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
