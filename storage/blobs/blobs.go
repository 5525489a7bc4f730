// Package blobs keeps the contents of files in one bbolt file, files.db, in chunks of
// almost 64 KiB. It takes a content in any order, a few megabytes in memory at a time,
// and knows at every moment how much of it is durable.
//
// It knows how chunks lie in the file and how to stay whole when the process, the disk
// or an upload fails. It knows neither names, owners nor quotas: which blobs are wanted
// is decided in package forum.
//
// One goroutine, the committer, writes for all uploads in turn; Close ends it. Readers
// run beside it and hold nothing between calls.
package blobs

import (
	"log/slog"
	"os"
	"sync"
	"sync/atomic"

	"go.etcd.io/bbolt"
	"golang.org/x/sync/semaphore"

	"sshforum/forum"
)

// FileName is the name of the store's file in its directory.
const FileName = "files.db"

const (
	// chunkSize is how many bytes of content a value has. The 64 bytes it lacks leave
	// room for the headers, so that two values fill whole pages.
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

	// Logger is told of faults, and of the progress of opening a large file.
	Logger *slog.Logger

	// Set by tests.
	commit   func(*bbolt.Tx) error
	openFile func(string, int, os.FileMode) (*os.File, error)
	mapSizes []int
}

// Store is an open store. It is safe for concurrent use.
type Store struct {
	options Options
	log     *slog.Logger
	dir     string
	bolt    *bbolt.DB

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
	wake   chan struct{}            // holds a token when the committer should look

	writing sync.Mutex // held for a transaction that writes
	broken  bool       // a commit failed in a way that leaves the file unknown
	mapped  int        // bytes the file was mapped with at first
	advised mapping    // the one the system was last told about
}

var _ forum.Blobs = (*Store)(nil)

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
		err = s.bolt.Close()
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

// claim makes id busy: being written by u, or being removed when that is nil. Errors:
// Conflict when it is busy already; Stopping.
func (s *Store) claim(id forum.BlobID, u *upload) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errStopping()
	}
	if _, busy := s.busy[id]; busy {
		return errUploading()
	}
	s.busy[id] = u
	return nil
}

func (s *Store) release(ids ...forum.BlobID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		delete(s.busy, id)
	}
}
