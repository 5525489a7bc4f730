package forum

import (
	"context"
	"iter"
	"time"
)

// A Change is one thing that happens to the forum, as data. It carries everything it needs
// (who, when, what). Apply reads no clock, no random source and no network, so that the same
// changes in the same order always give the same state.
type Change interface {
	// Kind returns the stable name under which the change is encoded, such as "message.post".
	Kind() string
	// When returns the time on the forum's Clock when the change was made.
	When() time.Time
	// Apply checks everything first and writes afterwards, so that a refused change leaves no
	// trace. It returns the result for the caller. Apply may run again if its transaction must
	// be repeated, so it must not alter the change.
	Apply(tx Tx) (result any, err error)
}

// A Journal puts changes in one order, makes them durable, applies them, and then publishes
// their events. The time of a change is its When, with two exceptions. It is never before the
// time of the previous change. If When is more than MaxStep after the time of the previous
// change, which only ClockTx.SetTime allows, the change has the time of the previous one.
type Journal interface {
	// Submit returns c's result after the commit that holds it is durable. A change that the
	// journal has taken happens even if ctx ends first. Errors: those of Apply; Stopping if the
	// journal is closed; Unavailable if the store cannot be written.
	Submit(ctx context.Context, c Change) (any, error)
}

// A Store is read through short transactions. fn must not keep the Reader, wait for a peer, or
// run longer than it takes to read a page.
type Store interface {
	View(fn func(r Reader) error) error
}

// Reader is the forum's state at one instant. A look-up returns false if there is no such row.
// A fault of the store itself (such as a row that cannot be decoded) is remembered and fails
// the whole transaction, so look-ups return no error.
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

	// Seq and Time are the number and the time of this change in a Tx, and of the last change
	// in a View.
	Seq() uint64
	Time() time.Time

	User(id UserID) (User, bool)
	UserByName(key string) (User, bool) // key is a NameKey
	// UserIDByName is UserByName without reading the account; 0 if there is none.
	UserIDByName(key string) UserID
	UserBySkeleton(skeleton string) (User, bool)
	Users() iter.Seq[User]     // by id
	Password(id UserID) string // PHC string, "" if there is none
	Keys(id UserID) []Key      // in the order in which they were added
	// HasKey reports whether Keys has a key. It reads one row, whether or not the account
	// exists and however many keys it has.
	HasKey(id UserID, blob []byte) bool
	Preferences(id UserID) Preferences
	CommandHistory(id UserID) []string // oldest first

	Thread(id ThreadID) (Thread, bool)         // including removed ones
	ThreadByTitle(title string) (Thread, bool) // only threads that are not removed
	Threads() iter.Seq[Thread]                 // only threads that are not removed, by id
	// ThreadsSince yields the threads that were touched at or after a time, including removed ones,
	// in no particular order.
	ThreadsSince(at time.Time) iter.Seq[Thread]
	RemovedThreads(title string) iter.Seq[Thread] // removed threads with that title, the last removed first

	Message(id MessageID) (Message, bool) // including deleted ones
	// MessageAt returns the id of a thread's nth message, counting from 1 without deleted
	// messages, and Number the reverse. Both cost O(log n) for a thread of n messages.
	MessageAt(thread ThreadID, n uint64) (MessageID, bool)
	Number(id MessageID) (uint64, bool)
	// Entries yields a thread's entries with a Seq above after, without deleted ones.
	Entries(thread ThreadID, after uint64) iter.Seq[Message]
	EntriesBack(thread ThreadID) iter.Seq[Message] // the last first
	// Hidden yields a thread's hidden messages with a Seq above after.
	Hidden(thread ThreadID, after uint64) iter.Seq[Message]
	Edits(id MessageID) []Edit // oldest first
	// EditedSince yields the messages of Entries that were last edited at or after at. It reads
	// no message that was never edited.
	EditedSince(thread ThreadID, after uint64, at time.Time) iter.Seq[Message]

	File(in Folder, name string) (File, bool)
	Files(in Folder) iter.Seq[File] // by name; of all folders for the zero Folder
	Part(in Folder, owner UserID, name string) (Part, bool)
	Parts(in Folder) iter.Seq[Part] // of all folders for the zero Folder
	Content(sha256 [32]byte) (Content, bool)
	BlobNamed(id BlobID) bool // by a content or a part
	// Inline returns the bytes of a content that is stored with the rows, under the id of its
	// blob. They must not be changed, nor kept after the transaction.
	Inline(id BlobID) (content []byte, ok bool)
	IsInline(id BlobID) bool // whether Inline has such a content, without reading it
	// Used returns the bytes of all files and parts, UsedBy those of one person, UsedIn those
	// in one folder.
	Used() int64
	UsedBy(owner UserID) int64
	UsedIn(in Folder) int64
	// TextsBy returns the bytes of one person's texts: messages, including deleted ones, their
	// earlier versions, and private messages, until they are purged or erased.
	TextsBy(author UserID) int64

	// Events yields the kept events with a number above after, oldest first. EventsFrom returns
	// the lowest number from which on no event is missing.
	Events(after uint64) iter.Seq[Event]
	EventsFrom() uint64

	// Removals yields the messages and threads deleted or removed before t and not purged,
	// oldest first. Hidden ones are not among them. A thread has Seq 0.
	Removals(before time.Time) iter.Seq[MessageID]
}

// Tx is a Reader that can write. Later reads of the same Tx see its writes.
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

	// Publish stores e, and publishes it when the change is durable. The journal sets Seq and
	// At. A change publishes at most one event.
	Publish(e Event)

	NewUserID() UserID
	NewThreadID() ThreadID

	PutUser(u User)                    // including its look-ups by name and skeleton
	SetPassword(id UserID, phc string) // "" removes it
	PutKey(id UserID, k Key)
	DropKey(id UserID, k Key)
	SetPreferences(id UserID, p Preferences)
	SetCommandHistory(id UserID, lines []string)

	// PutThread stores t, and updates the look-up by title and the list of removals according
	// to t.Removed.
	PutThread(t Thread)
	// PutMessage stores m, and updates the numbers and the list of removals according to
	// m.Removed. The caller must store the thread's own row.
	PutMessage(m Message)
	// AddMessage is PutMessage for a new message, whose Seq is above all that its thread ever
	// had. It looks for no earlier state.
	AddMessage(m Message)
	AddEdit(id MessageID, e Edit)
	DropMessage(id MessageID) // only for the line of an upload

	PutFile(f File)
	DropFile(f File)
	PutPart(p Part)
	DropPart(p Part)
	PutContent(c Content)  // including the look-up of its blob
	DropContent(c Content) // including its inline bytes
	// PutInline stores the bytes of a content of at most MaxInline bytes with the rows.
	PutInline(id BlobID, content []byte)

	// SetPairing notes that the contents with the same pairing belong to this store. The
	// pairing is not part of the forum's state.
	SetPairing(p Pairing)

	// PurgeMessage drops all rows of a deleted message. PurgeThread drops up to limit rows of a
	// removed thread and reports whether none is left.
	PurgeMessage(id MessageID)
	PurgeThread(id ThreadID, limit int) (done bool)
}
