package forum

import (
	"iter"
	"time"

	"sshforum/forum/search"
)

// SearchReader is the part of a Reader that finds messages.
type SearchReader interface {
	// Matches yields what has all that is sought, the last posted first, in groups of
	// up to 1,024. It costs O(messages/1,024) for each term.
	Matches(s Sought) iter.Seq[Matched]
	// RemovedThreadIDs yields the threads that are removed and not purged.
	RemovedThreadIDs() iter.Seq[ThreadID]
}

// SearchTx is the part of a Tx that mends the index. PutMessage and what drops messages
// keep it in step by themselves.
type SearchTx interface {
	// Reindex makes one of the index's parts anew, counted from 0, from the messages in
	// it. It reports whether that was needed, and how many parts there are.
	Reindex(part uint64) (mended bool, parts uint64)
}

// Sought says which messages match.
type Sought struct {
	Terms         []search.Term // of a message's Terms, those it must have; at least one
	After, Before time.Time     // posted at or after, and before; zero for any time
	Unseen        Unseen
}

// Matched is a group of messages that match.
type Matched struct {
	Count    int
	Messages iter.Seq[MessageID] // the last posted first
}

// Unseen is what somebody is not to see. It is asked for every message of a common word.
type Unseen struct{ threads, authors idSet }

// None reports whether nothing is unseen.
func (u Unseen) None() bool { return len(u.threads) == 0 && len(u.authors) == 0 }

// Hides reports whether a message of that author in that thread is unseen.
func (u Unseen) Hides(thread ThreadID, author UserID) bool {
	return u.threads.has(uint64(thread)) || u.authors.has(uint64(author))
}

// HideThread and HideAuthor add to what is unseen.
func (u *Unseen) HideThread(id ThreadID) { u.threads.add(uint64(id)) }

func (u *Unseen) HideAuthor(id UserID) { u.authors.add(uint64(id)) }

// idSet is a set of ids as bits; ids are counted up from 1.
type idSet []uint64

func (s *idSet) add(id uint64) {
	for uint64(len(*s)) <= id/64 {
		*s = append(*s, 0)
	}
	(*s)[id/64] |= 1 << (id % 64)
}

func (s idSet) has(id uint64) bool { return id/64 < uint64(len(s)) && s[id/64]>>(id%64)&1 == 1 }

// Terms returns what an index finds a message by: its words, and what filters ask for.
// They are in no order, and may come more than once.
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

// Words returns the text that a message is found by.
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
