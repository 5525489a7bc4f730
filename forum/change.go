package forum

import (
	"context"
	"iter"
	"time"
)

// A Change is one thing that happens to the forum: data, not code. It carries everything
// it needs (who, when, what); Apply reads no clock, no random source and no network, so
// that the same changes in the same order give the same state anywhere.
type Change interface {
	// Kind is the stable name the change is encoded under, such as "message.post".
	Kind() string
	// When is the time the forum's Clock showed its maker.
	When() time.Time
	// Apply checks everything first and writes after, so a refused change leaves no
	// trace. It returns what the caller is answered. Apply may run again when its
	// transaction has to be begun anew, so it leaves the change as it is.
	Apply(tx Tx) (result any, err error)
}

// A Journal puts changes in one order, makes them durable, applies them, and then hands
// their events on. The time of a change is what it says, but never before that of the
// change before it; nor more than MaxStep after it, which only ClockTx.SetTime leads to:
// one that says more has the time of the change before it.
type Journal interface {
	// Submit returns c's result after the commit that holds it is durable. A change
	// that was taken happens even if ctx ends first. Errors are those of Apply;
	// Stopping when the journal is closed; Unavailable when the store cannot be written.
	Submit(ctx context.Context, c Change) (any, error)
}

// A Store is read through short transactions. fn must not keep the Reader, block on a
// peer, or run longer than a page of output takes.
type Store interface {
	View(fn func(r Reader) error) error
}

// Reader is the forum's state at one instant. A look-up answers false for what is not
// there. A fault of the store itself (such as a row that cannot be decoded) is remembered
// and fails the whole transaction, so look-ups need no error of their own.
type Reader interface {
	PeopleReader
	InterestReader
	SearchReader
	AuditReader
	ReportReader
	ReceiptReader
	InviteReader
	ErasureReader
	SweepReader
	ClockReader

	// Seq and Time are the number and the time of this change in a Tx, of the last
	// change in a View.
	Seq() uint64
	Time() time.Time

	User(id UserID) (User, bool)
	UserByName(key string) (User, bool) // key is a NameKey
	// UserIDByName is UserByName without reading the account; 0 for none.
	UserIDByName(key string) UserID
	UserBySkeleton(skeleton string) (User, bool)
	Users() iter.Seq[User]     // by id
	Password(id UserID) string // PHC string, "" when there is none
	Keys(id UserID) []Key      // in the order they were added
	// HasKey reports whether a key is among Keys. It reads one row, whether there is such
	// an account or not and however many keys it has.
	HasKey(id UserID, blob []byte) bool
	Preferences(id UserID) Preferences
	CommandHistory(id UserID) []string // oldest first

	Thread(id ThreadID) (Thread, bool)            // removed ones too
	ThreadByTitle(title string) (Thread, bool)    // not removed
	Threads() iter.Seq[Thread]                    // not removed, by id
	RemovedThreads(title string) iter.Seq[Thread] // of that title, last removed first

	Message(id MessageID) (Message, bool) // deleted ones too
	// MessageAt returns the id of a thread's nth message, counting from 1 without deleted
	// ones, and Number the reverse. Both cost O(log n) in the thread's length.
	MessageAt(thread ThreadID, n uint64) (MessageID, bool)
	Number(id MessageID) (uint64, bool)
	// Entries yields a thread's entries with Seq above after, without deleted ones.
	Entries(thread ThreadID, after uint64) iter.Seq[Message]
	EntriesBack(thread ThreadID) iter.Seq[Message] // last first
	// Hidden yields those of a thread's messages with Seq above after that are hidden.
	Hidden(thread ThreadID, after uint64) iter.Seq[Message]
	Edits(id MessageID) []Edit // oldest first

	File(in Folder, name string) (File, bool)
	Files(in Folder) iter.Seq[File] // by name; of all folders for the zero Folder
	Part(in Folder, owner UserID, name string) (Part, bool)
	Parts(in Folder) iter.Seq[Part] // of all folders for the zero Folder
	Content(sha256 [32]byte) (Content, bool)
	BlobNamed(id BlobID) bool // by a content or a part
	// Used returns how many bytes the files and parts have in all, UsedBy those of one
	// person, UsedIn those in one folder.
	Used() int64
	UsedBy(owner UserID) int64
	UsedIn(in Folder) int64
	// TextsBy returns how many bytes one person's texts have: messages, deleted ones and
	// earlier versions included, and private messages, until they are gone for good.
	TextsBy(author UserID) int64

	// Events yields the kept events numbered above after, oldest first. EventsFrom is
	// the lowest number from which none is missing.
	Events(after uint64) iter.Seq[Event]
	EventsFrom() uint64

	// Removals yields what was removed before t, oldest first, until it is purged; what
	// is hidden is not among it. A thread has Seq 0.
	Removals(before time.Time) iter.Seq[MessageID]
}

// Tx is a Reader that can write. Its writes are seen by later reads of the same Tx.
type Tx interface {
	Reader
	PeopleTx
	InterestTx
	SearchTx
	AuditTx
	ReportTx
	ReceiptTx
	InviteTx
	ErasureTx
	SweepTx
	ClockTx

	// Publish has e kept and published when the change is durable; the journal fills in Seq
	// and At. A change tells one event at most.
	Publish(e Event)

	NewUserID() UserID
	NewThreadID() ThreadID

	PutUser(u User)                    // also its look-ups by name and skeleton
	SetPassword(id UserID, phc string) // "" removes it
	PutKey(id UserID, k Key)
	DropKey(id UserID, k Key)
	SetPreferences(id UserID, p Preferences)
	SetCommandHistory(id UserID, lines []string)

	// PutThread stores t and keeps title look-ups and the list of removals in step
	// with t.Removed.
	PutThread(t Thread)
	// PutMessage stores m and keeps numbers and the list of removals in step with
	// m.Removed. The thread's own row stays the caller's to write.
	PutMessage(m Message)
	AddEdit(id MessageID, e Edit)
	DropMessage(id MessageID) // the line of an upload

	PutFile(f File)
	DropFile(f File)
	PutPart(p Part)
	DropPart(p Part)
	PutContent(c Content) // also its blob's name
	DropContent(c Content)

	// SetPairing notes that the contents with the same pairing belong to this store. It is
	// no part of the forum's state.
	SetPairing(p Pairing)

	// PurgeMessage drops all that is kept of a removed message. PurgeThread drops up to
	// limit rows of a removed thread and reports whether nothing is left.
	PurgeMessage(id MessageID)
	PurgeThread(id ThreadID, limit int) (done bool)
}
