package limit

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"time"

	"sshforum/forum"
)

// maxPosts is how many posts of late are remembered at least, in about 16 MiB.
const maxPosts = 32768

// Duplicates knows what was posted of late, so that nobody posts a thing twice without
// meaning to. It forgets all over a restart.
type Duplicates struct {
	within time.Duration // 0 for nothing being a duplicate
	clock  func() time.Time

	mu    sync.Mutex
	posts *Table[PostKey, time.Time]
	made  *Table[forum.MessageID, PostKey]
}

// PostKey stands for a text by a person in a place. It takes the same room for every text.
type PostKey [sha256.Size]byte

// NewPostKey returns the key of a text by somebody, given with all that tells it from others.
func NewPostKey(by forum.UserID, parts ...string) PostKey {
	h := sha256.New()
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(by)))
	for _, part := range parts {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write([]byte(part))
	}
	return PostKey(h.Sum(nil))
}

// NewDuplicates remembers a post for a time; for none if that is 0.
func NewDuplicates(within time.Duration, clock func() time.Time) *Duplicates {
	return &Duplicates{
		within: within, clock: clock, posts: NewTable[PostKey, time.Time](maxPosts), made: NewTable[forum.MessageID, PostKey](maxPosts),
	}
}

// Begin notes a post before it is made, so that of two at once one is the duplicate: then it
// reports how long ago the other was. One that may repeat is never one.
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

// Made says which message a post became.
func (d *Duplicates) Made(k PostKey, id forum.MessageID) {
	if d.within == 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.made.Put(id, k)
}

// ForgetMessage says that the message of a post is no more, whatever its text became.
func (d *Duplicates) ForgetMessage(id forum.MessageID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if k, known := d.made.Get(id); known {
		d.posts.Drop(k)
	}
}

// Forget says that a post was not made.
func (d *Duplicates) Forget(k PostKey) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.posts.Drop(k)
}
