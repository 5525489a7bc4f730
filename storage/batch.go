package storage

import (
	"errors"
	"time"

	"sshforum/forum"
	"sshforum/storage/boltfile"
)

// batch is a group of changes that share one commit.
type batch struct {
	db          *DB
	tx          *tx
	submissions []*submission
	applied     int // number of submissions whose change happened
	events      []forum.Event
}

// run applies the first change and those that next returns, and commits. An error of run is the
// result of all changes; without one, each change has a result of its own.
func (b *batch) run() error {
	if err := b.begin(); err != nil {
		return err
	}
	for s := b.submissions[0]; s != nil; s = b.next() {
		if b.apply(s) {
			continue
		}
		if err := b.restart(); err != nil {
			return err
		}
	}
	return b.commit()
}

// next takes a waiting change. It returns nil if none waits or the batch is full.
func (b *batch) next() *submission {
	if len(b.submissions) >= maxChanges || b.tx.bytes >= maxBytes {
		return nil
	}
	select {
	case s := <-b.db.queue:
		b.submissions = append(b.submissions, s)
		return s
	default:
		return nil
	}
}

func (b *batch) begin() error {
	t, err := begin(b.db.file)
	if err != nil {
		return err
	}
	t.index = b.db.options.index
	b.tx, b.applied, b.events = t, 0, nil
	return nil
}

// restart rolls back and begins a new transaction with the changes that are not faulty.
func (b *batch) restart() error {
	for {
		b.tx.rollback()
		if err := b.begin(); err != nil {
			return err
		}
		if b.applyAll() {
			return nil
		}
	}
}

func (b *batch) applyAll() bool {
	for _, s := range b.submissions {
		if !s.faulty && !b.apply(s) {
			return false
		}
	}
	return true
}

// apply runs one change and sets its result. It reports whether the transaction can be kept,
// because the change happened as a whole or was refused without having written anything.
func (b *batch) apply(s *submission) bool {
	t := b.tx
	seq, nanos, writes := t.seq, t.nanos, t.writes
	result, err := t.apply(s.change)
	var crash *boltfile.Crash
	switch {
	case t.fault != nil:
		return b.exclude(s, t.fault)
	case errors.As(err, &crash):
		return b.exclude(s, err)
	case err != nil && t.writes > writes:
		return b.exclude(s, err, "defect", "refused after it had written")
	case err != nil:
		t.seq, t.nanos = seq, nanos
		s.result, s.err = nil, err
		return true
	}
	b.applied++
	if t.event.Kind != "" {
		b.events = append(b.events, t.event)
	}
	s.result, s.err = result, nil
	return true
}

// exclude sets the error of a change that leaves the transaction unusable.
func (b *batch) exclude(s *submission, err error, attrs ...any) bool {
	s.result, s.err, s.faulty = nil, err, true
	attrs = append([]any{"kind", s.change.Kind(), "error", err}, attrs...)
	b.db.log.Error("a change failed and was undone", attrs...)
	return false
}

// apply gives a change its number and its time, applies it, and stores its event.
func (t *tx) apply(c forum.Change) (result any, err error) {
	err = boltfile.Contain(func() error {
		t.seq++
		t.nanos = t.timeOf(c)
		t.event = forum.Event{}
		result, err = c.Apply(t)
		if err == nil && t.event.Kind != "" {
			t.event.Seq, t.event.At = t.seq, t.Time()
			t.addEvent(t.event)
		}
		return err
	})
	return result, err
}

// commit makes the batch durable.
func (b *batch) commit() error {
	db, t := b.db, b.tx
	if b.applied == 0 {
		t.rollback()
		return nil
	}
	started := time.Now()
	err := boltfile.Contain(func() error {
		t.finish(db.options)
		return t.fault
	})
	if err != nil {
		t.rollback()
		db.log.Error("a batch of changes failed and was undone", "error", err)
		return err
	}
	err = db.file.Commit(t.bolt)
	db.lastCommit, db.lastBatch = time.Since(started), len(b.submissions)
	if err == nil {
		db.durable.Store(t.seq)
	}
	return err
}
