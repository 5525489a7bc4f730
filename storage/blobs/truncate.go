package blobs

import "sshforum/forum"

// Truncate implements forum.BlobWriter. Errors: those of WriteAt.
func (u *upload) Truncate(size int64) error {
	if err := u.store.checkRange(size, 0); err != nil {
		return err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case u.err != nil:
		return u.err
	case u.sealed:
		return forum.ErrBlobClosed
	}
	u.invalidateHash(size)
	u.truncate(size)
	u.cutFrom(size)
	return nil
}

// truncate cuts the chunks in memory to size.
func (u *upload) truncate(size int64) {
	u.size = size
	u.changes++
	u.received.cut(size)
	for _, c := range u.dirty {
		if c.start() >= size {
			u.remove(c)
			u.store.freeChunk(c)
			continue
		}
		c.cut(size)
		if c.ripe && !u.received.cover(c.start(), c.start()+chunkSize) {
			c.ripe = false
			u.ripe--
		}
	}
}

// remove removes c from u.dirty.
func (u *upload) remove(c *chunk) {
	delete(u.dirty, c.index)
	if c.ripe {
		u.ripe--
	}
}

// cutFrom makes the committer delete the stored content from a position on.
func (u *upload) cutFrom(pos int64) {
	if max(u.stored, u.row) <= pos {
		return
	}
	if u.cutting {
		pos = min(pos, u.cut)
	}
	u.cutting, u.cut = true, pos
	u.held.cut((pos + chunkSize - 1) / chunkSize)
	u.row = min(u.row, pos)
}
