package gate

import (
	"container/heap"
	"log/slog"
	"net/netip"
	"time"
)

// Reason is the reason for a penalty, by its name in sshd_config(5), PerSourcePenalties.
type Reason string

const (
	AuthFail      Reason = "authfail"       // tried to log in and failed
	InvalidUser   Reason = "invaliduser"    // as AuthFail, with a name that no account has
	NoAuth        Reason = "noauth"         // left without trying, as scanners do
	GraceExceeded Reason = "grace-exceeded" // was too slow
	Refused       Reason = "refused"        // asked for something that is not allowed
	Crash         Reason = "crash"          // crashed the code that served it
)

// Excused has no penalty, because the client was kept out through no fault of its own.
const Excused Reason = ""

// Penalties says how long a source is kept out, for each reason. The penalties of a source add
// up and run out with time. Once a source has Min or more left, they are enforced until they
// have run out. A source never has more than Max. If Max is 0, there are no penalties.
type Penalties struct {
	For      map[Reason]time.Duration
	Min, Max time.Duration
}

// maxSources is the greatest number of sources in a ledger, which then takes about 10 MiB. In a
// full ledger the penalty that would run out first is dropped: very many sources shorten each
// other's penalties, but keep nobody out.
const maxSources = 65536

// penalty is the sum of the penalties of one source.
type penalty struct {
	source   netip.Prefix
	ends     time.Time
	enforced bool
	place    int // index in the queue
}

// A ledger has the penalties of all sources of one address family.
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

// add adds the penalty for reason to those that source has left.
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

// expire drops the penalties that have run out.
func (l *ledger) expire(now time.Time) {
	for len(l.queue) > 0 && !l.queue[0].ends.After(now) {
		l.drop()
	}
}

// drop drops the penalty that runs out first.
func (l *ledger) drop() {
	delete(l.bySource, heap.Pop(&l.queue).(*penalty).source)
}

// queue is a heap of penalties; the one that runs out first is on top.
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
