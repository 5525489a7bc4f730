package blobs

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
	"golang.org/x/sync/semaphore"

	"sshforum/forum"
)

// lockTimeout is how long Open waits for a process that is just closing the file.
const lockTimeout = time.Second

// Open opens the store in dir, which must exist, and makes its file with mode 0600 when
// there is none. A file of an older schema is brought up to date.
//
// Errors: Conflict, with ErrLocked in its chain, when another process has the store
// open; Unavailable when the file cannot be used, such as one written by a newer
// program.
func Open(dir string, o Options) (*Store, error) {
	path := filepath.Join(dir, FileName)
	o = o.withDefaults()
	var bolt *bbolt.DB
	var mapped int
	err := contain(func() (err error) {
		bolt, mapped, err = openFile(path, o)
		return err
	})
	if err != nil {
		return nil, openError(path, err)
	}
	s := &Store{
		options: o, log: o.Logger, dir: dir, bolt: bolt,
		memory:   semaphore.NewWeighted(max(1, o.Memory/chunkSize)),
		stopping: make(chan struct{}), stopped: make(chan struct{}),
		busy: make(map[forum.BlobID]*upload), wake: make(chan struct{}, 1),
		mapped: mapped,
	}
	s.chunks.New = func() any { return &chunk{data: make([]byte, 0, chunkSize)} }
	go s.commitAll()
	return s, nil
}

func (o Options) withDefaults() Options {
	if o.MaxSize <= 0 || o.MaxSize > maxSize {
		o.MaxSize = maxSize
	}
	if o.Memory <= 0 {
		o.Memory = defaultMemory
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.commit == nil {
		o.commit = (*bbolt.Tx).Commit
	}
	if o.mapSizes == nil {
		o.mapSizes = mapSizes()
	}
	return o
}

func openFile(path string, o Options) (*bbolt.DB, int, error) {
	if err := inspect(path, o.Logger); err != nil {
		return nil, 0, err
	}
	bolt, mapped, err := openMapped(path, o)
	if err != nil {
		return nil, 0, err
	}
	if err := errors.Join(migrate(bolt), syncDir(filepath.Dir(path))); err != nil {
		return nil, 0, errors.Join(err, bolt.Close())
	}
	return bolt, mapped, nil
}

// inspect looks for what is wrong with a file before anything is changed in it.
func inspect(path string, log *slog.Logger) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	bolt, err := bbolt.Open(path, 0, &bbolt.Options{ReadOnly: true, Timeout: lockTimeout})
	if err != nil {
		return err
	}
	defer bolt.Close()
	return bolt.View(func(tx *bbolt.Tx) error {
		if tx.Size() > info.Size() {
			return errTruncated
		}
		if _, err := schema(tx); err != nil {
			return err
		}
		shown := progress{log: log, path: path, total: tx.Size(), at: time.Now()}
		return walk(tx, shown.add)
	})
}

// walk meets every page but those inside chunks, so that a damaged one is found here:
// bbolt would meet it in a goroutine of its own, whose panic ends the process. met is
// told the bytes of each key and value.
func walk(tx *bbolt.Tx, met func(bytes int)) error {
	return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error {
		var last []byte
		return b.ForEach(func(k, v []byte) error {
			if bytes.Compare(last, k) > 0 {
				return bbolterrors.ErrInvalid
			}
			last = k
			met(len(k) + len(v))
			return nil
		})
	})
}

// progress tells the log, once a second, how far the opening of a large file is.
type progress struct {
	log   *slog.Logger
	path  string
	total int64
	met   int64
	at    time.Time // of the last line
}

func (p *progress) add(bytes int) {
	p.met += int64(bytes)
	if time.Since(p.at) > time.Second {
		p.at = time.Now()
		p.log.Info("opening the store of files", "file", p.path, "percent", 100*p.met/p.total)
	}
}

// openMapped opens the file with as much room to grow as the system grants: a file that
// outgrows its mapping can only be mapped again when no one reads. It returns that room.
func openMapped(path string, o Options) (bolt *bbolt.DB, size int, err error) {
	for _, size = range o.mapSizes {
		bolt, err = bbolt.Open(path, 0o600, &bbolt.Options{
			Timeout:         lockTimeout,
			InitialMmapSize: size,
			OpenFile:        o.openFile,
			// Without both, commits get slower with every page that was freed.
			FreelistType:   bbolt.FreelistMapType,
			NoFreelistSync: true,
		})
		if !errors.Is(err, syscall.ENOMEM) {
			break
		}
	}
	return bolt, size, err
}
