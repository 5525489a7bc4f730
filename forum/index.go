package forum

import (
	"iter"
	"time"

	"sshforum/forum/search"
)

// SearchReader is the part of Reader that finds messages.
type SearchReader interface {
	// Matches yields the messages that meet all conditions of s, the last posted first, in
	// groups of up to 1,024. It costs O(messages/1,024) for each term.
	Matches(s Sought) iter.Seq[Matched]
	// RemovedThreadIDs yields the threads that are removed and not purged.
	RemovedThreadIDs() iter.Seq[ThreadID]
}

// SearchTx is the part of Tx that repairs the index. PutMessage and the methods that drop
// messages update the index themselves.
type SearchTx interface {
	// Reindex rebuilds one of the index's parts, counted from 0, from the messages in it. It
	// reports whether the part was wrong, and the number of parts.
	Reindex(part uint64) (mended bool, parts uint64)
}

// Sought has the conditions that a message must meet to match.
type Sought struct {
	Terms         []search.Term // at least one; a message must have all of them among its Terms
	After, Before time.Time     // posted at or after After, and before Before; zero for no limit
	Unseen        Unseen
}

// Matched is a group of messages that match.
type Matched struct {
	Count    int
	Messages iter.Seq[MessageID] // the last posted first
}

// Unseen has the threads and authors that somebody may not see. It is asked for every message
// of a common word.
type Unseen struct{ threads, authors idSet }

// None reports whether nothing is unseen.
func (u Unseen) None() bool { return len(u.threads) == 0 && len(u.authors) == 0 }

// Hides reports whether a message of that author in that thread is unseen.
func (u Unseen) Hides(thread ThreadID, author UserID) bool {
	return u.threads.has(uint64(thread)) || u.authors.has(uint64(author))
}

// HideThread and HideAuthor add a thread or an author to u.
func (u *Unseen) HideThread(id ThreadID) { u.threads.add(uint64(id)) }

func (u *Unseen) HideAuthor(id UserID) { u.authors.add(uint64(id)) }

// idSet is a set of ids as bits. Ids are assigned upwards from 1.
type idSet []uint64

func (s *idSet) add(id uint64) {
	for uint64(len(*s)) <= id/64 {
		*s = append(*s, 0)
	}
	(*s)[id/64] |= 1 << (id % 64)
}

func (s idSet) has(id uint64) bool { return id/64 < uint64(len(s)) && s[id/64]>>(id%64)&1 == 1 }

// Terms returns the terms under which an index finds a message: its words and the properties
// that filters ask for. They are in no order, and may be repeated.
func (m Message) Terms() []search.Term {
	terms := []search.Term{AuthorTerm(m.Author), ThreadTerm(m.ID.Thread)}
	if !m.Removed.Done() {
		terms = append(terms, PresentTerm())
	}
	if m.Upload != "" {
		terms = append(terms, FileTerm())
	}
	return search.Terms(terms, m.Words())
}

// Words returns the text whose words the index has.
func (m Message) Words() string {
	if m.Upload != "" {
		return m.Upload
	}
	return m.Text
}

func AuthorTerm(id UserID) search.Term   { return search.Property('A', uint64(id)) }
func ThreadTerm(id ThreadID) search.Term { return search.Property('T', uint64(id)) }
func PresentTerm() search.Term           { return search.Property('P', 0) }
func FileTerm() search.Term              { return search.Property('F', 0) }
