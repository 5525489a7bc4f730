package boltfile

import (
	"errors"

	bbolterrors "go.etcd.io/bbolt/errors"
)

// Commit makes a transaction durable, or undoes it. Errors: Unavailable if the disk is full or
// has failed, or if the file is not at its place, where the next start will look for it;
// Internal if a page cannot be read.
func (f *File) Commit(tx *Tx) error {
	id := tx.Bolt.ID()
	err := Contain(func() error { return f.options.Hooks.Commit(tx) })
	if err == nil {
		f.last = id
		return f.inPlace(" a moment ago, and what you just did may be lost")
	}
	// bbolt has rolled back already, unless it panicked; a second rollback does no harm.
	var crash *Crash
	if errors.As(Contain(tx.Rollback), &crash) {
		f.stuck.Store(true)
	}
	return f.commitFailed(id, err)
}

// commitFailed decides whether the file stays usable after a failed commit. It does if the disk
// was full, or a page could not be read, before the page was written that makes the commit
// count: until then only free pages have been written. After any other failure the file on the
// disk may differ from the pages in memory, so no further commit may build on it.
func (f *File) commitFailed(id int, err error) error {
	var crash *Crash
	switch {
	case f.stuck.Load():
	case errors.Is(err, bbolterrors.ErrMaxSizeReached):
		return f.FullError(err)
	case isFull(err) && !f.committed(id):
		f.log.Error("the disk is full; a commit was undone", "file", f.path, "error", err)
		return f.FullError(err)
	case errors.As(err, &crash) && crash.unreadable() && !f.committed(id):
		f.log.Error("a page cannot be read; a commit was undone", "file", f.path, "error", err)
		return err
	}
	f.broken.Store(true)
	f.log.Error("a commit failed; nothing more is stored until the next start", "file", f.path, "error", err)
	return f.brokenError(err)
}

// committed reports whether readers see the commit of the transaction id.
func (f *File) committed(id int) bool {
	tx, err := f.Bolt.Begin(false)
	if err != nil {
		return true
	}
	defer func() { _ = tx.Rollback() }()
	return tx.ID() >= id
}
