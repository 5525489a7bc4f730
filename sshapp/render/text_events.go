package render

import (
	"fmt"

	"sshforum/forum"
)

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
