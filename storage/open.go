package storage

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

// lockTimeout is how long Open waits for a process that is just closing the file.
const lockTimeout = time.Second

// slowToOpen is the size from which opening a file that is not in memory is felt. All
// of it is read to find the free pages.
const slowToOpen = 64 << 20

// Open opens the store in dir, and makes both when they do not exist: dir with mode
// 0700, the file with 0600. A file of an older schema is brought up to date.
//
// Errors: Conflict, with ErrLocked in its chain, when another process has the store
// open; Unavailable when dir cannot be written or the file cannot be used, such as one
// written by a newer program.
func Open(dir string, o Options) (*DB, error) {
	path := filepath.Join(dir, FileName)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.commit == nil {
		o.commit = (*bbolt.Tx).Commit
	}
	if o.mapSizes == nil {
		o.mapSizes = mapSizes()
	}
	var bolt *bbolt.DB
	err := contain(func() (err error) {
		bolt, err = openFile(path, o)
		return err
	})
	if err != nil {
		return nil, openError(path, err)
	}
	db := &DB{
		options: o, log: o.Logger, dir: dir, bolt: bolt,
		queue: make(chan *submission), stopping: make(chan struct{}), stopped: make(chan struct{}),
	}
	go db.write()
	return db, nil
}

func openFile(path string, o Options) (*bbolt.DB, error) {
	dir := filepath.Dir(path)
	if err := makeDir(dir); err != nil {
		return nil, err
	}
	if err := inspect(path, o.Logger); err != nil {
		return nil, err
	}
	bolt, err := openMapped(path, o)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(migrate(bolt), syncDir(dir)); err != nil {
		return nil, errors.Join(err, bolt.Close())
	}
	return bolt, nil
}

// makeDir is os.MkdirAll that makes the new names durable.
func makeDir(dir string) error {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	parent := filepath.Dir(dir)
	if err := makeDir(parent); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(parent)
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
	err = bolt.View(func(tx *bbolt.Tx) error {
		if tx.Size() > info.Size() {
			return errTruncated
		}
		if _, err := schema(tx); err != nil {
			return err
		}
		if info.Size() >= slowToOpen {
			readAhead(path, info.Size(), log)
		}
		return walk(tx)
	})
	return errors.Join(err, bolt.Close())
}

// readAhead reads a large file once from front to back. What follows reads every page
// too, but in the order of the tree, which is several times slower from a disk.
func readAhead(path string, size int64, log *slog.Logger) {
	f, err := os.Open(path)
	if err != nil {
		return
	}
	defer f.Close()
	log.Info("opening the store", "file", path, "bytes", size)
	shown := time.Now()
	for read := int64(0); err == nil; {
		var n int64
		n, err = io.CopyN(io.Discard, f, slowToOpen)
		read += n
		if time.Since(shown) > time.Second {
			shown = time.Now()
			log.Info("opening the store", "file", path, "percent", 100*read/size)
		}
	}
}

// walk meets every page, so that a damaged one is found here: bbolt would meet it in a
// goroutine of its own, whose panic ends the process.
func walk(tx *bbolt.Tx) error {
	return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error {
		var last []byte
		return b.ForEach(func(k, _ []byte) error {
			if bytes.Compare(last, k) > 0 {
				return bbolterrors.ErrInvalid
			}
			last = k
			return nil
		})
	})
}

// openMapped opens the file with as much room to grow as the system grants: a file that
// outgrows its mapping can only be mapped again when no one reads, and a post would wait.
func openMapped(path string, o Options) (bolt *bbolt.DB, err error) {
	for _, size := range o.mapSizes {
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
	return bolt, err
}
