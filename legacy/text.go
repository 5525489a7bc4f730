package legacy

import (
	"fmt"
	"unicode/utf8"

	"sshforum/forum"
	"sshforum/forum/rules"
)

// Cut returns s if it has at most max bytes. Otherwise it returns the beginning of s, cut
// between characters, with … in place of the rest, in at most max bytes.
func Cut(s string, max int) string {
	const rest = "…"
	if len(s) <= max {
		return s
	}
	end := max - len(rest)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + rest
}

// OneLine returns a person's text in the form in which old programs show it: in one line, so
// that no part of it looks like another message, and without control characters. It has at most
// max bytes; a longer text is cut first.
func OneLine(text string, max int) string { return Cut(forum.Printable(Cut(text, max)), max) }

// folded is shown in place of the text of a person whom the reader has blocked.
const folded = "(you blocked them; ssh shows it)"

// Text is OneLine of a message, or folded if its author is blocked.
func Text(e rules.Entry, max int) string {
	if e.Folded {
		return folded
	}
	return OneLine(e.Message.Text, max)
}

// Line returns an entry of a thread in the form in which the old forums list it, with about max
// bytes.
func Line(e rules.Entry, max int) string {
	author := OneLine(e.Author, max)
	switch {
	case e.Number == 0 && e.Folded:
		return fmt.Sprintf("%s uploaded a file %s\n", author, folded)
	case e.Number == 0:
		return fmt.Sprintf("%s uploaded %s\n", author, OneLine(e.Message.Upload, max))
	}
	return fmt.Sprintf("%d %s: %s\n", e.Number, author, Text(e, max))
}

// Tail is the end of a thread.
type Tail struct {
	Thread  forum.Thread
	Creator string
	Latest  []rules.Entry // newest first
}

// Tail reads as many entries from the end of a thread as fit a list of size bytes, and one more
// if there is one. measure returns the size of an entry in the list, in bytes.
func (c *Conn) Tail(thread string, size int, measure func(rules.Entry) int) (t Tail, err error) {
	t.Thread, t.Creator, err = c.Service().Latest(c.actor, thread, func(e rules.Entry) bool {
		t.Latest = append(t.Latest, e)
		size -= measure(e)
		return size >= 0
	})
	return t, err
}
