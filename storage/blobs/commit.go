package blobs

import (
	"errors"

	"sshforum/forum"
	"sshforum/storage/boltfile"
)

// commit makes parts durable, in one transaction if possible. If a part meets damage, only that
// part fails.
func (s *Store) commit(parts []*part) {
	err := s.write(parts)
	if forum.KindOf(err) == forum.Unavailable && s.freeAll() { // this may have made space
		err = s.write(parts)
	}
	var page *boltfile.Crash
	if errors.As(err, &page) {
		s.log.Error("an upload met a damaged page", "error", err)
	}
	var row *boltfile.RowError
	if (page != nil || errors.As(err, &row)) && len(parts) > 1 {
		for _, p := range parts {
			p.committed(s.write([]*part{p}))
		}
		return
	}
	for _, p := range parts {
		p.committed(err)
	}
}

func (s *Store) write(parts []*part) error {
	var bytes int64
	for _, p := range parts {
		for _, c := range p.chunks {
			bytes += int64(len(c.data))
		}
	}
	return s.update(bytes, func(tx *boltfile.Tx) error {
		for _, p := range parts {
			if err := p.apply(tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// update runs fn in a transaction and commits it. bytes is how much content fn writes; if it is
// 0, the transaction may use the disk space of MinFree. Errors: those of fn; Unavailable if the
// disk is full or has failed; Stopping.
func (s *Store) update(bytes int64, fn func(*boltfile.Tx) error) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	tx, err := s.file.Begin()
	if err != nil {
		return err
	}
	s.advise(tx)
	commit := s.commits.Load() + 1
	err = s.limitGrowth(bytes)
	if err == nil {
		err = boltfile.Contain(func() error {
			if err := fn(tx); err != nil {
				return err
			}
			return s.number(tx, commit)
		})
	}
	if err != nil {
		_ = tx.Rollback()
		return err
	}
	if err := s.file.Commit(tx); err != nil {
		return err
	}
	s.commits.Store(commit)
	return nil
}

// limitGrowth decides whether the file may grow in the next commit, which has that many bytes
// of content. It may not if the disk has too little space. If the file has too little space as
// well, limitGrowth refuses the commit, because a failed commit is expensive: bbolt searches
// for the free pages again after it.
func (s *Store) limitGrowth(bytes int64) error {
	bolt := s.file.Bolt
	bolt.MaxSize = 0
	if s.options.MinFree <= 0 || bytes == 0 || s.file.Free() >= s.options.MinFree {
		return nil
	}
	stats := bolt.Stats()
	unused := int64(stats.FreePageN+stats.PendingPageN) * int64(bolt.Info().PageSize)
	if unused < 2*bytes+reserve {
		return s.file.FullError(nil)
	}
	bolt.MaxSize = 1
	return nil
}

// reserve is how many bytes a transaction may use besides its content.
const reserve = 1 << 20
