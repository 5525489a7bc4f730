package render

import (
	"fmt"

	"sshforum/forum"
	"sshforum/forum/command"
)

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
		t.Visit.Shown(r.Event)
	}
	if r.Number > 0 && r.Text != "" {
		t.saw(r.Thread, r.Message.Seq, r.Message.Seq)
	}
	return nil
}

// eventWords has a line for every kind of event that people are shown.
var eventWords = map[forum.EventKind]func(*Text, forum.Event) string{
	forum.ThreadCreated:  threadEvent("created Thread"),
	forum.ThreadRemoved:  threadEvent("removed Thread"),
	forum.ThreadRestored: threadEvent("restored Thread"),
	forum.ThreadHidden: func(_ *Text, e forum.Event) string {
		return forum.Printable(e.Name) + " hid a thread"
	},
	forum.FileUploaded: fileEvent("uploaded"),
	forum.FileRenamed:  fileEvent("renamed a file to"),
	forum.FileRemoved:  fileEvent("removed"),
	forum.FileDropped:  fileDropped,
	forum.UserRegistered: func(_ *Text, e forum.Event) string {
		return forum.Printable(e.Name) + " joined the forum"
	},
	forum.MessagePosted:   messageEvent(""),
	forum.MessageEdited:   messageEvent(" (edited)"),
	forum.MessageDeleted:  messageChange("deleted message"),
	forum.MessageHidden:   messageChange("hid message"),
	forum.MessageRestored: messageChange("restored message"),
	forum.UserCame:        presenceEvent("is here"),
	forum.UserWent:        presenceEvent("has left"),
	forum.PrivateSent: func(t *Text, e forum.Event) string {
		if t.Visit != nil && t.Visit.Person() == e.To {
			return t.addressed(e, "you")
		}
		return t.addressed(e, forum.Printable(e.ToName))
	},
	forum.SaidToAll:      func(t *Text, e forum.Event) string { return t.addressed(e, "all") },
	forum.ReportFiled:    reportFiled,
	forum.ReportResolved: saidByForum,
	forum.UserLinked:     saidByForum,
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
