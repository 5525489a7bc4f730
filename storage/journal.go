package storage

import (
	"context"
	"time"

	"sshforum/forum"
	"sshforum/storage/boltfile"
)

// A batch is bounded so that later changes do not wait long for its commit. The last change may
// exceed maxBytes.
const (
	maxChanges = 1024
	maxBytes   = 4 << 20
)

// If the last commit took longer than slowCommit, the writer waits gatherPause before the next
// batch, so that the callers answered last can submit their next change. Without the pause, two
// groups of callers would take turns, each with commits of its own.
const (
	slowCommit  = 5 * time.Millisecond
	gatherPause = time.Millisecond
)

// submission is a change on its way through the writer.
type submission struct {
	change forum.Change
	faulty bool // its writes could not be undone separately; it is not applied again

	result any
	err    error
	done   chan struct{} // closed when result and err are set
}

// Submit implements forum.Journal. ctx counts until the writer takes the change: if ctx ends
// before, the change does not happen, and the error is Unavailable with ctx's error in its
// chain. After that the change is applied, and Submit waits for its commit.
//
// Changes are numbered in the order in which they are taken. A refused change gets no number.
// Submit must not be called from Apply, from a View or from Publish.
//
// Errors: those of Apply; Internal if Apply panicked or read a damaged row; Stopping;
// Unavailable if the disk is full or has failed, or if ctx ended.
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

// write is the loop of the writer.
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

// writeBatch makes a batch of first and all waiting changes, commits it, publishes its events
// and answers its callers, in this order.
func (db *DB) writeBatch(first *submission) {
	if db.lastCommit > slowCommit && db.lastBatch > 1 {
		time.Sleep(gatherPause)
	}
	b := &batch{db: db, submissions: []*submission{first}}
	err := db.checkSpace()
	if err == nil {
		err = b.run()
	}
	if err == nil && len(b.events) > 0 && db.options.Publish != nil {
		db.options.Publish(b.events)
	}
	for _, s := range b.submissions {
		if err != nil {
			s.result, s.err = nil, err
		}
		close(s.done)
	}
}

// checkSpace returns an error if the disk has less than Options.MinFree bytes free.
func (db *DB) checkSpace() error {
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
