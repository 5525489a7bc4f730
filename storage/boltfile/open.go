package boltfile

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
)

// lockTimeout is how long Open waits for a process that is just closing the file.
const lockTimeout = time.Second

// Open opens the file at path, and makes it with mode 0600 when there is none. A file of
// an older schema is brought up to date.
//
// Errors: Conflict, with ErrLocked in its chain, when another process has the file open;
// Unavailable when it cannot be used, such as one written by a newer program.
func Open(path string, o Options) (*File, error) {
	f := &File{path: path, options: o.withDefaults()}
	f.log = f.options.Logger
	if err := Contain(f.open); err != nil {
		return nil, openError(path, err)
	}
	return f, nil
}

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Hooks.Commit == nil {
		o.Hooks.Commit = (*bbolt.Tx).Commit
	}
	if o.Hooks.MapSizes == nil {
		o.Hooks.MapSizes = mapSizes()
	}
	return o
}

func (f *File) open() error {
	dir := filepath.Dir(f.path)
	if f.options.MakeDir {
		if err := makeDir(dir); err != nil {
			return err
		}
	}
	if err := f.inspect(); err != nil {
		return err
	}
	if err := f.openMapped(); err != nil {
		return err
	}
	if err := errors.Join(f.migrate(), syncDir(dir)); err != nil {
		return errors.Join(err, f.Bolt.Close())
	}
	return nil
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

// inspect looks for what is wrong with the file before anything is changed in it.
func (f *File) inspect() error {
	info, err := os.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	bolt, err := bbolt.Open(f.path, 0, &bbolt.Options{ReadOnly: true, Timeout: lockTimeout})
	if err != nil {
		return err
	}
	defer bolt.Close()
	return bolt.View(func(tx *bbolt.Tx) error {
		if tx.Size() > info.Size() {
			return errTruncated
		}
		if _, err := f.options.schema(tx); err != nil {
			return err
		}
		met := progress{log: f.log, path: f.path, total: info.Size(), shown: time.Now()}
		if f.options.ReadAhead {
			readAhead(met)
			return walk(tx, func(int) {})
		}
		return walk(tx, met.add)
	})
}

// openMapped opens the file with as much room to grow as the system grants: a file that
// outgrows its mapping can only be mapped again when no one reads, and a commit would
// wait.
func (f *File) openMapped() (err error) {
	for _, f.Mapped = range f.options.Hooks.MapSizes {
		f.Bolt, err = bbolt.Open(f.path, 0o600, &bbolt.Options{
			Timeout:         lockTimeout,
			InitialMmapSize: f.Mapped,
			OpenFile:        f.options.Hooks.OpenFile,
			// Without both, commits get slower with every page that was freed.
			FreelistType:   bbolt.FreelistMapType,
			NoFreelistSync: true,
		})
		if !errors.Is(err, syscall.ENOMEM) {
			break
		}
	}
	return err
}
