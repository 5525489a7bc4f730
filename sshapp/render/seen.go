package render

import (
	"io"

	"sshforum/forum"
	"sshforum/forum/rules"
)

// noteShown notes that a message was shown with its number, so that the person can use the number.
func (t *Text) noteShown(p rules.Posted) {
	if t.Seen != nil && p.Number > 0 {
		t.Seen.Show(p.Thread, p.Number, p.Message.ID)
	}
}

// noteOwn notes the number of a person's own message, which they can only count up to.
func (t *Text) noteOwn(p rules.Posted) {
	if t.Seen != nil {
		t.Seen.Learn(p.Thread, p.Number, p.Message.ID)
	}
}

// A skipper is an output that may skip lines instead of showing them.
type skipper interface {
	io.Writer

	// Skips reports whether it has skipped the last line.
	Skips() bool
}

// markRead marks entries of a thread as read, unless the output skipped them.
func (t *Text) markRead(thread forum.ThreadID, from, to uint64) {
	if out, may := t.Out.(skipper); t.Visit != nil && !(may && out.Skips()) {
		t.Visit.MarkEntries(thread, from, to)
	}
}
