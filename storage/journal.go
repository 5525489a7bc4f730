package storage

import (
	"context"
	"time"

	"sshforum/forum"
	"sshforum/storage/boltfile"
)

// A batch is bounded so that those who come later do not wait long for its commit. The
// last change may exceed the bytes.
const (
	maxChanges = 1024
	maxBytes   = 4 << 20
)

// On a disk that takes longer than slowCommit, those who were answered last need
// gatherPause to come back with their next change; without it two groups of callers
// would take turns, each with commits of its own.
const (
	slowCommit  = 5 * time.Millisecond
	gatherPause = time.Millisecond
)

// submission is a change on its way through the writer.
type submission struct {
	change forum.Change
	faulty bool // what it did could not be undone alone; it runs no more

	result any
	err    error
	done   chan struct{} // closed when result and err are set
}

// Submit implements forum.Journal. ctx counts until the writer takes the change: if it
// ends before, the change does not happen and the error is Unavailable, with ctx's in
// its chain. A change that was taken happens, and Submit waits for its commit.
//
// Changes are numbered as they are taken. A refused change gets no number. Submit must
// not be called from Apply, from a View or from Publish.
//
// Errors: those of Apply; Internal when Apply panicked or met a row that cannot be read;
// Stopping; Unavailable when the disk is full or has failed, or ctx ended.
func (db *DB) Submit(ctx context.Context, c forum.Change) (any, error) {
	if err := ctx.Err(); err != nil {
		return nil, errBusy(err)
	}
	s := &submission{change: c, done: make(chan struct{})}
	select {
	case db.queue <- s:
	case <-ctx.Done():
		return nil, errBusy(ctx.Err())
	case <-db.stopping:
		return nil, boltfile.StoppingError()
	}
	<-s.done
	return s.result, s.err
}

// write is the writer.
func (db *DB) write() {
	defer close(db.stopped)
	for {
		select {
		case s := <-db.queue:
			db.writeBatch(s)
		case <-db.stopping:
			return
		}
	}
}

// writeBatch makes a batch of first and all changes that wait, commits it, publishes
// its events and answers its callers, in this order.
func (db *DB) writeBatch(first *submission) {
	if db.lastCommit > slowCommit && db.lastBatch > 1 {
		time.Sleep(gatherPause)
	}
	b := &batch{db: db, taken: []*submission{first}}
	err := db.ready()
	if err == nil {
		err = b.run()
	}
	if err == nil && len(b.events) > 0 && db.options.Publish != nil {
		db.options.Publish(b.events)
	}
	for _, s := range b.taken {
		if err != nil {
			s.result, s.err = nil, err
		}
		close(s.done)
	}
}

// ready reports why no batch can be begun.
func (db *DB) ready() error {
	if db.options.MinFree <= 0 {
		return nil
	}
	free := db.options.Free()
	if full := free < db.options.MinFree; full != db.full {
		db.full = full
		db.log.Warn("free space on the disk", "dir", db.dir, "bytes", free, "enough", !full)
	}
	if db.full {
		return db.file.FullError(nil)
	}
	return nil
}
