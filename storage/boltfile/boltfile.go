// Package boltfile opens a bbolt file on a disk that can fail, and commits to it.
//
// It knows that a file is locked, has a schema with a version, may be damaged, moved or
// replaced, and sits on a disk that can be full, slow to read or broken; and it has one
// sentence for each of these that says what to do. It knows nothing of the rows in the
// file.
//
// A page that the disk cannot deliver is a fault of memory to a program that has the
// file mapped, and ends the process. Here it fails the one that met it, except where
// bbolt reads on its own: the two pages at the beginning of the file, which each
// transaction begins with, and all pages after a commit whose writing failed.
package boltfile

import (
	"errors"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
)

// Options say what kind of file it is and how to treat it.
type Options struct {
	// Migrations bring a file from one schema version to the next. The version of a
	// file is how many of them it has seen, so a migration that was released is never
	// changed.
	Migrations []func(*Tx) error

	// Bucket is one that every file of this kind has, and no file of another; Buckets are
	// all that one of the last version has beside MetaBucket.
	Bucket  string
	Buckets []string

	// Refused is what cannot be stored when the disk is full or has failed, as sentences
	// put it: "nothing more".
	Refused string

	// ReadAhead says that a large file is read once from front to back when it is
	// inspected. What follows reads every page too, but in the order of the tree, which
	// is several times slower from a disk.
	ReadAhead bool

	// OneHead says that a file is opened although one of its two heads is damaged: what
	// was committed last may be missing then. The next commit mends it.
	OneHead bool

	// Logger is told of faults, and of the progress of opening a large file.
	Logger *slog.Logger

	Hooks Hooks
}

// Hooks stand between a File and the system in tests. The zero Hooks do nothing.
type Hooks struct {
	OpenFile func(name string, flag int, perm os.FileMode) (*os.File, error)
	Commit   func(*Tx) error
	MapSizes []int // to try, the largest first
}

// File is an open file. View may be called from many goroutines; the transactions that
// write, those of Begin and Check, wait for each other.
type File struct {
	// Bolt is for what only bbolt knows, such as sizes and counts.
	Bolt *bbolt.DB
	// Mapped is how many bytes the file was mapped with at first.
	Mapped int

	options  Options
	log      *slog.Logger
	path     string
	lostHead error       // what is damaged where Options.OneHead passes it by
	file     *os.File    // bbolt's
	info     os.FileInfo // of file
	broken   atomic.Bool // a commit failed in a way that leaves the file unknown
	stuck    atomic.Bool // its transaction does not end
	damages  damages

	// Whoever has a transaction that writes has these.
	last   int       // number of the last commit
	away   bool      // path does not lead to the file
	warned time.Time // when the log was last told so
}

// LostHead reports, as DamagedError does, what is damaged where Options.OneHead passes it
// by.
func (f *File) LostHead() error {
	if f.lostHead == nil {
		return nil
	}
	return DamagedError(f.path, f.lostHead)
}

// View runs fn on the state of the last commit. Errors: those of fn; Stopping when the
// file is closed; Internal when a page cannot be read. Other panics of fn pass.
func (f *File) View(fn func(*Tx) error) error {
	return f.unusable(f.Bolt.View(func(tx *bbolt.Tx) error {
		return readable(func() error { return fn(f.tx(tx)) })
	}))
}

// Size returns how many bytes are in use or free within the file. What it has beyond, it
// was given to grow into. Errors: those of View.
func (f *File) Size() (size int64, err error) {
	err = f.View(func(tx *Tx) error {
		size = tx.Bolt.Size()
		return nil
	})
	return size, err
}

func (f *File) tx(bolt *bbolt.Tx) *Tx { return &Tx{Bolt: bolt, file: f} }

// Begin begins a transaction that writes. Errors: Unavailable when a commit has failed
// before, or the file is not at its place; Stopping when the file is closed.
func (f *File) Begin() (*Tx, error) {
	if f.broken.Load() {
		return nil, f.brokenError(nil)
	}
	tx, err := f.Bolt.Begin(true)
	if err != nil {
		return nil, f.unusable(err)
	}
	if err := f.mayWrite(tx.ID()); err != nil {
		return nil, errors.Join(err, tx.Rollback())
	}
	return f.tx(tx), nil
}

// Close waits for transactions to end and closes the file. Where one does not end, bbolt
// would wait for ever, and what it has stays in memory.
func (f *File) Close() error {
	if f.stuck.Load() {
		return f.file.Close()
	}
	return f.Bolt.Close()
}

// Free returns how many bytes a process without privileges may still write to the disk;
// where it cannot be told, as many as there can be.
func (f *File) Free() int64 {
	dir := filepath.Dir(f.path)
	free, err := freeBytes(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return math.MaxInt64 // who commits is told that the file is not there
	}
	if err != nil {
		f.log.Warn("cannot tell how much of the disk is free", "dir", dir, "error", err)
		return math.MaxInt64
	}
	return free
}
