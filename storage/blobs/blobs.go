// Package blobs keeps the contents of files in one bbolt file, files.db, in chunks of
// almost 64 KiB. It takes a content in any order, a few megabytes in memory at a time,
// and knows at every moment how much of it is durable.
//
// It knows how chunks lie in the file and how to stay whole when the process, the disk
// or an upload fails. It knows neither names, owners nor quotas: which blobs are wanted
// is decided in package forum.
//
// One goroutine, the committer, writes for all uploads in turn and frees what was
// removed; Close ends it. Readers run beside it and hold nothing between calls.
package blobs

import (
	"log/slog"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/semaphore"

	"sshforum/forum"
	"sshforum/storage/boltfile"
)

// FileName is the name of the store's file in its directory.
const FileName = "files.db"

const (
	// chunkSize is how many bytes of content a value has. The 64 bytes it lacks leave
	// room for headers and checksums, so that two values fill whole pages.
	chunkSize = 64<<10 - 64

	// batchChunks is how many chunks a transaction writes at most, and how many an
	// upload keeps in memory for the next one.
	batchChunks = 64

	// defaultMemory is what all uploads hold in memory when Options say nothing.
	defaultMemory = 64 << 20

	// maxSize is the longest blob there can be, whatever Options say: 1 TiB.
	maxSize = 1 << 40
)

// Options are the settings of a store. The zero Options are usable.
type Options struct {
	// MaxSize is how many bytes a blob may have; 0 is 1 TiB, which is also the most.
	MaxSize int64

	// MinFree is how many bytes must be free on the disk for the file to grow. With
	// less, uploads get the space of removed blobs and nothing else.
	MinFree int64

	// Memory is how many bytes of content all uploads together may hold in memory; 0
	// is 64 MiB. One upload never holds more than 8 MiB.
	Memory int64

	// Journal returns the number of the last durable change of the store that names the
	// blobs, or is nil without one. It is called for each commit.
	Journal func() uint64

	// OneHead opens a store that may have lost what was committed last, see boltfile.
	OneHead bool

	// Logger is told of faults, and of the progress of opening a large file.
	Logger *slog.Logger

	hooks boltfile.Hooks // set by tests
}

// Store is an open store. It is safe for concurrent use.
type Store struct {
	options Options
	log     *slog.Logger
	file    *boltfile.File
	commits atomic.Uint64 // how many there were

	memory   *semaphore.Weighted // of chunks that uploads hold
	starving atomic.Int32        // how many writers wait for it
	chunks   sync.Pool           // of *chunk

	stopping chan struct{}  // closed when nothing more is committed
	stopped  chan struct{}  // closed when the committer has ended
	hashers  sync.WaitGroup // goroutines that hash what uploads have made durable
	close    sync.Once

	mu     sync.Mutex
	closed bool
	busy   map[forum.BlobID]*upload // being written; nil while being removed
	queue  []*upload                // those with something to commit, in the order they asked
	gone   []forum.BlobID           // removed, and not freed yet
	wake   chan struct{}            // holds a token when the committer should look

	writing sync.Mutex // held for a transaction that writes
	advised mapping    // the one the system was last told about
}

var _ forum.Blobs = (*Store)(nil)

// File returns the file that the store is in, to be checked.
func (s *Store) File() *boltfile.File { return s.file }

// Close stops all uploads, whose methods then answer Stopping, waits for the commit that
// is under way and for readers, and closes the file. It may be called again.
func (s *Store) Close() (err error) {
	s.close.Do(func() {
		close(s.stopping)
		<-s.stopped
		s.mu.Lock()
		s.closed = true
		s.mu.Unlock()
		for _, u := range s.uploads() {
			u.stop()
		}
		s.hashers.Wait()
		err = s.file.Close()
	})
	return err
}

func (s *Store) uploads() []*upload {
	s.mu.Lock()
	defer s.mu.Unlock()
	uploads := make([]*upload, 0, len(s.busy))
	for _, u := range s.busy {
		if u != nil {
			uploads = append(uploads, u)
		}
	}
	return uploads
}

// claim makes the blob of u busy: being written by it. Errors: Conflict when it is busy
// already; Stopping.
func (s *Store) claim(u *upload) error {
	_, err := s.occupy(u)
	return err
}

// occupy is claim that also returns the upload that has the blob, nil while it is being
// removed.
func (s *Store) occupy(u *upload) (holder *upload, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, boltfile.StoppingError()
	}
	if holder, busy := s.busy[u.id]; busy {
		return holder, errUploading()
	}
	s.busy[u.id] = u
	return nil, nil
}

// takeOver is claim that ends an upload that has the blob.
func (s *Store) takeOver(u *upload) error {
	for {
		holder, err := s.occupy(u)
		if holder == nil {
			return err
		}
		if err := holder.close(errTakenOver()); forum.KindOf(err) == forum.Unavailable {
			return err // less was kept than the new writer may count on
		}
	}
}

func (s *Store) release(id forum.BlobID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.busy, id)
}
