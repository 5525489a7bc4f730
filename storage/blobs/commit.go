package blobs

import (
	"errors"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

// commit makes parts durable, in one transaction if it can be.
func (s *Store) commit(parts []*part) {
	err := s.write(parts)
	var damage *crash
	if errors.As(err, &damage) {
		s.log.Error("an upload met a damaged page", "error", err, "stack", string(damage.stack))
	}
	if damage != nil && len(parts) > 1 {
		for _, p := range parts {
			p.landed(s.write([]*part{p}))
		}
		return
	}
	for _, p := range parts {
		p.landed(err)
	}
}

func (s *Store) write(parts []*part) error {
	var bytes int64
	for _, p := range parts {
		for _, c := range p.chunks {
			bytes += int64(len(c.data))
		}
	}
	return s.update(bytes, func(tx *bbolt.Tx) error {
		for _, p := range parts {
			if err := p.apply(tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// update runs fn in a transaction and commits it. bytes is how much
// content is in it; without any, it may use of the disk what is kept free. Errors: those of fn;
// Unavailable when the disk is full or has failed; Stopping.
func (s *Store) update(bytes int64, fn func(*bbolt.Tx) error) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.broken {
		return errBroken(nil)
	}
	tx, err := s.bolt.Begin(true)
	if err != nil {
		return unusable(err)
	}
	s.advise(tx)
	err = s.limitGrowth(bytes)
	if err == nil {
		err = contain(func() error { return fn(tx) })
	}
	if err != nil {
		tx.Rollback()
		return err
	}
	id := tx.ID()
	if err := contain(func() error { return s.options.commit(tx) }); err != nil {
		tx.Rollback() // in case it panicked
		return s.commitFailed(id, err)
	}
	return nil
}

// limitGrowth decides whether the file may grow in the next commit, which has so many
// bytes of content. When the disk has too little space, it may not; it is refused at
// once when the file has no space either, because a failed commit is expensive: bbolt
// looks for the free pages anew.
func (s *Store) limitGrowth(bytes int64) error {
	s.bolt.MaxSize = 0
	if s.options.MinFree <= 0 || bytes == 0 {
		return nil
	}
	free, err := freeBytes(s.dir)
	switch {
	case err != nil:
		s.log.Warn("cannot tell how much of the disk is free", "dir", s.dir, "error", err)
		return nil
	case free >= s.options.MinFree:
		return nil
	}
	stats := s.bolt.Stats()
	unused := int64(stats.FreePageN+stats.PendingPageN) * int64(s.bolt.Info().PageSize)
	if unused < 2*bytes+reserve {
		return errFull(nil)
	}
	s.bolt.MaxSize = 1
	return nil
}

// reserve is how many bytes a transaction may use beyond its content.
const reserve = 1 << 20

// commitFailed decides whether the store can go on after a failed commit. It can when
// the disk was full before the page was written that makes the commit count: all pages
// written until then are free ones. After any other failure the file on the disk may
// differ from what was read back from memory, so nothing may be built on it.
func (s *Store) commitFailed(id int, err error) error {
	if errors.Is(err, bbolterrors.ErrMaxSizeReached) {
		return errFull(err)
	}
	if isFull(err) && !s.shows(id) {
		s.log.Error("the disk is full; a commit of files was undone", "error", err)
		return errFull(err)
	}
	s.broken = true
	s.log.Error("a commit of files failed; nothing more is stored until the next start", "error", err)
	return errBroken(err)
}

// shows reports whether readers see the commit of the transaction id.
func (s *Store) shows(id int) bool {
	tx, err := s.bolt.Begin(false)
	if err != nil {
		return true
	}
	defer tx.Rollback()
	return tx.ID() >= id
}
