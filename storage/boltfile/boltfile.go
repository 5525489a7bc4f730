// Package boltfile opens a bbolt file on a disk that can fail, and commits to it.
//
// It knows that a file is locked, has a schema with a version, may be damaged, moved or
// replaced, and is on a disk that can be full, slow to read or broken. For each of these it has
// one sentence that tells the operator what to do. It knows nothing of the rows in the file.
//
// If the disk cannot deliver a page, a program that has the file mapped gets a memory fault,
// which ends the process. Here only the call that read the page fails, with two exceptions
// where bbolt itself reads: the two pages at the beginning of the file, with which each
// transaction begins, and all pages after a commit whose writing failed.
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

// Options describe the kind of a file, and how to open it.
type Options struct {
	// Migrations bring a file from one schema version to the next. The version of a file is the
	// number of migrations applied to it, so a released migration is never changed.
	Migrations []func(*Tx) error

	// Bucket is in every file of this kind and in no file of another kind. Buckets are all
	// buckets of the last version except MetaBucket.
	Bucket  string
	Buckets []string

	// Refused names the thing that cannot be stored if the disk is full or has failed, as the
	// subject of a sentence: "nothing more".
	Refused string

	// ReadAhead makes Inspect read a large file once from front to back. The checks after that
	// read every page too, but in the order of the tree, which is several times slower from a
	// disk.
	ReadAhead bool

	// OneHead lets a file be opened although one of its two heads is damaged: the last commit
	// may be missing then. The next commit writes the damaged head anew.
	OneHead bool

	// Logger gets faults, and the progress of opening a large file.
	Logger *slog.Logger

	Hooks Hooks
}

// Hooks stand between a File and the system in tests. The zero Hooks do nothing.
type Hooks struct {
	OpenFile func(name string, flag int, perm os.FileMode) (*os.File, error)
	Commit   func(*Tx) error
	MapSizes []int // sizes of the mapping to try, the largest first
}

// File is an open file. View may be called from many goroutines. Transactions that write (of
// Begin) wait for each other.
type File struct {
	// Bolt gives access to data that only bbolt has, such as sizes and counts.
	Bolt *bbolt.DB
	// Mapped is the initial size of the file's mapping, in bytes.
	Mapped int

	options  Options
	log      *slog.Logger
	path     string
	lostHead error       // the damage that Options.OneHead ignored
	file     *os.File    // bbolt's
	info     os.FileInfo // of file
	broken   atomic.Bool // a commit failed and left the file in an unknown state
	stuck    atomic.Bool // a transaction of it does not end
	damages  damages

	// Only the holder of the transaction that writes uses the following fields.
	last   int       // number of the last commit
	away   bool      // path does not lead to the file
	warned time.Time // time of the last log entry about away
}

// LostHead returns the damage that Options.OneHead ignored, as a DamagedError, or nil.
func (f *File) LostHead() error {
	if f.lostHead == nil {
		return nil
	}
	return DamagedError(f.path, f.lostHead)
}

// View runs fn on the state of the last commit. Errors: those of fn; Stopping if the file is
// closed; Internal if a page cannot be read. Other panics of fn pass.
func (f *File) View(fn func(*Tx) error) error {
	return f.unusable(f.Bolt.View(func(tx *bbolt.Tx) error {
		return containPageFaults(func() error { return fn(f.tx(tx)) })
	}))
}

// Size returns how many bytes are in use or free within the file. It does not count the space
// behind these, which the file got to grow into. Errors: those of View.
func (f *File) Size() (size int64, err error) {
	err = f.View(func(tx *Tx) error {
		size = tx.Bolt.Size()
		return nil
	})
	return size, err
}

func (f *File) tx(bolt *bbolt.Tx) *Tx { return &Tx{Bolt: bolt, file: f} }

// Begin begins a transaction that writes. Errors: Unavailable if a commit failed before, or if
// the file is not at its place; Stopping if the file is closed.
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

// Close waits for transactions to end and closes the file. If one does not end, bbolt would
// wait for ever; so Close closes only the descriptor then, and the rest stays in memory.
func (f *File) Close() error {
	if f.stuck.Load() {
		return f.file.Close()
	}
	return f.Bolt.Close()
}

// Free returns how many bytes a process without privileges may still write to the disk, or
// math.MaxInt64 if that is unknown.
func (f *File) Free() int64 {
	dir := filepath.Dir(f.path)
	free, err := freeBytes(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return math.MaxInt64 // the next commit returns the error for a missing file
	}
	if err != nil {
		f.log.Warn("cannot tell how much of the disk is free", "dir", dir, "error", err)
		return math.MaxInt64
	}
	return free
}
