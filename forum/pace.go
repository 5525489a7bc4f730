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
	full := make([]time.Time, len(buckets))
	for i, b := range buckets {
		full[i] = now
		if at, known := p.full.get(b.bucketKey); known && at.After(now) {
			full[i] = at
		}
		full[i] = full[i].Add(b.rate.Every)
		if missing := full[i].Sub(now) - time.Duration(b.rate.Burst)*b.rate.Every; missing > left {
			left, empty = missing, b.bucketKey
		}
	}
	if left > 0 {
		return left, empty
	}
	for i, b := range buckets {
		if b.rate.Every > 0 {
			p.full.put(b.bucketKey, full[i])
		}
	}
	return 0, empty
}
