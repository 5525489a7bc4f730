package render

import (
	"fmt"

	"sshforum/forum"
	"sshforum/forum/command"
)

var eventRows = []row{
	// FOLLOW, a line for each event
	one("sshforum.event.v1", (*Text).happened, newEventJSON),
}

// eventJSON is something that happened. Which fields it has depends on what that was.
type eventJSON struct {
	// Number of the event, for `FOLLOW --after`.
	Seq uint64 `json:"seq"`
	// When it happened.
	At utc `json:"at"`
	// What happened, see [Events](#events).
	Event forum.EventKind `json:"event"`
	// Name, at that time, of who did it.
	By string `json:"by"`
	// Title of the thread, at that time.
	Thread string `json:"thread,omitempty"`
	// Number that names a thread whose title is not to be told.
	ThreadID forum.ThreadID `json:"thread_id,omitempty"`
	// Names the message for ever.
	ID forum.MessageID `json:"id,omitzero"`
	// Number of the message in the thread, at that time.
	Number uint64 `json:"number,omitempty"`
	// What the message says.
	Text string `json:"text,omitempty"`
	// The message that it answers, by its id alone.
	ReplyTo *replyJSON `json:"reply_to,omitempty"`
	// Name of the file.
	File string `json:"file,omitempty"`
	// Name of the only other person who is told of it.
	To string `json:"to,omitempty"`
}

func newEventJSON(r command.Happened) eventJSON {
	e := eventJSON{
		Seq: r.Seq, At: utc{r.At}, Event: r.Kind, By: r.Name, Text: r.Text, ReplyTo: newReplyJSON(r.Reply, nil), File: r.File, To: r.ToName,
	}
	if r.Number > 0 {
		e.ID, e.Number = r.Message, r.Number
	}
	switch {
	case r.Kind == forum.ThreadHidden: // its title is gone from everywhere
		e.ThreadID = r.Event.Thread
	case r.Event.Thread != 0:
		e.Thread = r.Title
	}
	return e
}

func (t *Text) happened(r command.Happened) error {
	line, known := eventWords[r.Kind]
	if !known {
		return nil
	}
	if t.Seen != nil {
		t.Seen.Told(r.Event)
	}
	if err := t.printf("%s\n", line(t, r.Event)); err != nil {
		return err
	}
	if t.Visit != nil {
		t.Visit.MarkShown(r.Event)
	}
	if r.Number > 0 && r.Text != "" {
		t.saw(r.Thread, r.Message.Seq, r.Message.Seq)
	}
	return nil
}

// eventWords has a line for every kind of event that people are shown.
var eventWords = map[forum.EventKind]func(*Text, forum.Event) string{
	// Somebody made a thread.
	forum.ThreadCreated: threadEvent("created Thread"),
	// Somebody removed a thread.
	forum.ThreadRemoved: threadEvent("removed Thread"),
	// Somebody restored a thread that was removed, or shows again one that was hidden.
	forum.ThreadRestored: threadEvent("restored Thread"),
	// A moderator hid a thread; it has `thread_id` in place of `thread`.
	forum.ThreadHidden: func(_ *Text, e forum.Event) string {
		return forum.Printable(e.Name) + " hid a thread"
	},
	// Somebody uploaded `file` to a thread.
	forum.FileUploaded: fileEvent("uploaded"),
	// Somebody renamed a file of a thread to `file`.
	forum.FileRenamed: fileEvent("renamed a file to"),
	// Somebody removed `file` from a thread.
	forum.FileRemoved: fileEvent("removed"),
	// Somebody sent `file` to the inbox of `to`; those two alone are told.
	forum.FileDropped: fileDropped,
	// Somebody made an account.
	forum.UserRegistered: func(_ *Text, e forum.Event) string {
		return forum.Printable(e.Name) + " joined the forum"
	},
	// Somebody posted a message, with its `text`; an answer has `reply_to`.
	forum.MessagePosted: messageEvent(""),
	// Somebody edited a message, which has a new `text`.
	forum.MessageEdited: messageEvent(" (edited)"),
	// Somebody deleted a message.
	forum.MessageDeleted: messageChange("deleted message"),
	// A moderator hid a message.
	forum.MessageHidden: messageChange("hid message"),
	// Somebody restored a message that was deleted, or shows again one that was hidden, with its `text`.
	forum.MessageRestored: messageChange("restored message"),
	// Somebody is here, by the first of their sessions.
	forum.UserCame: presenceEvent("is here"),
	// Somebody has left, with the last of their sessions.
	forum.UserWent: presenceEvent("has left"),
	// Somebody sent a private message to `to`; those two alone are told.
	forum.PrivateSent: func(t *Text, e forum.Event) string {
		if t.Visit != nil && t.Visit.Person() == e.To {
			return t.addressed(e, "you")
		}
		return t.addressed(e, forum.Printable(e.ToName))
	},
	// Somebody said `text` to all who are here.
	forum.SaidToAll: func(t *Text, e forum.Event) string { return t.addressed(e, "all") },
	// Somebody reported a thread or a message; moderators are told.
	forum.ReportFiled: reportFiled,
	// A moderator closed reports; those who made them are told what `text` says.
	forum.ReportResolved: saidByForum,
	// A new account looks like one that is banned; moderators are told what `text` says.
	forum.UserLinked: saidByForum,
}

