// Package storage keeps the forum in one bbolt file, forum.db. It puts changes in one order,
// commits together those that arrive together, and publishes their events after the commit.
//
// It knows the form of rows and look-ups in the file, and how to stay consistent if the
// process, the disk or a change fails. It knows no rule of the forum: each change decides, in
// package forum/rules, what it may do.
//
// One goroutine, the writer, applies every change; Close ends it. Readers run beside it on the
// state of the last commit.
package storage

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"sshforum/forum"
	"sshforum/storage/boltfile"
)

// FileName is the name of the store's file in its directory.
const FileName = "forum.db"

// Options are the settings of a store. The zero Options are usable.
type Options struct {
	// Publish is given the events of each commit, in journal order, by the writer, before the
	// callers of Submit get their results. It must neither block nor submit a change. It may
	// keep the slice.
	Publish func([]forum.Event)

	// EventsKept is how many of the last numbers keep their event; 0 keeps all.
	EventsKept uint64

	// MinFree is how many bytes must be free on the disk for a change to be accepted.
	MinFree int64

	// Free returns how many bytes are free; if it is nil, the disk is asked.
	Free func() int64

	// Contents returns the number of the last durable commit of the store that has the contents
	// of files; it is nil if there is no such store. The writer calls it for each commit.
	Contents func() uint64

	// OneHead opens a store even if it may have lost the last commit, see boltfile.Options.
	OneHead bool

	// Logger gets faults, and the progress of opening a large file.
	Logger *slog.Logger

	hooks boltfile.Hooks // for tests
	index indexOptions   // for tests
}

// DB is an open store. It is safe for concurrent use.
type DB struct {
	options Options
	log     *slog.Logger
	dir     string
	file    *boltfile.File

	durable atomic.Uint64 // number of the last durable change

	queue    chan *submission // unbuffered, so a change that was sent is taken
	stopping chan struct{}    // closed when no more changes are taken
	stopped  chan struct{}    // closed when the writer has ended
	closing  sync.Once

	// Only the writer uses the following fields.
	full       bool          // the last batch found too little space
	lastCommit time.Duration // how long the last commit took
	lastBatch  int           // how many changes were in it
}

// View runs fn on the state of the last commit. While it runs, no freed space of the file is
// reused, and a Submit or another View inside it can deadlock: it must be as short as
// forum.Store asks. Errors: those of fn; Stopping if the store is closed; Internal if a row
// cannot be read, whatever fn returns.
func (db *DB) View(fn func(forum.Reader) error) error {
	return db.file.View(func(bolt *boltfile.Tx) error {
		r := &reader{bolt: bolt}
		err := fn(r)
		if r.fault != nil {
			return r.fault
		}
		return err
	})
}

// Durable returns the number of the last change that is durable.
func (db *DB) Durable() uint64 { return db.durable.Load() }

// File returns the file of the store, for checks.
func (db *DB) File() *boltfile.File { return db.file }

// Close accepts no more changes, finishes the accepted ones, waits for Views to end, and closes
// the file. It may be called again.
func (db *DB) Close() (err error) {
	db.closing.Do(func() {
		close(db.stopping)
		<-db.stopped
		err = db.file.Close()
	})
	return err
}
