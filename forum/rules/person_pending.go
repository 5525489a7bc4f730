package rules

import (
	"maps"
	"slices"
	"sync"
	"time"

	"sshforum/forum"
)

// pending has what the sessions of a person have noted and have not stored yet: marks of shown
// entries and messages, and the command lines typed.
type pending struct {
	conversations map[forum.UserID]ConversationMark
	threads       map[forum.ThreadID]forum.Marks
	lines         []string
}

func (t *pending) empty() bool {
	return len(t.conversations) == 0 && len(t.threads) == 0 && len(t.lines) == 0
}

func (t *pending) markConversation(peer forum.UserID, l ConversationMark) {
	if t.conversations == nil {
		t.conversations = make(map[forum.UserID]ConversationMark)
	}
	old := t.conversations[peer]
	t.conversations[peer] = ConversationMark{Peer: peer, Shown: max(old.Shown, l.Shown), Read: max(old.Read, l.Read)}
}

func (t *pending) markEntries(thread forum.ThreadID, s forum.Span) {
	if t.threads == nil {
		t.threads = make(map[forum.ThreadID]forum.Marks)
	}
	t.threads[thread] = t.threads[thread].With(s)
}

// merge returns t together with other, which is later, with at most keep lines.
func (t pending) merge(other pending, keep int) pending {
	all := pending{conversations: maps.Clone(t.conversations), threads: maps.Clone(t.threads)}
	for peer, l := range other.conversations {
		all.markConversation(peer, l)
	}
	for thread, read := range other.threads {
		all.markEntries(thread, forum.Span{From: 1, To: read.Upto})
		for _, s := range read.Spans {
			all.markEntries(thread, s)
		}
	}
	all.lines = RecentLines(slices.Concat(t.lines, other.lines), keep)
	return all
}

// conversation returns c with the marks of t applied.
func (t pending) conversation(r forum.Reader, c forum.Conversation) forum.Conversation {
	return t.conversations[c.Peer].mark(r, c)
}

// interest returns i, the interest in thread, with the marks of t applied.
func (t pending) interest(i forum.Interest, thread forum.Thread) forum.Interest {
	i.Read = i.Read.And(t.threads[thread.ID].Within(thread.Last))
	return i
}

// personState has the pending state of one person, from all their sessions.
type personState struct {
	user forum.UserID

	flushing sync.Mutex // held while pending marks and lines are being stored

	mu      sync.Mutex
	pending pending
	storing pending   // being stored now
	flushed time.Time // steady time of the last flush
}

func (p *personState) note(do func(*pending)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	do(&p.pending)
}

func (p *personState) empty() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pending.empty() && p.storing.empty()
}

// due reports whether something is pending and the last flush was at least flushEvery ago.
func (p *personState) due(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.pending.empty() && now.Sub(p.flushed) >= flushEvery
}

// unstored returns the state that is not known to be stored, with at most keep lines.
func (p *personState) unstored(keep int) pending {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.storing.merge(p.pending, keep)
}

// take moves the pending state to storing, and returns it. The caller holds flushing and calls
// stored afterwards.
func (p *personState) take(now time.Time) pending {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pending, p.storing, p.flushed = pending{}, p.pending, now
	return p.storing
}

// stored drops the state that take returned if it is done, and makes it pending again otherwise.
func (p *personState) stored(done bool, keep int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !done {
		p.pending = p.storing.merge(p.pending, keep)
	}
	p.storing = pending{}
}
