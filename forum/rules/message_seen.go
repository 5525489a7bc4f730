package rules

import "sshforum/forum"

// Seen remembers which message had which number when a session last showed it, so that "delete
// 3" means the 3 on that screen. It belongs to one session and is not safe for concurrent use.
type Seen struct {
	threads map[string]*seenThread // by title
	forgot  bool                   // whole threads were dropped
}

type seenThread struct {
	id     forum.ThreadID
	shifts uint64
	runs   []seenRun // oldest first; a later run overrides an earlier one
	forgot bool      // the oldest runs were dropped

	own  uint64              // shifts by the session itself
	gone map[uint64]struct{} // Seqs of the messages that the session has deleted
}

// seenRun is a run of consecutive numbers on consecutive entries, shown when other sessions had
// shifted the thread's numbers others times.
type seenRun struct{ number, seq, length, others uint64 }

const (
	maxSeenRuns    = 4096 // per thread; a run has 32 bytes
	maxSeenThreads = 256
)

// Show notes that message id was shown as number n of t.
func (s *Seen) Show(t forum.Thread, n uint64, id forum.MessageID) {
	v := s.threads[t.Title]
	if v == nil || v.id != t.ID {
		v = &seenThread{id: t.ID}
		s.remember(t.Title, v)
	}
	v.shifts = t.Shifts
	others := t.Shifts - v.own
	if last := len(v.runs) - 1; last >= 0 {
		r := &v.runs[last]
		if n == r.number+r.length && id.Seq == r.seq+r.length && others == r.others {
			r.length++
			return
		}
	}
	if len(v.runs) == maxSeenRuns {
		v.runs = append(v.runs[:0], v.runs[maxSeenRuns/2:]...)
		v.forgot = true
	}
	v.runs = append(v.runs, seenRun{number: n, seq: id.Seq, length: 1, others: others})
}

// Told notes the number of the message that an event is about, if the message still has one.
func (s *Seen) Told(e forum.Event) {
	gone := e.Kind == forum.MessageDeleted || e.Kind == forum.MessageHidden
	if e.Number > 0 && !e.Message.IsZero() && !gone {
		s.Show(forum.Thread{ID: e.Thread, Title: e.Title, Shifts: e.Shifts}, e.Number, e.Message)
	}
}

// Deleted notes that the session itself has deleted message id of t. It is for a door whose
// people expect the next message to have the number then: from now on the number means that
// message, as long as nobody else shifts the numbers.
func (s *Seen) Deleted(t forum.Thread, id forum.MessageID) {
	v := s.threads[t.Title]
	if v == nil || v.id != id.Thread {
		return
	}
	if v.gone == nil || len(v.gone) == maxSeenRuns {
		v.gone = make(map[uint64]struct{})
	}
	v.own++
	v.gone[id.Seq] = struct{}{}
}

// Learn notes that number n of t is message id, unless a message was shown under n.
func (s *Seen) Learn(t forum.Thread, n uint64, id forum.MessageID) {
	if v := s.threads[t.Title]; v != nil && v.id == t.ID {
		if _, _, shown := v.find(n); !shown {
			shifts := v.shifts
			s.Show(t, n, id)
			v.shifts = shifts // numbers shown before are not newer by this
		}
	}
}

func (v *seenThread) find(n uint64) (id forum.MessageID, others uint64, shown bool) {
	for i := len(v.runs) - 1; i >= 0; i-- {
		if r := v.runs[i]; n >= r.number && n-r.number < r.length {
			return forum.MessageID{Thread: v.id, Seq: r.seq + n - r.number}, r.others, true
		}
	}
	return forum.MessageID{}, 0, false
}

func (s *Seen) remember(title string, v *seenThread) {
	if len(s.threads) >= maxSeenThreads {
		s.threads, s.forgot = nil, true
	}
	if s.threads == nil {
		s.threads = make(map[string]*seenThread)
	}
	s.threads[title] = v
}

// Target returns the message that number n of the thread means to this session. It is the
// message last shown under n, unless the session has Deleted that. Otherwise it is the message
// that has the number now, on condition that nothing was renumbered since the thread was last
// shown; the condition does not apply to a thread that was never shown.
func (s *Seen) Target(title string, n uint64) Target {
	v := s.threads[title]
	if v == nil {
		return Target{Title: title, Number: n, Stale: s.forgot}
	}
	if id, others, shown := v.find(n); shown {
		if _, gone := v.gone[id.Seq]; gone {
			return Target{Title: title, Number: n, Read: v.id, Shifts: others + v.own}
		}
		return Target{Title: title, Number: n, ID: id}
	}
	return Target{Title: title, Number: n, Read: v.id, Shifts: v.shifts, Stale: v.forgot}
}
