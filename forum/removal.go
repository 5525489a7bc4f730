package forum

import "time"

// Removal tells who took something away, and when. The zero Removal means nobody did.
type Removal struct {
	By     UserID
	At     time.Time
	Hidden bool   // by a moderator: kept for ever, and User.sees says who may see it
	Reason string // of hiding it; shown to whoever sees it
}

// Done reports whether something was removed.
func (r Removal) Done() bool { return !r.At.IsZero() }

// takeOut takes a message that stands in t out of it; later ones renumber.
func takeOut(tx Tx, t Thread, m Message, how Removal) Posted {
	p := standing(tx, t, m)
	p.Message.Removed = how
	tx.PutMessage(p.Message)
	p.Thread.Messages--
	p.Thread.Shifts++
	if how.Hidden {
		p.Thread.Active = lastActive(tx, p.Thread)
	}
	tx.PutThread(p.Thread)
	return p
}

// putBack puts a message that was taken out of t back in its place.
func putBack(tx Tx, t Thread, m Message) Posted {
	hidden := m.Removed.Hidden
	m.Removed = Removal{}
	tx.PutMessage(m)
	t.Messages++
	t.Shifts++
	if hidden {
		t.Active = lastActive(tx, t)
	}
	tx.PutThread(t)
	return standing(tx, t, m)
}

// lastActive returns the time of the last entry of t that everyone sees.
func lastActive(r Reader, t Thread) time.Time {
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
