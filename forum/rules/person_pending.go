package rules

import (
	"maps"
	"slices"
	"sync"
	"time"

	"sshforum/forum"
)

// pending is what the sessions of a person have noted and is not stored yet: what they have
// shown, and the command lines that were typed in them.
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

// and returns t with what other adds to it, which came later, and at most keep lines.
func (t pending) and(other pending, keep int) pending {
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

// conversation returns c as it will be when t is stored.
func (t pending) conversation(r forum.Reader, c forum.Conversation) forum.Conversation {
	return t.conversations[c.Peer].mark(r, c)
}

// interest returns i, which is about thread, as it will be when t is stored.
func (t pending) interest(i forum.Interest, thread forum.Thread) forum.Interest {
	i.Read = i.Read.And(t.threads[thread.ID].Within(thread.Last))
	return i
}

// personState is what is pending of one person, whichever session noted it.
type personState struct {
	user forum.UserID

	flushing sync.Mutex // held while what is pending is stored

	mu      sync.Mutex
	pending pending
	storing pending   // what is on its way to the store
	flushed time.Time // when something was last sent there; steady
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

// due reports whether something is pending and nothing was stored for a while.
func (p *personState) due(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.pending.empty() && now.Sub(p.flushed) >= flushEvery
}

// unstored returns what is not known to be stored, with at most keep lines.
func (p *personState) unstored(keep int) pending {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.storing.and(p.pending, keep)
}

// take returns what is to be stored. The caller holds flushing and calls stored.
func (p *personState) take(now time.Time) pending {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pending, p.storing, p.flushed = pending{}, p.pending, now
	return p.storing
}

// stored forgets what was taken if it is done, and makes it pending again if not.
func (p *personState) stored(done bool, keep int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !done {
		p.pending = p.storing.and(p.pending, keep)
	}
	p.storing = pending{}
}
