// Package limit counts how often things happen and limits that: token buckets, wrong passwords
// in a row, the same text posted twice. All counts are in memory, bounded in size, and lost at
// a restart.
package limit

import (
	"net/netip"
	"sync"
	"time"

	"sshforum/forum"
)

// maxBuckets is the least number of buckets in use that are remembered, in about 8 MiB. A
// forgotten bucket counts as full, so when very many people and sources are active, some get
// more than their rate.
const maxBuckets = 32768

// Buckets has a token bucket for each person or source and activity. For each bucket it stores
// only when that will be full again, which is the generic cell rate algorithm (ITU-T I.371,
// annex A). It forgets all buckets at a restart.
type Buckets struct {
	mu   sync.Mutex
	full *Table[BucketKey, time.Time]
}

func NewBuckets() *Buckets { return &Buckets{full: NewTable[BucketKey, time.Time](maxBuckets)} }

// BucketKey names a bucket: whose it is (a person's, a guest's or a source's) and for which
// activity.
type BucketKey struct {
	Activity Activity
	New      bool // the bucket of a new account, or of all new accounts of a source
	User     forum.UserID
	Guest    string // a NameKey if User is Guests, otherwise ""
	Source   netip.Prefix
}

type Bucket struct {
	BucketKey
	Rate Rate
}

// Take takes a token from each bucket. If any bucket is empty, it takes none, and returns how
// long it takes until none is empty, and the bucket that takes longest.
func (p *Buckets) Take(now time.Time, buckets ...Bucket) (left time.Duration, empty BucketKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if left, empty = p.missing(now, buckets); left == 0 {
		p.spend(now, 1, buckets)
	}
	return left, empty
}

// Look is Take without taking tokens.
func (p *Buckets) Look(now time.Time, buckets ...Bucket) (left time.Duration, empty BucketKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.missing(now, buckets)
}

// maxDebt limits the time for which a bucket stays empty after Owe. That time is also never
// longer than the bucket takes to fill.
const maxDebt = time.Hour

// Owe takes n tokens from each bucket, even if it has fewer.
func (p *Buckets) Owe(now time.Time, n int64, buckets ...Bucket) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spend(now, n, buckets)
}

// missing returns how long it takes until each bucket has a token, and the bucket that takes
// longest. The caller of missing or spend holds p.mu.
func (p *Buckets) missing(now time.Time, buckets []Bucket) (left time.Duration, empty BucketKey) {
	for _, b := range buckets {
		if missing := p.fullAt(now, b).Add(b.Rate.Every).Sub(now) - b.Rate.fillTime(); missing > left {
			left, empty = missing, b.BucketKey
		}
	}
	return left, empty
}

func (p *Buckets) spend(now time.Time, n int64, buckets []Bucket) {
	for _, b := range buckets {
		if b.Rate.Every > 0 {
			most := b.Rate.fillTime() + min(b.Rate.fillTime(), maxDebt)
			full := p.fullAt(now, b).Sub(now)
			n := min(n, int64((most-full)/b.Rate.Every)+1)
			p.full.Put(b.BucketKey, now.Add(min(full+time.Duration(n)*b.Rate.Every, most)))
		}
	}
}

// fullAt returns when a bucket is full again: now or later.
func (p *Buckets) fullAt(now time.Time, b Bucket) time.Time {
	if at, known := p.full.Get(b.BucketKey); known && at.After(now) {
		return at
	}
	return now
}
