// Package storage keeps the forum in one bbolt file, forum.db. It puts changes in one
// order, commits those that arrive together at once, and hands their events on after
// the commit.
//
// It knows how rows and look-ups lie in the file, and how to stay whole when the
// process, the disk or a change fails. It knows no rule of the forum: what a change
// may do is decided in package forum, by the change.
//
// One goroutine, the writer, makes every change; Close ends it. Readers run beside it
// on the state of the last commit.
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
	// Publish is given the events of each commit, in journal order, by the writer,
	// before the changes that made them are answered. It must not block nor submit a
	// change. It may keep the slice.
	Publish func([]forum.Event)

	// EventsKept says how many of the last numbers keep their event; 0 keeps all.
	EventsKept uint64

	// MinFree is how many bytes must be free on the disk for a change to be taken.
	MinFree int64

	// Free returns how many bytes are free; nil asks the disk.
	Free func() int64

	// Contents returns the number of the last durable commit of the store that has the
	// contents of files, or is nil without one. It is called by the writer, for each
	// commit.
	Contents func() uint64

	// OneHead opens a store that may have lost what was committed last, see boltfile.
	OneHead bool

	// Logger is told of faults, and of the progress of opening a large file.
	Logger *slog.Logger

	hooks boltfile.Hooks // set by tests
	index indexOptions   // too
}

// DB is an open store. It is safe for concurrent use.
type DB struct {
	options Options
	log     *slog.Logger
	dir     string
	file    *boltfile.File

	durable atomic.Uint64 // number of the last change that is

	queue    chan *submission // unbuffered: what the writer received is taken
	stopping chan struct{}    // closed when nothing more is taken
	stopped  chan struct{}    // closed when the writer has ended
	closing  sync.Once

	// The writer's own.
	full       bool          // the last batch found too little space
	lastCommit time.Duration // how long the last commit took
	lastBatch  int           // how many changes were in it
}

// View runs fn on the state of the last commit. While it runs, the space of everything
// that changes is not used again, and a Submit or another View inside it can deadlock:
// it must be as short as forum.Store asks. Errors: those of fn; Stopping when the store
// is closed; Internal when a row cannot be read, whatever fn made of it.
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

// File returns the file that the store is in, to be checked.
func (db *DB) File() *boltfile.File { return db.file }

// Close takes no more changes, finishes those taken, waits for Views to end, and closes
// the file. It may be called again.
func (db *DB) Close() (err error) {
	db.closing.Do(func() {
		close(db.stopping)
		<-db.stopped
		err = db.file.Close()
	})
	return err
}
