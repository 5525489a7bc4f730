package boltfile

import (
	"errors"

	bbolterrors "go.etcd.io/bbolt/errors"
)

// Commit makes a transaction durable, or ends it without a trace. Errors: Unavailable
// when the disk is full or has failed, or the file is not at its place, where the next
// start will look for what was committed; Internal when a page cannot be read.
func (f *File) Commit(tx *Tx) error {
	id := tx.Bolt.ID()
	err := Contain(func() error { return f.options.Hooks.Commit(tx) })
	if err == nil {
		f.last = id
		return f.inPlace(" since a moment ago, and what you just did may be lost")
	}
	// bbolt has done it, unless it panicked, and then it can again.
	var crash *Crash
	if errors.As(Contain(tx.Rollback), &crash) {
		f.stuck.Store(true)
	}
	return f.commitFailed(id, err)
}

// commitFailed decides whether the file can be used on after a failed commit. It can
// when the disk was full, or a page could not be read, before the page was written that
// makes the commit count: all pages written until then are free ones. After any other
// failure the file on the disk may differ from what was read back from memory, so
// nothing may be built on it.
func (f *File) commitFailed(id int, err error) error {
	var crash *Crash
	switch {
	case f.stuck.Load():
	case errors.Is(err, bbolterrors.ErrMaxSizeReached):
		return f.FullError(err)
	case isFull(err) && !f.shows(id):
		f.log.Error("the disk is full; a commit was undone", "file", f.path, "error", err)
		return f.FullError(err)
	case errors.As(err, &crash) && crash.unreadable() && !f.shows(id):
		f.log.Error("a page cannot be read; a commit was undone", "file", f.path, "error", err)
		return err
	}
	f.broken.Store(true)
	f.log.Error("a commit failed; nothing more is stored until the next start", "file", f.path, "error", err)
	return f.brokenError(err)
}

// shows reports whether readers see the commit of the transaction id.
func (f *File) shows(id int) bool {
	tx, err := f.Bolt.Begin(false)
	if err != nil {
		return true
	}
	defer func() { _ = tx.Rollback() }()
	return tx.ID() >= id
}
