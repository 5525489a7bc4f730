package blobs

import (
	"context"

	"sshforum/forum"
)

// WriteAt implements io.WriterAt. It waits if the disk is slower than the writers. Errors:
// Invalid if off is negative; Limited if the range ends beyond Options.MaxSize, and then
// nothing is written; Unavailable if the disk is full or has failed, after which only the
// durable content is left; Stopping if the store is closed; forum.ErrBlobClosed after Finish or
// Close.
func (u *upload) WriteAt(p []byte, off int64) (n int, err error) {
	if err := u.store.checkRange(off, int64(len(p))); err != nil {
		return 0, err
	}
	for n < len(p) {
		m, err := u.write(p[n:], off+int64(n))
		if err != nil {
			return n, err
		}
		n += m
	}
	return n, nil
}

// checkRange returns an error if a blob cannot have n bytes at off.
func (s *Store) checkRange(off, n int64) error {
	switch limit := s.options.MaxSize; {
	case off < 0:
		return errPosition(off)
	case off > limit || n > limit-off:
		return errTooLarge(limit)
	}
	return nil
}

// write writes the bytes of p that go into one chunk.
func (u *upload) write(p []byte, off int64) (int, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	c, err := u.writable(off / chunkSize)
	if err != nil {
		return 0, err
	}
	n := c.write(p, int(off%chunkSize))
	u.wrote(c, off, off+int64(n))
	return n, nil
}

func (u *upload) wrote(c *chunk, from, to int64) {
	u.changes++
	u.size = max(u.size, to)
	u.received.add(from, to)
	u.invalidateHash(from)
	if !c.ripe && u.received.cover(c.start(), c.start()+chunkSize) {
		c.ripe = true
		u.ripe++
		u.hashWhole()
	}
	if u.ripe >= ripeChunks {
		u.store.ask(u)
	}
	if u.store.starving.Load() > 0 {
		u.store.signal()
	}
}

// writable returns a chunk for writing. It waits until there is memory for one more. The caller
// holds u.mu, which is released while it waits.
func (u *upload) writable(index int64) (*chunk, error) {
	held := false // a unit of memory
	defer func() {
		if held {
			u.store.memory.Release(1)
		}
	}()
	for {
		switch c := u.dirty[index]; {
		case u.err != nil:
			return nil, u.err
		case u.sealed:
			return nil, forum.ErrBlobClosed
		case c != nil:
			return c, nil
		case len(u.dirty) == batchChunks:
			u.store.ask(u)
			if err := u.wait(context.Background()); err != nil {
				return nil, err
			}
		case held || u.store.memory.TryAcquire(1):
			held = true
			c, err := u.load(index)
			if err != nil {
				return nil, err
			}
			held = false
			u.dirty[index] = c
			return c, nil
		default:
			u.mu.Unlock()
			u.store.waitForMemory()
			u.mu.Lock()
			held = true
		}
	}
}

// load returns a chunk with the content that the committer has taken.
func (u *upload) load(index int64) (*chunk, error) {
	c := u.store.newChunk(index)
	err := u.readTaken(index, func(data []byte) { c.data = append(c.data, data...) })
	return c, err
}
