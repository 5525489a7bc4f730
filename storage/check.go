package storage

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"

	"go.etcd.io/bbolt"

	"sshforum/forum"
	"sshforum/storage/boltfile"
)

// Check reads the whole file and returns, joined, all inconsistencies in it.
func (db *DB) Check() error {
	found := boltfile.NewFindings("storage")
	err := db.CheckRows(found)
	return errors.Join(found.Err(), err)
}

// CheckRows reads the whole file and reports damaged pages and rows to found. If all are
// undamaged, it also reports rows, look-ups, numbers and counts that contradict each other.
// Errors: Stopping if the store is closed.
func (db *DB) CheckRows(found *boltfile.Findings) error {
	return db.file.Check(found, func(tx *boltfile.Tx) error {
		c := &checker{Findings: found, reader: reader{bolt: tx}}
		c.check()
		return c.fault
	})
}

// Hash returns the SHA-256 of all keys and values except those of markBucket, which say which
// files belong together. Stores that applied the same changes in the same order have the same
// hash.
func (db *DB) Hash() (sum [sha256.Size]byte, err error) {
	h := sha256.New()
	add := func(b []byte) {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(b))))
		h.Write(b)
	}
	err = db.file.View(func(tx *boltfile.Tx) error {
		return tx.Bolt.ForEach(func(name []byte, b *bbolt.Bucket) error {
			if string(name) == markBucket.String() {
				return nil
			}
			add(name)
			return b.ForEach(func(k, v []byte) error {
				add(k)
				add(v)
				return nil
			})
		})
	})
	h.Sum(sum[:0])
	return sum, err
}

// checker collects the findings of Check. If every row has its look-up, and there are as many
// look-ups as rows, then no look-up is left over. So the checker looks up each row and counts
// keys.
type checker struct {
	reader
	*boltfile.Findings
	keys [bucketCount]int // how many keys each counted bucket must have, according to other rows
}

func (c *checker) check() {
	has := c.buckets()
	c.mark()
	c.users()
	c.threads()
	c.interests()
	c.backlogs()
	c.people()
	c.files()
	c.textCounts()
	c.events()
	c.index()
	c.audit()
	for b, want := range c.keys {
		if b := bucket(b); c.fault == nil && b.is(counted) && has[b] != want {
			c.Report("%s has %d keys, not %d", b, has[b], want)
		}
	}
}

// buckets checks the form of all keys against the schema, and returns how many keys each bucket
// has.
func (c *checker) buckets() (has [bucketCount]int) {
	for b := range bucketCount {
		form := b.keyForm()
		c.scan(b, nil, nil, func(k, _ []byte) bool {
			has[b]++
			switch {
			case !form.fits(k):
				c.Report("%s %x: malformed", b, k)
			case b.is(owned) && c.get(usersBucket, k) == nil:
				c.Report("%s %x: no such user", b, k)
			}
			return true
		})
	}
	return has
}

func (c *checker) count(b bucket, prefix []byte) (n int) {
	c.scan(b, prefix, prefix, func(_, _ []byte) bool {
		n++
		return true
	})
	return n
}

func (c *checker) users() {
	last := forum.UserID(c.getUint(metaBucket, []byte(lastUserKey)))
	for u := range c.Users() {
		c.keys[namesBucket]++
		c.keys[skeletonsBucket]++
		if u.ID == 0 || u.ID > last {
			c.Report("user %d: the last id given out is %d", u.ID, last)
		}
		if holder, ok := c.UserByName(forum.NameKey(u.Name)); !ok || holder.ID != u.ID {
			c.Report("user %d: the name %q leads to %d", u.ID, u.Name, holder.ID)
		}
		if holder, ok := c.UserBySkeleton(forum.Skeleton(u.Name)); !ok || holder.ID != u.ID {
			c.Report("user %d: what looks like %q leads to %d", u.ID, u.Name, holder.ID)
		}
		c.Keys(u.ID)
		c.Preferences(u.ID)
		c.CommandHistory(u.ID)
		c.Erasure(u.ID)
	}
}

func (c *checker) events() {
	seq, nanos := c.last()
	if from := c.EventsFrom(); from > seq+1 {
		c.Report("events are kept from %d, the last change is %d", from, seq)
	}
	before := fromNanos(0)
	for e := range c.Events(0) {
		if e.Seq > seq || e.Seq < c.EventsFrom() {
			c.Report("event %d is not from %d to %d", e.Seq, c.EventsFrom(), seq)
		}
		if e.At.Before(before) || toNanos(e.At) > nanos {
			c.Report("event %d is out of order in time", e.Seq)
		}
		before = e.At
	}
}
