package forum

import (
	"strings"
	"time"
)

// EventKind names the kind of an event. The names are stable, because they appear in machine
// output.
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

	UserCame    EventKind = "user.came" // by the person's first session that stays
	UserWent    EventKind = "user.went" // with the last of those sessions
	PrivateSent EventKind = "private.sent"
	SaidToAll   EventKind = "broadcast"

	ReportFiled    EventKind = "report.filed"    // shown to moderators
	ReportResolved EventKind = "report.resolved" // shown to the people in Mentions
	UserLinked     EventKind = "user.linked"     // shown to the people in Mentions, who are the moderators

	// These are shown to nobody: they tell sessions to read something again.
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

	// So do these, about a request for a talk that failed: the first two go to the session that
	// asked.
	TalkRefused    EventKind = "talk.refused"
	TalkUnanswered EventKind = "talk.unanswered"
	TalkWithdrawn  EventKind = "talk.withdrawn"

	// This goes to a session that was told that the store takes no changes. It is in no
	// journal.
	StorableAgain EventKind = "storable.again"
)

// Event says that a change happened. Seq is the change's number in the journal. A change has at
// most one event, so reading all events after a Seq neither skips nor repeats one.
type Event struct {
	Seq     uint64
	At      time.Time
	Kind    EventKind
	Actor   UserID
	Name    string // of the actor, at that time
	Thread  ThreadID
	Title   string
	Message MessageID
	Number  uint64 // of the message, at that time; 0 if there is none
	Shifts  uint64 // of the thread, at that time
	File    string // name of the file that the event is about
	Text    string // of a message; see Said for events that were stored

	To       UserID // the only person besides Actor who may see the event; 0 for everyone
	ToName   string // of To, at that time
	Other    UserID // the person concerned, who is not told; such as the author of a message that Actor deleted
	Mentions []UserID
	Reply    MessageID // the message that a posted message answers
}

// Dropped returns the name, on its sender's side, of a file in an inbox.
func (e Event) Dropped() string { return strings.TrimPrefix(e.File, DropPrefix(e.Name)) }

// Said returns the text that is stored with the event because it is stored nowhere else. Every
// other text is read from its own row.
func (e Event) Said() string {
	if e.Kind == SaidToAll || e.Kind == ReportResolved || e.Kind == UserLinked {
		return e.Text
	}
	return ""
}
