package limit

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"time"

	"sshforum/forum"
)

// maxPosts is the least number of recent posts that are remembered, in about 16 MiB.
const maxPosts = 32768

// Duplicates remembers recent posts, so that nobody posts the same text twice by mistake. It
// forgets all of them at a restart.
type Duplicates struct {
	within time.Duration // time for which a post is remembered; if 0, nothing is a duplicate
	clock  func() time.Time

	mu    sync.Mutex
	posts *Table[PostKey, time.Time]
	made  *Table[forum.MessageID, PostKey]
}

// PostKey is a hash of a text, its author and its place. It takes the same room for every text.
type PostKey [sha256.Size]byte

// NewPostKey returns the key of a post by somebody. parts has everything that distinguishes the
// post from others.
func NewPostKey(by forum.UserID, parts ...string) PostKey {
	h := sha256.New()
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(by)))
	for _, part := range parts {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write([]byte(part))
	}
	return PostKey(h.Sum(nil))
}

// NewDuplicates returns Duplicates that remember a post for the time within; if that is 0, for
// no time.
func NewDuplicates(within time.Duration, clock func() time.Time) *Duplicates {
	return &Duplicates{
		within: within, clock: clock, posts: NewTable[PostKey, time.Time](maxPosts), made: NewTable[forum.MessageID, PostKey](maxPosts),
	}
}

// Begin notes a post before it is made, so that the second of two simultaneous posts is the
// duplicate. For a duplicate it returns how long ago the first one was. If repeats is true, the
// post is never a duplicate.
func (d *Duplicates) Begin(k PostKey, repeats bool) (ago time.Duration, duplicate bool) {
	if d.within == 0 {
		return 0, false
	}
	now := d.clock()
	d.mu.Lock()
	defer d.mu.Unlock()
	at, known := d.posts.Get(k)
	if known && now.Sub(at) < d.within && !repeats {
		return now.Sub(at), true
	}
	d.posts.Put(k, now)
	return 0, false
}

// Made notes that the post became message id.
func (d *Duplicates) Made(k PostKey, id forum.MessageID) {
	if d.within == 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.made.Put(id, k)
}

// ForgetMessage notes that a message no longer exists, so that its first text may be posted
// again.
func (d *Duplicates) ForgetMessage(id forum.MessageID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if k, known := d.made.Get(id); known {
		d.posts.Drop(k)
	}
}

// Forget notes that a post was not made.
func (d *Duplicates) Forget(k PostKey) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.posts.Drop(k)
}
