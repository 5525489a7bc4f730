package rules

import (
	"maps"
	"slices"
	"sync"
	"time"

	"sshforum/forum"
)

// traces are what the sessions of a person leave without being asked to, until it is
// stored: what they have shown, and the command lines that were typed in them.
type traces struct {
	letters map[forum.UserID]LetterMark
	threads map[forum.ThreadID]forum.Marks
	lines   []string
}

func (t *traces) empty() bool { return len(t.letters) == 0 && len(t.threads) == 0 && len(t.lines) == 0 }

func (t *traces) letter(peer forum.UserID, l LetterMark) {
	if t.letters == nil {
		t.letters = make(map[forum.UserID]LetterMark)
	}
	old := t.letters[peer]
	t.letters[peer] = LetterMark{Peer: peer, Shown: max(old.Shown, l.Shown), Read: max(old.Read, l.Read)}
}

func (t *traces) entries(thread forum.ThreadID, s forum.Span) {
	if t.threads == nil {
		t.threads = make(map[forum.ThreadID]forum.Marks)
	}
	t.threads[thread] = t.threads[thread].With(s)
}

// and returns t with what other has, which came later. keep is how many lines are kept.
func (t traces) and(other traces, keep int) traces {
	all := traces{letters: maps.Clone(t.letters), threads: maps.Clone(t.threads)}
	for peer, l := range other.letters {
		all.letter(peer, l)
	}
	for thread, read := range other.threads {
		all.entries(thread, forum.Span{From: 1, To: read.Upto})
		for _, s := range read.Spans {
			all.entries(thread, s)
		}
	}
	all.lines = RecentLines(slices.Concat(t.lines, other.lines), keep)
	return all
}

// conversation returns c as it is when the traces are stored.
func (t traces) conversation(r forum.Reader, c forum.Conversation) forum.Conversation {
	return t.letters[c.Peer].mark(r, c)
}

// interest returns what somebody has in thread when the traces are stored.
func (t traces) interest(i forum.Interest, thread forum.Thread) forum.Interest {
	i.Read = i.Read.And(t.threads[thread.ID].Within(thread.Last))
	return i
}

// personal has the traces of one person, whatever session left them.
type personal struct {
	user forum.UserID

	flushing sync.Mutex // held by who stores the traces

	mu      sync.Mutex
	left    traces
	storing traces    // that are on their way to the store
	flushed time.Time // when they were sent there last, by the steady clock
}

func (p *personal) note(do func(*traces)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	do(&p.left)
}

func (p *personal) empty() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.left.empty() && p.storing.empty()
}

// due reports whether there is something to store, and it was a while ago that there was.
func (p *personal) due(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.left.empty() && now.Sub(p.flushed) >= flushEvery
}

// all returns what is not known to be stored.
func (p *personal) all(keep int) traces {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.storing.and(p.left, keep)
}

// take returns what is to be stored. The caller holds flushing and calls stored.
func (p *personal) take(now time.Time) traces {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left, p.storing, p.flushed = traces{}, p.left, now
	return p.storing
}

// stored gives up what was taken, or takes it back.
func (p *personal) stored(done bool, keep int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !done {
		p.left = p.storing.and(p.left, keep)
	}
	p.storing = traces{}
}
