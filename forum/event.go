package forum

import "time"

// EventKind names what happened; the names are stable, they appear in machine output.
type EventKind string

const (
	ThreadCreated   EventKind = "thread.created"
	ThreadRemoved   EventKind = "thread.removed"
	ThreadRestored  EventKind = "thread.restored"
	MessagePosted   EventKind = "message.posted"
	MessageEdited   EventKind = "message.edited"
	MessageDeleted  EventKind = "message.deleted"
	MessageRestored EventKind = "message.restored"
	UserRegistered  EventKind = "user.registered"
	FileUploaded    EventKind = "file.uploaded"
	FileRenamed     EventKind = "file.renamed"
	FileRemoved     EventKind = "file.removed"
)

// Event says that a change happened. Seq is the change's number in the journal, and a
// change makes at most one event, so "all after Seq" neither skips nor repeats one.
type Event struct {
	Seq     uint64
	At      time.Time
	Kind    EventKind
	Actor   UserID
	Name    string // of the actor, at that time
	Thread  ThreadID
	Title   string
	Message MessageID
	Number  uint64 // of the message, when it happened
	Shifts  uint64 // of the thread's numbers, by then
	File    string // name of the file that an event is about
	Text    string // of a posted, edited or restored message; events read back from the store lack it
}
