package forum

import (
	"net/netip"
	"sync"
	"time"
)

// maxBuckets is how many buckets in use are remembered at least, in about 8 MiB. One that
// is forgotten is full: a crowd of people and sources gives some of them more.
const maxBuckets = 32768

// pace has a token bucket for each person and source and what they do. It knows of each
// only when it will be full again, which is the generic cell rate algorithm (ITU-T I.371,
// annex A). It forgets all over a restart.
type pace struct {
	mu   sync.Mutex
	full *recent[bucketKey, time.Time]
}

func newPace() *pace { return &pace{full: newRecent[bucketKey, time.Time](maxBuckets)} }

// bucketKey says whose bucket it is and for what: a person's, a guest's or a source's.
type bucketKey struct {
	activity Activity
	isNew    bool // while the account is new; of all new accounts of a source
	user     UserID
	guest    string // a NameKey, where user is Guests
	source   netip.Prefix
}

type bucket struct {
	bucketKey
	rate Rate
}

// take takes a token from each bucket, or from none if one is empty: then it returns how
// long until none is, and the one that takes longest.
func (p *pace) take(now time.Time, buckets ...bucket) (left time.Duration, empty bucketKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if left, empty = p.missing(now, buckets); left == 0 {
		p.spend(now, 1, buckets)
	}
	return left, empty
}

// look is take that takes nothing.
func (p *pace) look(now time.Time, buckets ...bucket) (left time.Duration, empty bucketKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.missing(now, buckets)
}

// maxDebt is how long a bucket that owe has emptied stays so, at most; nor is it longer than
// it takes to fill.
const maxDebt = time.Hour

// owe takes n tokens from each bucket, whether they are there or not.
func (p *pace) owe(now time.Time, n int64, buckets ...bucket) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spend(now, n, buckets)
}

// missing returns how long until each bucket has a token, and the one that takes longest.
// The caller holds p.mu, as that of spend.
func (p *pace) missing(now time.Time, buckets []bucket) (left time.Duration, empty bucketKey) {
	for _, b := range buckets {
		if missing := p.filled(now, b).Add(b.rate.Every).Sub(now) - b.rate.whole(); missing > left {
			left, empty = missing, b.bucketKey
		}
	}
	return left, empty
}

func (p *pace) spend(now time.Time, n int64, buckets []bucket) {
	for _, b := range buckets {
		if b.rate.Every > 0 {
			most := b.rate.whole() + min(b.rate.whole(), maxDebt)
			full := p.filled(now, b).Sub(now)
			n := min(n, int64((most-full)/b.rate.Every)+1)
			p.full.put(b.bucketKey, now.Add(min(full+time.Duration(n)*b.rate.Every, most)))
		}
	}
}

// filled returns when a bucket is full again: now or later.
func (p *pace) filled(now time.Time, b bucket) time.Time {
	if at, known := p.full.get(b.bucketKey); known && at.After(now) {
		return at
	}
	return now
}
