// Package blobs keeps the contents of files in one bbolt file, files.db, in chunks of almost 64
// KiB. It takes the bytes of a content in any order, keeps a few megabytes of it in memory, and
// knows at every moment how much of it is durable.
//
// It knows the form of chunks in the file, and how to stay consistent if the process, the disk
// or an upload fails. It knows neither names, owners nor quotas: package forum/rules decides
// which blobs are needed.
//
// One goroutine, the committer, writes for all uploads in turn and frees removed blobs; Close
// ends it. Readers run beside it and hold nothing between calls.
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
	// chunkSize is how many bytes of content a value has. It is 64 bytes less than 64 KiB, for
	// headers and checksums, so that two values fill whole pages.
	chunkSize = 64<<10 - 64

	// batchChunks is the maximum number of chunks that a transaction writes, and that an upload
	// keeps in memory for the next one.
	batchChunks = 64

	// defaultMemory is Options.Memory if that is 0.
	defaultMemory = 64 << 20

	// maxSize is the upper bound of Options.MaxSize: 1 TiB.
	maxSize = 1 << 40
)

// Options are the settings of a store. The zero Options are usable.
type Options struct {
	// MaxSize is how many bytes a blob may have; 0 is 1 TiB, which is also the maximum.
	MaxSize int64

	// MinFree is how many bytes must be free on the disk for the file to grow. With less,
	// uploads get only the space of removed blobs.
	MinFree int64

	// Memory is how many bytes of content all uploads together may hold in memory; 0 is 64 MiB.
	// One upload never holds more than 8 MiB.
	Memory int64

	// Journal returns the number of the last durable change of the store that names the blobs;
	// it is nil if there is no such store. It is called for each commit.
	Journal func() uint64

	// OneHead opens a store even if it may have lost the last commit, see boltfile.Options.
	OneHead bool

	// Logger gets faults, and the progress of opening a large file.
	Logger *slog.Logger

	hooks boltfile.Hooks // for tests
}

// Store is an open store. It is safe for concurrent use.
type Store struct {
	options Options
	log     *slog.Logger
	file    *boltfile.File
	commits atomic.Uint64 // number of the last commit

	memory   *semaphore.Weighted // one unit for each chunk that uploads hold
	starving atomic.Int32        // number of writers that wait for memory
	chunks   sync.Pool           // of *chunk

	stopping chan struct{}  // closed when there are no more commits
	stopped  chan struct{}  // closed when the committer has ended
	hashers  sync.WaitGroup // goroutines that hash the durable parts of uploads
	close    sync.Once

	mu      sync.Mutex
	closed  bool
	busy    map[forum.BlobID]*upload // the upload that writes the blob; nil while it is being removed
	queue   []*upload                // uploads that have asked for a commit, in the order of asking
	unfreed []forum.BlobID           // blobs that are removed and not freed yet
	wake    chan struct{}            // holds a token if the committer has work

	writing sync.Mutex // held during a transaction that writes
	advised mapping    // the last one given to madvise
}

var _ forum.Blobs = (*Store)(nil)

// File returns the file of the store, for checks.
func (s *Store) File() *boltfile.File { return s.file }

// Close stops all uploads, whose methods then return Stopping, waits for the current commit and
// for readers, and closes the file. It may be called again.
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

// claim makes the blob of u busy with u. Errors: Conflict if it is busy already; Stopping.
func (s *Store) claim(u *upload) error {
	_, err := s.tryClaim(u)
	return err
}

// tryClaim is claim that also returns the upload that holds the blob. holder is nil if the blob
// is being removed.
func (s *Store) tryClaim(u *upload) (holder *upload, err error) {
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

// takeOver is claim that ends another upload that holds the blob.
func (s *Store) takeOver(u *upload) error {
	for {
		holder, err := s.tryClaim(u)
		if holder == nil {
			return err
		}
		if err := holder.close(errTakenOver()); forum.KindOf(err) == forum.Unavailable {
			return err // the new writer may rely on more than was kept
		}
	}
}

func (s *Store) release(id forum.BlobID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.busy, id)
}
