// Package boltfile opens a bbolt file on a disk that can fail, and commits to it.
//
// It knows that a file is locked, has a schema with a version, may be damaged, and sits
// on a disk that can be full, slow to read or broken; and it has one sentence for each
// of these that says what to do. It knows nothing of the rows in the file.
//
// A page that the disk cannot deliver is a fault of memory to a program that has the
// file mapped, and ends the process. Here it fails the one that met it, except where
// bbolt reads on its own: the two pages at the beginning of the file, which each
// transaction begins with, and all pages after a commit whose writing failed.
package boltfile

import (
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"sync/atomic"

	"go.etcd.io/bbolt"
)

// Options say what kind of file it is and how to treat it.
type Options struct {
	// Migrations bring a file from one schema version to the next. The version of a
	// file is how many of them it has seen, so a migration that was released is never
	// changed.
	Migrations []func(*bbolt.Tx) error

	// Bucket is one that every file of this kind has, and no file of another.
	Bucket string

	// Refused is what cannot be stored when the disk is full or has failed, as sentences
	// put it: "nothing more".
	Refused string

	// MakeDir says that the file's directory is made when there is none.
	MakeDir bool

	// ReadAhead says that a large file is read once from front to back when it is
	// opened. What follows reads every page too, but in the order of the tree, which is
	// several times slower from a disk.
	ReadAhead bool

	// Logger is told of faults, and of the progress of opening a large file.
	Logger *slog.Logger

	Hooks Hooks
}

// Hooks stand between a File and the system in tests. The zero Hooks do nothing.
type Hooks struct {
	OpenFile func(name string, flag int, perm os.FileMode) (*os.File, error)
	Commit   func(*bbolt.Tx) error
	MapSizes []int // to try, the largest first
}

// File is an open file. View may be called from many goroutines; the transactions that
// write, those of Begin and Check, wait for each other.
type File struct {
	// Bolt is for what only bbolt knows, such as sizes and counts.
	Bolt *bbolt.DB
	// Mapped is how many bytes the file was mapped with at first.
	Mapped int

	options Options
	log     *slog.Logger
	path    string
	broken  atomic.Bool // a commit failed in a way that leaves the file unknown
}

// View runs fn on the state of the last commit. Errors: those of fn; Stopping when the
// file is closed; Internal when a page cannot be read. Other panics of fn pass.
func (f *File) View(fn func(*bbolt.Tx) error) error {
	return f.unusable(f.Bolt.View(func(tx *bbolt.Tx) error {
		return readable(func() error { return fn(tx) })
	}))
}

// Begin begins a transaction that writes. Errors: Unavailable when a commit has failed
// before; Stopping when the file is closed.
func (f *File) Begin() (*bbolt.Tx, error) {
	if f.broken.Load() {
		return nil, f.brokenError(nil)
	}
	tx, err := f.Bolt.Begin(true)
	return tx, f.unusable(err)
}

// Close waits for transactions to end and closes the file.
func (f *File) Close() error { return f.Bolt.Close() }

// Free returns how many bytes a process without privileges may still write to the disk;
// where it cannot be told, as many as there can be.
func (f *File) Free() int64 {
	dir := filepath.Dir(f.path)
	free, err := freeBytes(dir)
	if err != nil {
		f.log.Warn("cannot tell how much of the disk is free", "dir", dir, "error", err)
		return math.MaxInt64
	}
	return free
}
