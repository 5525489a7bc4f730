package legacy

import (
	"fmt"
	"unicode/utf8"

	"sshforum/forum"
	"sshforum/forum/rules"
)

// Cut returns as much of s as fits max bytes, cut between characters and with … in place
// of the rest.
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

// OneLine returns what a person wrote as every old program shows it: in one line, so that
// nothing in it passes for the words of another, and as any terminal can show it. It has
// at most max bytes; what is longer is cut before it is looked at.
func OneLine(text string, max int) string { return Cut(forum.Printable(Cut(text, max)), max) }

// folded is what is shown of somebody whom the reader has blocked.
const folded = "(you blocked them; ssh shows it)"

// Text is OneLine of a message, or says why it is not shown.
func Text(e rules.Entry, max int) string {
	if e.Folded {
		return folded
	}
	return OneLine(e.Message.Text, max)
}

// Line returns an entry of a thread as the old forums list it, with about max bytes.
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
	Latest  []rules.Entry // the last first
}

// Tail reads as much of the end of a thread as fits a list of size bytes, and one entry
// more if there is one; measure returns what an entry takes in the list.
func (c *Conn) Tail(thread string, size int, measure func(rules.Entry) int) (t Tail, err error) {
	t.Thread, t.Creator, err = c.Service().Latest(c.actor, thread, func(e rules.Entry) bool {
		t.Latest = append(t.Latest, e)
		size -= measure(e)
		return size >= 0
	})
	return t, err
}