func threadEvent(did string) func(*Text, forum.Event) string {
	return func(_ *Text, e forum.Event) string {
		return fmt.Sprintf("%s %s %s", forum.Printable(e.Name), did, forum.Printable(e.Title))
	}
}

func messageEvent(mark string) func(*Text, forum.Event) string {
	return func(t *Text, e forum.Event) string {
		author := t.Look.strong(forum.Printable(e.Name))
		if e.Text == "" { // read back from the store, where it is no more
			e.Text = "(deleted)"
		}
		return fmt.Sprintf("%s %d %s: %s%s", t.Look.faint(forum.Printable(e.Title)), e.Number, author, indented(e.Text), t.Look.faint(mark))
	}
}

func messageChange(did string) func(*Text, forum.Event) string {
	return func(t *Text, e forum.Event) string {
		return fmt.Sprintf("%s %s %s %d", t.Look.faint(forum.Printable(e.Title)), forum.Printable(e.Name), did, e.Number)
	}
}

func fileEvent(did string) func(*Text, forum.Event) string {
	return func(t *Text, e forum.Event) string {
		return fmt.Sprintf("%s %s %s %s", t.Look.faint(forum.Printable(e.Title)), forum.Printable(e.Name), did, forum.Printable(e.File))
	}
}

// fileDropped is shown to two, one of whom has the file.
func fileDropped(t *Text, e forum.Event) string {
	if t.Visit != nil && t.Visit.Person() == e.To {
		return t.droppedHere(e)
	}
	return fmt.Sprintf("%s sent %s %s", t.Look.strong(forum.Printable(e.Name)), forum.Printable(e.ToName), forum.Printable(e.Dropped()))
}

// InboxDir is the directory of the file tree that has what others sent a person.
const InboxDir = ".inbox"

// droppedHere tells a person of a file in their inbox.
func (t *Text) droppedHere(e forum.Event) string {
	return fmt.Sprintf("%s sent you %s; it is %s/%s",
		t.Look.strong(forum.Printable(e.Name)), forum.Printable(e.Dropped()), InboxDir, forum.Printable(e.File))
}

func presenceEvent(is string) func(*Text, forum.Event) string {
	return func(_ *Text, e forum.Event) string { return forum.Printable(e.Name) + " " + is }
}

// addressed writes what was said to somebody instead of in a thread.
func (t *Text) addressed(e forum.Event, to string) string {
	return fmt.Sprintf("%s to %s: %s", t.Look.strong(forum.Printable(e.Name)), to, indented(e.Text))
}

// reportFiled tells a moderator.
func reportFiled(_ *Text, e forum.Event) string {
	if e.Number > 0 {
		return fmt.Sprintf("%s reports message %d in %s; QUEUE shows it.", forum.Printable(e.Name), e.Number, forum.Printable(e.Title))
	}
	return fmt.Sprintf("%s reports something in %s; QUEUE shows it.", forum.Printable(e.Name), forum.Printable(e.Title))
}

// saidByForum tells what the forum itself says to a person.
func saidByForum(_ *Text, e forum.Event) string { return forum.Printable(e.Text) }
