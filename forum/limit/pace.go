// Package limit counts how often things happen, so that nobody does them as often as they
// like: token buckets, wrong passwords in a row, the same text posted twice. All of it is in
// memory, bounded, and forgotten over a restart.
package limit

import (
	"net/netip"
	"sync"
	"time"

	"sshforum/forum"
)

// maxBuckets is how many buckets in use are remembered at least, in about 8 MiB. One that
// is forgotten is full: a crowd of people and sources gives some of them more.
const maxBuckets = 32768

// Buckets has a token bucket for each person and source and what they do. It knows of each
// only when it will be full again, which is the generic cell rate algorithm (ITU-T I.371,
// annex A). It forgets all over a restart.
type Buckets struct {
	mu   sync.Mutex
	full *Table[BucketKey, time.Time]
}

func NewBuckets() *Buckets { return &Buckets{full: NewTable[BucketKey, time.Time](maxBuckets)} }

// BucketKey says whose bucket it is and for what: a person's, a guest's or a source's.
type BucketKey struct {
	Activity Activity
	New      bool // while the account is new; of all new accounts of a source
	User     forum.UserID
	Guest    string // a NameKey, where user is Guests
	Source   netip.Prefix
}

type Bucket struct {
	BucketKey
	Rate Rate
}

// Take takes a token from each bucket, or from none if one is empty: then it returns how
// long until none is, and the one that takes longest.
func (p *Buckets) Take(now time.Time, buckets ...Bucket) (left time.Duration, empty BucketKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if left, empty = p.missing(now, buckets); left == 0 {
		p.spend(now, 1, buckets)
	}
	return left, empty
}

// Look is take that takes nothing.
func (p *Buckets) Look(now time.Time, buckets ...Bucket) (left time.Duration, empty BucketKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.missing(now, buckets)
}

// maxDebt is how long a bucket that owe has emptied stays so, at most; nor is it longer than
// it takes to fill.
const maxDebt = time.Hour

// Owe takes n tokens from each bucket, whether they are there or not.
func (p *Buckets) Owe(now time.Time, n int64, buckets ...Bucket) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spend(now, n, buckets)
}

// missing returns how long until each bucket has a token, and the one that takes longest.
// The caller holds p.mu, as that of spend.
func (p *Buckets) missing(now time.Time, buckets []Bucket) (left time.Duration, empty BucketKey) {
	for _, b := range buckets {
		if missing := p.filled(now, b).Add(b.Rate.Every).Sub(now) - b.Rate.whole(); missing > left {
			left, empty = missing, b.BucketKey
		}
	}
	return left, empty
}

func (p *Buckets) spend(now time.Time, n int64, buckets []Bucket) {
	for _, b := range buckets {
		if b.Rate.Every > 0 {
			most := b.Rate.whole() + min(b.Rate.whole(), maxDebt)
			full := p.filled(now, b).Sub(now)
			n := min(n, int64((most-full)/b.Rate.Every)+1)
			p.full.Put(b.BucketKey, now.Add(min(full+time.Duration(n)*b.Rate.Every, most)))
		}
	}
}

// filled returns when a bucket is full again: now or later.
func (p *Buckets) filled(now time.Time, b Bucket) time.Time {
	if at, known := p.full.Get(b.BucketKey); known && at.After(now) {
		return at
	}
	return now
}
