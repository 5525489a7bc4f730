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

// eventJSON is an event. Its fields depend on its kind.
type eventJSON struct {
	// Number of the event, for `FOLLOW --after`.
	Seq uint64 `json:"seq"`
	// When it happened.
	At utc `json:"at"`
	// Kind of the event, see [Events](#events).
	Event forum.EventKind `json:"event"`
	// Name, at that time, of the person who caused it.
	By string `json:"by"`
	// Title of the thread, at that time.
	Thread string `json:"thread,omitempty"`
	// Permanent id of a thread whose title may not be shown.
	ThreadID forum.ThreadID `json:"thread_id,omitempty"`
	// Permanent id of the message.
	ID forum.MessageID `json:"id,omitzero"`
	// Number of the message in the thread, at that time.
	Number uint64 `json:"number,omitempty"`
	// Text of the message.
	Text string `json:"text,omitempty"`
	// The message that it answers, with only its id.
	ReplyTo *replyJSON `json:"reply_to,omitempty"`
	// Name of the file.
	File string `json:"file,omitempty"`
	// Name of the other person, if only one other is told of it.
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
	case r.Kind == forum.ThreadHidden: // its title is no longer shown anywhere
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
		t.Seen.Told(*r.Event)
	}
	if err := t.printf("%s\n", line(t, *r.Event)); err != nil {
		return err
	}
	if t.Visit != nil {
		t.Visit.MarkShown(*r.Event)
	}
	if r.Number > 0 && r.Text != "" {
		t.markRead(r.Thread, r.Message.Seq, r.Message.Seq)
	}
	return nil
}

// eventWords has the text of every kind of event that people are shown.
var eventWords = map[forum.EventKind]func(*Text, forum.Event) string{
	// Somebody made a thread.
	forum.ThreadCreated: threadEvent("created Thread"),
	// Somebody removed a thread.
	forum.ThreadRemoved: threadEvent("removed Thread"),
	// Somebody restored a removed thread, or a moderator showed a hidden one again.
	forum.ThreadRestored: threadEvent("restored Thread"),
	// A moderator hid a thread; it has `thread_id` instead of `thread`.
	forum.ThreadHidden: func(_ *Text, e forum.Event) string {
		return forum.Printable(e.Name) + " hid a thread"
	},
	// Somebody uploaded `file` to a thread.
	forum.FileUploaded: fileEvent("uploaded"),
	// Somebody renamed a file of a thread to `file`.
	forum.FileRenamed: fileEvent("renamed a file to"),
	// Somebody removed `file` from a thread.
	forum.FileRemoved: fileEvent("removed"),
	// Somebody sent `file` to the inbox of `to`; only those two are told.
	forum.FileDropped: fileDropped,
	// Somebody made an account.
	forum.UserRegistered: func(_ *Text, e forum.Event) string {
		return forum.Printable(e.Name) + " joined the forum"
	},
	// Somebody posted a message with `text`; a reply has `reply_to`.
	forum.MessagePosted: messageEvent(""),
	// Somebody edited a message; `text` is the new one.
	forum.MessageEdited: messageEvent(" (edited)"),
	// Somebody deleted a message.
	forum.MessageDeleted: messageChange("deleted message"),
	// A moderator hid a message.
	forum.MessageHidden: messageChange("hid message"),
	// Somebody restored a deleted message, or a moderator showed a hidden one again; it has its
	// `text`.
	forum.MessageRestored: messageChange("restored message"),
	// Somebody has come; it was their first session.
	forum.UserCame: presenceEvent("is here"),
	// Somebody has left; it was their last session.
	forum.UserWent: presenceEvent("has left"),
	// Somebody sent a private message to `to`; only those two are told.
	forum.PrivateSent: func(t *Text, e forum.Event) string {
		if t.Visit != nil && t.Visit.Person() == e.To {
			return t.addressed(e, "you")
		}
		return t.addressed(e, forum.Printable(e.ToName))
	},
	// Somebody said `text` to all people who are here.
	forum.SaidToAll: func(t *Text, e forum.Event) string { return t.addressed(e, "all") },
	// Somebody reported a thread or a message; moderators are told.
	forum.ReportFiled: reportFiled,
	// A moderator closed reports; the people who made them are told `text`.
	forum.ReportResolved: saidByForum,
	// A new account resembles a banned one; moderators are told `text`.
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
		if e.Text == "" { // the message was deleted since the event
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

// fileDropped is shown to both people; the receiver has the file.
func fileDropped(t *Text, e forum.Event) string {
	if t.Visit != nil && t.Visit.Person() == e.To {
		return t.droppedHere(e)
	}
	return fmt.Sprintf("%s sent %s %s", t.Look.strong(forum.Printable(e.Name)), forum.Printable(e.ToName), forum.Printable(e.Dropped()))
}

// InboxDir is the directory of the file tree with the files that others sent a person.
const InboxDir = ".inbox"

// droppedHere returns the text about a file in the reader's inbox.
func (t *Text) droppedHere(e forum.Event) string {
	return fmt.Sprintf("%s sent you %s; it is %s/%s",
		t.Look.strong(forum.Printable(e.Name)), forum.Printable(e.Dropped()), InboxDir, forum.Printable(e.File))
}

func presenceEvent(is string) func(*Text, forum.Event) string {
	return func(_ *Text, e forum.Event) string { return forum.Printable(e.Name) + " " + is }
}

// addressed returns the text of a message to a person or to all, outside of threads.
func (t *Text) addressed(e forum.Event, to string) string {
	return fmt.Sprintf("%s to %s: %s", t.Look.strong(forum.Printable(e.Name)), to, indented(e.Text))
}

// reportFiled returns the text for a moderator.
func reportFiled(_ *Text, e forum.Event) string {
	if e.Number > 0 {
		return fmt.Sprintf("%s reports message %d in %s; QUEUE shows it.", forum.Printable(e.Name), e.Number, forum.Printable(e.Title))
	}
	return fmt.Sprintf("%s reports something in %s; QUEUE shows it.", forum.Printable(e.Name), forum.Printable(e.Title))
}

// saidByForum returns a text that the forum itself tells a person.
func saidByForum(_ *Text, e forum.Event) string { return forum.Printable(e.Text) }
