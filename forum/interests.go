package forum

import (
	"iter"
	"time"
)

// Level is how much a person wants to hear of a thread.
type Level uint8

const (
	Unset Level = iota // like Normal, until a first post makes it Watched
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

// UnmarshalText reads the name of a level that can be chosen. Errors: Invalid.
func (l *Level) UnmarshalText(b []byte) error {
	for level := Normal; level <= Muted; level++ {
		if level.String() == string(b) {
			*l = level
			return nil
		}
	}
	return Errorf(Invalid, "%s is not a level.", Printable(string(b)))
}

// Interest has one person's level and marks in one thread.
type Interest struct {
	Level  Level
	Read   Marks
	Posted time.Time // time of the last entry, even if it was deleted; zero if none
}

// InterestReader is the part of Reader for what people have read and want to hear.
type InterestReader interface {
	// Interest returns zero if the person never read the thread, posted in it or chose a level.
	Interest(user UserID, thread ThreadID) Interest
	Interests(user UserID) iter.Seq2[ThreadID, Interest] // by thread, including removed ones
	// Rank returns how many numbered messages of a thread have a Seq up to seq. It costs O(log
	// n) for a thread of n messages.
	Rank(thread ThreadID, seq uint64) uint64
	// Mentions yields the messages that mention user, the last posted first, without
	// deleted ones.
	Mentions(user UserID) iter.Seq[MessageID]
}

// InterestTx is the part of Tx for what people have read and want to hear. PutMessage updates
// Mentions; PurgeThread drops the interests in the thread.
type InterestTx interface {
	SetInterest(user UserID, thread ThreadID, i Interest)
	DropInterest(user UserID, thread ThreadID)
}
