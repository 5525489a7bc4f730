package blobs

import (
	"context"
	"io"
	"sync"

	"go.etcd.io/bbolt"

	"sshforum/forum"
)

// upload is a blob that is being written. What was written last is in memory, at most
// batchChunks chunks that take more writes and as many that are being committed; the
// rest is in the store. Its mutex is never held over a commit.
type upload struct {
	store *Store
	id    forum.BlobID

	queued bool // is in the store's queue; the store's mutex guards it

	mu      sync.Mutex
	news    chan struct{} // closed and replaced when something happens that is waited for
	err     error         // why the upload has ended, when not nil
	sealed  bool          // nothing more is written
	closing bool

	size     int64            // where the content ends
	received spans            // what of it was written
	changes  uint64           // how many there were
	dirty    map[int64]*chunk // the chunks that take writes, by number
	ripe     int              // how many of them are ripe

	// What the committer has taken, and what it is to do next.
	flying  map[int64]*chunk // being committed; they do not change any more
	commits uint64           // how many transactions wrote the blob, the one under way included
	row     int64            // the row's size after the commit under way, or the cut to come
	stored  int64            // where the last chunk in the store ends, those flying included
	cutting bool             // what the store has from cut on is to be deleted, before all else
	cut     int64
	syncing bool   // everything is to be taken
	aboard  uint64 // how many of the changes are durable after the commit under way

	durable int64  // the row's size
	kept    uint64 // how many of the changes are durable

	hash prefixHash
}

// Create implements forum.Blobs. Errors: Conflict when there is a blob with this id;
// Stopping when the store is closed.
func (s *Store) Create(id forum.BlobID) (forum.BlobWriter, error) {
	u := s.newUpload(id)
	u.changes = 1 // that it exists
	return s.begin(u, func(tx *bbolt.Tx) error {
		if tx.Bucket(blobsBucket).Get(id[:]) != nil {
			return errExists()
		}
		return nil
	})
}

// Resume implements forum.Blobs. Errors: Conflict when the blob is being written;
// NotFound; Stopping when the store is closed; Internal when the file is damaged.
func (s *Store) Resume(id forum.BlobID) (forum.BlobWriter, error) {
	u := s.newUpload(id)
	return s.begin(u, func(tx *bbolt.Tx) error {
		r, err := get(tx, id)
		if err != nil {
			return err
		}
		u.size, u.row, u.durable, u.received.prefix, u.commits = r.size, r.size, r.size, r.size, r.changes
		u.stored = extent(tx, id)
		u.cutFrom(u.size) // chunks that were ahead of the others when the upload ended
		return nil
	})
}

func (s *Store) newUpload(id forum.BlobID) *upload {
	return &upload{
		store: s, id: id, news: make(chan struct{}),
		dirty: make(map[int64]*chunk), flying: make(map[int64]*chunk),
	}
}

func (s *Store) begin(u *upload, load func(tx *bbolt.Tx) error) (forum.BlobWriter, error) {
	if err := s.claim(u.id, u); err != nil {
		return nil, err
	}
	if err := s.view(load); err != nil {
		s.release(u.id)
		return nil, err
	}
	return u, nil
}

// Size implements forum.BlobWriter.
func (u *upload) Size() int64 {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.size
}

// WriteAt implements io.WriterAt. It waits when the disk is slower than the writers.
// Errors: Invalid for a position before the beginning; Limited for one beyond
// Options.MaxSize, and then nothing is written; Unavailable when the disk is full or
// failed, after which only what is durable is left; Stopping when the store is closed;
// forum.ErrBlobClosed after Finish or Close.
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

// checkRange refuses n bytes at a position where a blob may have none.
func (s *Store) checkRange(off, n int64) error {
	switch limit := s.options.MaxSize; {
	case off < 0:
		return errPosition(off)
	case off > limit || n > limit-off:
		return errTooLarge(limit)
	}
	return nil
}

// write writes what of p goes into one chunk.
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
	u.hash.outdated = u.hash.outdated || from < u.row
	if !c.ripe && u.received.cover(c.start(), c.start()+chunkSize) {
		c.ripe = true
		u.ripe++
	}
	if u.ripe >= ripeChunks {
		u.store.ask(u)
	}
	if u.store.starving.Load() > 0 {
		u.store.signal()
	}
}

// writable returns a chunk for writing. It waits until there is room for one more. The
// caller holds u.mu, which is released while it waits.
func (u *upload) writable(index int64) (*chunk, error) {
	held := false // a place in memory
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
	err := u.taken(index, func(data []byte) { c.data = append(c.data, data...) })
	return c, err
}

// taken calls fn with the content of a chunk as the committer has taken it, or does not
// when there is none. The caller holds u.mu.
func (u *upload) taken(index int64, fn func(data []byte)) error {
	start := index * chunkSize
	limited := func(data []byte) {
		if u.cutting {
			data = data[:min(int64(len(data)), max(0, u.cut-start))]
		}
		fn(data)
	}
	switch c := u.flying[index]; {
	case c != nil:
		limited(c.data)
	case start < u.stored:
		return u.store.view(func(tx *bbolt.Tx) error {
			limited(tx.Bucket(chunksBucket).Get(chunkKey(u.id, index)))
			return nil
		})
	}
	return nil
}

// ReadAt implements io.ReaderAt. Errors: io.EOF; Invalid before the beginning; after the
// end of the upload those of WriteAt.
func (u *upload) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, errPosition(off)
	}
	for n < len(p) {
		m, err := u.read(p[n:], off+int64(n))
		if err != nil {
			return n, err
		}
		n += m
	}
	return n, nil
}

// read reads what of p comes from one chunk.
func (u *upload) read(p []byte, off int64) (int, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case u.err != nil:
		return 0, u.err
	case off >= u.size:
		return 0, io.EOF
	}
	index, at := off/chunkSize, off%chunkSize
	p = p[:min(int64(len(p)), chunkSize-at, u.size-off)]
	if c := u.dirty[index]; c != nil {
		fill(p, c.data, at)
		return len(p), nil
	}
	clear(p)
	err := u.taken(index, func(data []byte) { fill(p, data, at) })
	return len(p), err
}

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
	u.hash.outdated = u.hash.outdated || size < u.row
	u.truncate(size)
	u.cutFrom(size)
	return nil
}

// truncate makes what is in memory size bytes long.
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

// remove takes c from the chunks that take writes.
func (u *upload) remove(c *chunk) {
	delete(u.dirty, c.index)
	if c.ripe {
		u.ripe--
	}
}

// cutFrom has the committer delete what the store has from a position on.
func (u *upload) cutFrom(pos int64) {
	if max(u.stored, u.row) <= pos {
		return
	}
	if u.cutting {
		pos = min(pos, u.cut)
	}
	u.cutting, u.cut = true, pos
	u.row = min(u.row, pos)
}

// wait waits for news. The caller holds u.mu, which is released meanwhile.
func (u *upload) wait(ctx context.Context) error {
	news := u.news
	u.mu.Unlock()
	defer u.mu.Lock()
	select {
	case <-news:
		return nil
	case <-ctx.Done():
		return errBusy(ctx.Err())
	}
}

// tell wakes all who wait for news.
func (u *upload) tell() {
	close(u.news)
	u.news = make(chan struct{})
}
