package rules

import (
	"time"

	"sshforum/forum"
)

// takeOut deletes or hides message m of t, as how says; later messages get lower numbers.
func takeOut(tx forum.Tx, t forum.Thread, m forum.Message, how forum.Removal) Posted {
	p := newPosted(tx, t, m)
	p.Message.Removed = how
	tx.PutMessage(p.Message)
	p.Thread.Messages--
	p.Thread.Shifts++
	if how.Hidden {
		p.Thread.HiddenAt = p.Thread.Touched()
		p.Thread.Active = lastActive(tx, p.Thread)
	}
	tx.PutThread(p.Thread)
	return p
}

// putBack puts a deleted or hidden message of t back in its place.
func putBack(tx forum.Tx, t forum.Thread, m forum.Message) Posted {
	hidden := m.Removed.Hidden
	m.Removed = forum.Removal{}
	tx.PutMessage(m)
	t.Messages++
	t.Shifts++
	if hidden {
		t.Active = lastActive(tx, t)
	}
	tx.PutThread(t)
	return newPosted(tx, t, m)
}

// lastActive returns the time of the last entry of t that everyone sees.
func lastActive(r forum.Reader, t forum.Thread) time.Time {
	at := t.Created
	last, _ := r.MessageAt(t.ID, t.Messages)
	if m, ok := r.Message(last); ok {
		at = m.Posted
	}
	for m := range r.Entries(t.ID, last.Seq) { // lines of uploads
		at = m.Posted
	}
	return at
}
