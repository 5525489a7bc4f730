package forum

import (
	"strings"
	"time"
)

// EventKind names what happened; the names are stable, they appear in machine output.
type EventKind string

const (
	ThreadCreated   EventKind = "thread.created"
	ThreadRemoved   EventKind = "thread.removed"
	ThreadRestored  EventKind = "thread.restored"
	ThreadHidden    EventKind = "thread.hidden" // without its title
	MessagePosted   EventKind = "message.posted"
	MessageEdited   EventKind = "message.edited"
	MessageDeleted  EventKind = "message.deleted"
	MessageRestored EventKind = "message.restored"
	MessageHidden   EventKind = "message.hidden"
	UserRegistered  EventKind = "user.registered"
	FileUploaded    EventKind = "file.uploaded"
	FileRenamed     EventKind = "file.renamed"
	FileRemoved     EventKind = "file.removed"
	FileDropped     EventKind = "file.dropped" // into a person's inbox

	UserCame    EventKind = "user.came" // by a session that stays, the first of that person
	UserWent    EventKind = "user.went" // with the last of them
	PrivateSent EventKind = "private.sent"
	SaidToAll   EventKind = "broadcast"

	ReportFiled    EventKind = "report.filed"    // shown to moderators
	ReportResolved EventKind = "report.resolved" // shown to those in Mentions
	UserLinked     EventKind = "user.linked"     // shown to those in Mentions, the moderators

	// These are shown to nobody: they tell sessions what to look up again.
	UserBlocked   EventKind = "user.blocked"
	UserUnblocked EventKind = "user.unblocked"
	ThreadLevel   EventKind = "thread.level"
	UserSettings  EventKind = "user.settings"
	UserRole      EventKind = "user.role"
	UserClosed    EventKind = "user.closed"
	UserBanned    EventKind = "user.banned"

	// These go from one session to another and are in no journal.
	TalkAsked EventKind = "talk.asked"
	TalkBegun EventKind = "talk.begun"
	TalkLine  EventKind = "talk.line"
	TalkEnded EventKind = "talk.ended"

	// So do these, of an asking that came to nothing: the first two to whoever asked.
	TalkRefused    EventKind = "talk.refused"
	TalkUnanswered EventKind = "talk.unanswered"
	TalkWithdrawn  EventKind = "talk.withdrawn"

	// This goes to a session that was told that nothing could be stored, and is in no journal.
	StorableAgain EventKind = "storable.again"
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
	Number  uint64 // of the message, when it happened; 0 where there is none to name
	Shifts  uint64 // of the thread's numbers, by then
	File    string // name of the file that an event is about
	Text    string // of a message; see Said for events read back from the store

	To       UserID // the only one beside Actor who may see it; 0 for everyone
	ToName   string // of To, at that time
	Other    UserID // whom it concerns without being told; who made what Actor did something to
	Mentions []UserID
	Reply    MessageID // the message that a posted one answers
}

// Dropped returns the name that a file in an inbox had where its sender sent it from.
func (e Event) Dropped() string { return strings.TrimPrefix(e.File, DropPrefix(e.Name)) }

// Said returns the text that is kept with the event because it is nowhere else. Every
// other text is read back from where it is.
func (e Event) Said() string {
	if e.Kind == SaidToAll || e.Kind == ReportResolved || e.Kind == UserLinked {
		return e.Text
	}
	return ""
}
