package gate

import (
	"container/heap"
	"log/slog"
	"net/netip"
	"time"
)

// Reason is what a source has a penalty for, by its name in sshd_config(5),
// PerSourcePenalties.
type Reason string

// The reasons.
const (
	AuthFail      Reason = "authfail"       // tried to log in, in vain
	InvalidUser   Reason = "invaliduser"    // the same, with the name of no account
	NoAuth        Reason = "noauth"         // left without trying, as scanners do
	GraceExceeded Reason = "grace-exceeded" // was too slow
	Refused       Reason = "refused"        // wanted what it may not have
	Crash         Reason = "crash"          // broke what served it
)

// Excused has no penalty: what kept the client out was no fault of its own.
const Excused Reason = ""

// Penalties say how long a source is kept out, and for what. Penalties of a source add
// up, and run out with time. They are enforced, until they have run out, once Min or
// more are left to serve; more than Max are not remembered. Max 0 switches them off.
type Penalties struct {
	For      map[Reason]time.Duration
	Min, Max time.Duration
}

// maxSources bounds a ledger, to about 10 MiB. In a full one the penalty that would run
// out first makes room: a crowd of sources shortens penalties, and keeps nobody out.
const maxSources = 65536

// penalty is what one source has to serve.
type penalty struct {
	source   netip.Prefix
	ends     time.Time
	enforced bool
	place    int // in the queue
}

// A ledger has the penalties of sources.
type ledger struct {
	Penalties
	log      *slog.Logger
	bySource map[netip.Prefix]*penalty
	queue    queue
}

func newLedger(p Penalties, log *slog.Logger) *ledger {
	return &ledger{Penalties: p, log: log, bySource: make(map[netip.Prefix]*penalty)}
}

// enforced reports whether source is kept out.
func (l *ledger) enforced(source netip.Prefix, now time.Time) bool {
	p := l.bySource[source]
	return p != nil && p.enforced && p.ends.After(now)
}

// add lets source serve the penalty for reason besides what is left of its others.
func (l *ledger) add(source netip.Prefix, reason Reason, now time.Time) {
	more := l.For[reason]
	if more <= 0 || l.Max <= 0 {
		return
	}
	l.expire(now)
	p := l.bySource[source]
	if p == nil {
		if len(l.queue) >= maxSources {
			l.drop()
		}
		p = &penalty{source: source, ends: now}
		l.bySource[source] = p
		heap.Push(&l.queue, p)
	}
	left := min(p.ends.Sub(now)+more, l.Max)
	p.ends = now.Add(left)
	heap.Fix(&l.queue, p.place)
	if !p.enforced && left >= l.Min {
		p.enforced = true
		l.log.Info("connections refused for a penalty", "network", source, "reason", reason, "for", left.Round(time.Second))
	}
}

// expire forgets penalties that have run out.
func (l *ledger) expire(now time.Time) {
	for len(l.queue) > 0 && !l.queue[0].ends.After(now) {
		l.drop()
	}
}

// drop forgets the penalty that runs out first.
func (l *ledger) drop() {
	delete(l.bySource, heap.Pop(&l.queue).(*penalty).source)
}

// queue is a heap of penalties, the one that runs out first on top.
type queue []*penalty

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].ends.Before(q[j].ends) }

func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].place, q[j].place = i, j
}

func (q *queue) Push(x any) {
	p := x.(*penalty)
	p.place = len(*q)
	*q = append(*q, p)
}

func (q *queue) Pop() any {
	last := len(*q) - 1
	p := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return p
}
