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

// LeveledThread is a thread with a person's level for it. In a backlog the level of a thread that
// is read is Unset, and that of any other is not.
type LeveledThread struct {
	Thread ThreadID
	Level  Level
}

// InterestReader is the part of Reader for what people have read and want to hear.
type InterestReader interface {
	// Interest returns zero if the person never read the thread, posted in it or chose a level.
	Interest(user UserID, thread ThreadID) Interest
	Interests(user UserID) iter.Seq2[ThreadID, Interest] // by thread, including removed ones
	// Levels yields the threads for which the level of Interest is not Unset, the last created
	// first. It costs much less than Interests.
	Levels(user UserID) iter.Seq[LeveledThread]
	// Rank returns how many numbered messages of a thread have a Seq up to seq. It costs O(log
	// n) for a thread of n messages.
	Rank(thread ThreadID, seq uint64) uint64
	// Horizon returns the time up to which a person's backlog is complete: each thread that was
	// touched before, and whose entries the person has not all read, is in the backlog. It is
	// zero if the person has no backlog yet.
	Horizon(user UserID) time.Time
	// Backlog yields threads that the person may have left unread, the last created first. They
	// have the level Normal, Watched or Muted.
	Backlog(user UserID) iter.Seq[LeveledThread]
	// Mentions yields the messages that mention user, the last posted first, without
	// deleted ones.
	Mentions(user UserID) iter.Seq[MessageID]
}

// InterestTx is the part of Tx for what people have read and want to hear. PutMessage updates
// Mentions; PurgeThread drops the interests in the thread, and takes it out of all backlogs.
type InterestTx interface {
	SetInterest(user UserID, thread ThreadID, i Interest)
	DropInterest(user UserID, thread ThreadID)
	SetHorizon(user UserID, at time.Time)
	// SetBacklog puts threads into a person's backlog; those with the level Unset it takes out.
	// It is fastest if they are ordered by thread.
	SetBacklog(user UserID, threads []LeveledThread)
	DropBacklog(user UserID) // and the horizon
}
