package render

import (
	"io"

	"sshforum/forum"
	"sshforum/forum/rules"
)

// show lets the number that a message is shown with mean it.
func (t *Text) show(p rules.Posted) {
	if t.Seen != nil && p.Number > 0 {
		t.Seen.Show(p.Thread, p.Number, p.Message.ID)
	}
}

// learn lets a number that the person can only count up to mean a message of their own.
func (t *Text) learn(p rules.Posted) {
	if t.Seen != nil {
		t.Seen.Learn(p.Thread, p.Number, p.Message.ID)
	}
}

// A skipper is an output that does not always show what is written to it.
type skipper interface {
	io.Writer

	// Skips reports whether it has passed over what was written last.
	Skips() bool
}

// saw notes that entries of a thread are on the person's screen, unless the output skipped
// them.
func (t *Text) saw(thread forum.ThreadID, from, to uint64) {
	if out, may := t.Out.(skipper); t.Visit != nil && !(may && out.Skips()) {
		t.Visit.MarkEntries(thread, from, to)
	}
}
