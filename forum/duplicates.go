package forum

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"time"
)

// maxPosts is how many posts of late are remembered at least, in about 8 MiB.
const maxPosts = 32768

// duplicates knows what was posted of late, so that nobody posts a thing twice without
// meaning to. It forgets all over a restart.
type duplicates struct {
	within time.Duration // 0 for nothing being a duplicate
	clock  func() time.Time

	mu    sync.Mutex
	posts *recent[postKey, time.Time]
}

// postKey stands for a text by a person in a place. It takes the same room for every text.
type postKey [sha256.Size]byte

// newPostKey returns the key of a text by somebody, given with all that tells it from others.
func newPostKey(by UserID, parts ...string) postKey {
	h := sha256.New()
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(by)))
	for _, part := range parts {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write([]byte(part))
	}
	return postKey(h.Sum(nil))
}

func newDuplicates(within time.Duration, clock func() time.Time) *duplicates {
	return &duplicates{within: within, clock: clock, posts: newRecent[postKey, time.Time](maxPosts)}
}

// begin notes a post before it is made, so that of two at once one is the duplicate: then it
// reports how long ago the other was. One that may repeat is never one.
func (d *duplicates) begin(k postKey, repeats bool) (ago time.Duration, duplicate bool) {
	if d.within == 0 {
		return 0, false
	}
	now := d.clock()
	d.mu.Lock()
	defer d.mu.Unlock()
	at, known := d.posts.get(k)
	if known && now.Sub(at) < d.within && !repeats {
		return now.Sub(at), true
	}
	d.posts.put(k, now)
	return 0, false
}

// forget says that a post was not made, or is no more.
func (d *duplicates) forget(k postKey) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.posts.drop(k)
}
