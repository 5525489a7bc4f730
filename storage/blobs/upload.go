package blobs

import (
	"bytes"
	"context"
	"errors"
	"sync"

	"sshforum/forum"
	"sshforum/storage/boltfile"
)

// upload is a blob that is being written. The latest writes are in memory: at most batchChunks
// chunks that take further writes, and as many that are being committed. The rest is in the
// store. Its mutex is never held over a commit.
type upload struct {
	store *Store
	id    forum.BlobID

	queued bool // is in the store's queue; guarded by the store's mutex

	mu      sync.Mutex
	news    chan struct{} // closed and replaced at each change that wait waits for
	err     error         // why the upload has ended; nil if it has not
	sealed  bool          // no further writes are accepted
	closing bool
	closed  bool

	size     int64            // where the content ends
	received spans            // the written positions
	changes  uint64           // number of writes and truncations
	dirty    map[int64]*chunk // the chunks that take writes, by number
	ripe     int              // number of ripe chunks in dirty

	// What the committer has taken, and is to do next.
	committing        map[int64]*chunk // chunks being committed, which no longer change
	commits           uint64           // number of commits that wrote the blob, including the current one
	row               int64            // the row's size after the current commit, or after the next cut
	held              spans            // numbers of chunks in the store, including committing, see row
	stored            int64            // end of the last chunk in the store, including committing
	cutting           bool             // stored content from cut on must be deleted before other commits
	cut               int64
	syncing           bool   // all chunks are to be taken
	committingChanges uint64 // how many of changes are durable after the current commit

	durable        int64  // the row's size
	durableChanges uint64 // how many of changes are durable

	hash prefixHash
}

// Create implements forum.Blobs. Errors: Conflict if there is a blob with this id; Stopping if
// the store is closed; Internal if the file is damaged at the place of the blob's row.
func (s *Store) Create(id forum.BlobID) (forum.BlobWriter, error) {
	u := s.newUpload(id)
	u.changes = 1 // its creation
	return s.begin(u, s.claim, func(tx *boltfile.Tx) error {
		value, err := tx.Bucket(blobsBucket).Get(id[:])
		var damaged *boltfile.RowError
		switch {
		case value != nil:
			return errExists()
		case errors.As(err, &damaged) && !bytes.Equal(damaged.Key, id[:]):
			return nil // the damaged row next to it cannot be this blob's, whose id is new
		}
		return err
	})
}

// Resume implements forum.Blobs. Errors: Conflict if the blob is being removed; NotFound;
// Stopping if the store is closed; Internal if the file is damaged.
func (s *Store) Resume(id forum.BlobID) (forum.BlobWriter, error) {
	u := s.newUpload(id)
	return s.begin(u, s.takeOver, func(tx *boltfile.Tx) error {
		r, err := get(tx, id)
		if err != nil {
			return err
		}
		u.size, u.row, u.durable, u.received.prefix, u.commits = r.size, r.size, r.size, r.size, r.commits
		if u.stored, err = extent(tx, id); err != nil {
			return err
		}
		u.held = r.chunks
		u.cutFrom(u.size) // deletes chunks that were ahead of the others when the upload ended
		return nil
	})
}

func (s *Store) newUpload(id forum.BlobID) *upload {
	return &upload{
		store: s, id: id, news: make(chan struct{}),
		dirty: make(map[int64]*chunk), committing: make(map[int64]*chunk),
	}
}

// begin claims the blob of an upload, and loads its state with load.
func (s *Store) begin(u *upload, claim func(*upload) error, load func(tx *boltfile.Tx) error) (forum.BlobWriter, error) {
	u.mu.Lock() // an upload that takes this one over waits until it is loaded
	defer u.mu.Unlock()
	if err := claim(u); err != nil {
		return nil, err
	}
	if err := s.view(load); err != nil {
		u.closing, u.closed = true, true
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

// ended reports whether the upload has ended, so that its content is only in the store.
func (u *upload) ended() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.err != nil
}

// wait waits for the next notify. The caller holds u.mu, which is released meanwhile. Errors:
// Unavailable if ctx ends.
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

// notify wakes all callers of wait.
func (u *upload) notify() {
	close(u.news)
	u.news = make(chan struct{})
}

// end ends the upload with the error that its methods then return, and frees the chunks that
// the committer has not taken. The caller holds u.mu.
func (u *upload) end(err error) {
	u.err = err
	for _, c := range u.dirty {
		u.remove(c)
		u.store.freeChunk(c)
	}
	u.notify()
}

// stop is end for a store that closes.
func (u *upload) stop() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.err == nil {
		u.end(boltfile.StoppingError())
	}
}
