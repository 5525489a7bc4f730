package blobs

import (
	"bytes"
	"context"
	"errors"
	"sync"

	"sshforum/forum"
	"sshforum/storage/boltfile"
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
	closed  bool

	size     int64            // where the content ends
	received spans            // what of it was written
	changes  uint64           // how many there were
	dirty    map[int64]*chunk // the chunks that take writes, by number
	ripe     int              // how many of them are ripe

	// What the committer has taken, and what it is to do next.
	flying  map[int64]*chunk // being committed; they do not change any more
	commits uint64           // how many wrote the blob, the one under way included
	row     int64            // the row's size after the commit under way, or the cut to come
	held    spans            // numbers of chunks in the store, those flying included, see row
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
// Stopping when the store is closed; Internal when the file is damaged where the blob would be.
func (s *Store) Create(id forum.BlobID) (forum.BlobWriter, error) {
	u := s.newUpload(id)
	u.changes = 1 // that it exists
	return s.begin(u, s.claim, func(tx *boltfile.Tx) error {
		value, err := tx.Bucket(blobsBucket).Get(id[:])
		var damaged *boltfile.RowError
		switch {
		case value != nil:
			return errExists()
		case errors.As(err, &damaged) && !bytes.Equal(damaged.Key, id[:]):
			return nil // the row next to it cannot be this one's: its id is new
		}
		return err
	})
}

// Resume implements forum.Blobs. Errors: Conflict when the blob is being removed;
// NotFound; Stopping when the store is closed; Internal when the file is damaged.
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

// begin begins an upload with what there is of its blob.
func (s *Store) begin(u *upload, claim func(*upload) error, load func(tx *boltfile.Tx) error) (forum.BlobWriter, error) {
	u.mu.Lock() // who takes it over waits until it is loaded
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

// over reports whether the upload has ended, so that the store alone knows its content.
func (u *upload) over() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.err != nil
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

// end ends the upload and forgets what is not in the store. The caller holds u.mu.
func (u *upload) end(err error) {
	u.err = err
	for _, c := range u.dirty {
		u.remove(c)
		u.store.freeChunk(c)
	}
	u.tell()
}

// stop is end for a store that closes.
func (u *upload) stop() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.err == nil {
		u.end(boltfile.StoppingError())
	}
}
