package storage

import (
	"bytes"

	"sshforum/forum"
)

func (c *checker) threads() {
	last := forum.ThreadID(c.getUint(metaBucket, []byte(lastThreadKey)))
	c.scan(threadsBucket, nil, nil, func(k, v []byte) bool {
		id, ok := parseUint(k)
		row, decoded := decode[threadRow](&c.reader, threadsBucket, k, v)
		if !ok || id == 0 || forum.ThreadID(id) > last {
			c.Report("thread %x: the last id given out is %d", k, last)
		}
		if decoded {
			c.thread(row.thread(forum.ThreadID(id)))
		}
		return true
	})
}

// thread checks a thread with everything in it. A purge may already have dropped a part of a
// removed thread.
func (c *checker) thread(t forum.Thread) {
	c.mustHaveOne(activityBucket, activityKey(t))
	if t.Removed.Done() {
		c.keys[removedTitlesBucket]++
		c.mustHave(removedTitlesBucket, removedTitleKey(t))
		if !t.Removed.Hidden {
			c.mustHaveOne(removalsBucket, removalKey(t.Removed.At, forum.MessageID{Thread: t.ID}))
		}
	} else {
		c.keys[titlesBucket]++
		if holder, ok := c.ThreadByTitle(t.Title); !ok || holder.ID != t.ID {
			c.Report("thread %d: the title %q leads to %d", t.ID, t.Title, holder.ID)
		}
	}
	leaves := c.messages(t)
	c.deleted(t)
	if t.Removed.Done() {
		c.keys[editsBucket] += c.count(editsBucket, threadKey(t.ID))
	}
	nodes := c.count(positionsBucket, threadKey(t.ID))
	c.keys[positionsBucket] += nodes
	if n := leaves.count(); !t.Removed.Done() || n == t.Messages && n > 0 {
		if n != t.Messages {
			c.Report("thread %d has %d messages, not %d", t.ID, n, t.Messages)
		}
		c.tree(positions{&c.reader, t.ID}, leaves, nodes)
	}
}

func (c *checker) mustHave(b bucket, key []byte) {
	if c.get(b, key) == nil {
		c.Report("%s lacks %x", b, key)
	}
}

// mustHaveOne is mustHave for a key that no other row requires.
func (c *checker) mustHaveOne(b bucket, key []byte) {
	c.keys[b]++
	c.mustHave(b, key)
}

// leaves are the bitmaps that the rows of a thread require, by index.
type leaves map[uint64][]byte

func (l leaves) count() (n uint64) {
	for _, leaf := range l {
		n += uint64(countBits(leaf, 256))
	}
	return n
}

func (c *checker) messages(t forum.Thread) leaves {
	found := make(leaves)
	for m := range c.Entries(t.ID, 0) {
		c.keys[messagesBucket]++
		if m.ID.Seq > t.Last || m.Removed.Done() {
			c.Report("message %s is deleted or above the thread's last, %d", m.ID, t.Last)
		}
		c.mentions(m)
		if !t.Removed.Done() {
			c.edits(m)
		}
		if m.Upload != "" {
			c.uploadEntry(t, m)
			continue
		}
		index, bit := place(m.ID.Seq, 0)
		if found[index] == nil {
			found[index] = make([]byte, 32)
		}
		found[index][bit/8] |= 1 << (bit % 8)
	}
	return found
}

func (c *checker) deleted(t forum.Thread) {
	key := threadKey(t.ID)
	c.scan(deletedBucket, key, key, func(k, v []byte) bool {
		c.keys[deletedBucket]++
		id, ok := parseMessageKey(k)
		row, decoded := decode[messageRow](&c.reader, deletedBucket, k, v)
		if !ok || !decoded {
			c.Report("deleted %x cannot be read", k)
			return true
		}
		m := row.message(id)
		if id.Seq > t.Last || !m.Removed.Done() || c.get(messagesBucket, k) != nil {
			c.Report("deleted message %s is not deleted or above the thread's last, %d", id, t.Last)
		}
		c.mustHaveOne(removedPlace(m))
		if !t.Removed.Done() {
			c.edits(m)
		}
		return true
	})
}

// edits checks that a message has all of its earlier versions.
func (c *checker) edits(m forum.Message) {
	if len(c.Edits(m.ID)) != int(m.Edits) {
		c.Report("message %s does not have %d earlier versions", m.ID, m.Edits)
	}
	for version := range m.Edits {
		c.keys[editsBucket]++
		c.mustHave(editsBucket, editKey(m.ID, version+1))
	}
}

// tree checks that the position tree of a thread agrees with its rows.
func (c *checker) tree(p positions, rows leaves, nodes int) {
	seen := 0
	var walk func(level int, index uint64) uint64
	walk = func(level int, index uint64) (bits uint64) {
		node := p.node(level, index)
		seen++
		if level == 0 {
			if !bytes.Equal(bytes.TrimRight(node, "\x00"), bytes.TrimRight(rows[index], "\x00")) {
				c.Report("thread %d: numbers from %d do not agree with the messages", p.thread, index<<8)
			}
			delete(rows, index)
			return uint64(countBits(node, 256))
		}
		for child := range len(node) / countSize {
			bits += count(node, child)
			below := index<<8 | uint64(child)
			if p.node(level-1, below) == nil && count(node, child) == 0 {
				continue
			}
			if n := walk(level-1, below); n != count(node, child) {
				c.Report("thread %d: level %d counts %d below %d, not %d", p.thread, level, count(node, child), below, n)
			}
		}
		return bits
	}
	if height := p.height(); height >= 0 {
		walk(height, 0)
	}
	if seen != nodes || len(rows) > 0 {
		c.Report("thread %d: %d of %d nodes lead to its messages, %d are missing", p.thread, seen, nodes, len(rows))
	}
}
