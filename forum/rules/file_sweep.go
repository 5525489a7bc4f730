package rules

import (
	"context"
	"maps"
	"slices"
	"time"

	"sshforum/forum"
)

// sweepStep is how many blobs one look at the forum, or one change, decides on.
const sweepStep = 256

// Sweep frees the contents that no row of the forum names. A name can come to a blob
// only before its first byte is written, so one that has none never gets one; but it may
// be the rows that are wrong, as after a restore. So a content is freed when it is seen
// without a name for the second time, and the server has swept for SweepAfter between.
//
// ran is how long it has done so since the last call, 0 in the first after a start. Only
// that is counted: a clock that jumps frees nothing.
func (s *FileService) Sweep(ctx context.Context, ran time.Duration) error {
	unnamed, err := s.unnamedBlobs(ctx)
	if err != nil {
		return err
	}
	gone, err := s.notedBlobs()
	if err != nil {
		return err
	}
	for _, id := range unnamed {
		delete(gone, id)
	}
	forget := slices.Collect(maps.Keys(gone))
	for len(unnamed)+len(forget) > 0 && ctx.Err() == nil {
		c := &sweep{Ran: ran, After: s.cfg.SweepAfter}
		c.Unnamed, unnamed = cutBlobs(unnamed)
		c.Forget, forget = cutBlobs(forget)
		due, err := submit(ctx, s.core, Operator(), c)
		if err != nil {
			return err
		}
		s.cfg.Blobs.Remove(due...)
		ran = 0
	}
	return ctx.Err()
}

// cutBlobs cuts off as many as one change takes.
func cutBlobs(all []forum.BlobID) (some, rest []forum.BlobID) {
	n := min(sweepStep, len(all))
	return all[:n], all[n:]
}

// unnamedBlobs returns the blobs that no row names.
func (s *FileService) unnamedBlobs(ctx context.Context) ([]forum.BlobID, error) {
	var all, unnamed []forum.BlobID
	err := s.cfg.Blobs.All(func(id forum.BlobID) bool {
		all = append(all, id)
		return ctx.Err() == nil
	})
	for len(all) > 0 && err == nil && ctx.Err() == nil {
		var some []forum.BlobID
		some, all = cutBlobs(all)
		err = s.cfg.Store.View(func(r forum.Reader) error {
			for _, id := range some {
				if !r.BlobNamed(id) {
					unnamed = append(unnamed, id)
				}
			}
			return nil
		})
	}
	return unnamed, err
}

// notedBlobs returns the blobs that were seen without a name before.
func (s *FileService) notedBlobs() (noted map[forum.BlobID]time.Duration, err error) {
	err = s.cfg.Store.View(func(r forum.Reader) error {
		noted = maps.Collect(r.UnnamedBlobs())
		return nil
	})
	return noted, err
}

// sweep notes which blobs have no name, and returns those that have had none for long
// enough.
type sweep struct {
	origin
	Ran     time.Duration // since the last one
	After   time.Duration // to be freed
	Unnamed []forum.BlobID
	Forget  []forum.BlobID // those that were noted and are not there any more
}

func (c *sweep) apply(tx forum.Tx, _ forum.User) ([]forum.BlobID, error) {
	now := tx.Swept() + c.Ran
	if c.Ran > 0 {
		tx.SetSwept(now)
	}
	for _, id := range c.Forget {
		tx.DropUnnamedBlob(id)
	}
	var due []forum.BlobID
	for _, id := range c.Unnamed {
		switch seen, noted := tx.UnnamedBlob(id); {
		case tx.BlobNamed(id):
		case !noted:
			tx.PutUnnamedBlob(id, now)
		case now-seen >= c.After:
			tx.DropUnnamedBlob(id)
			due = append(due, id)
		}
	}
	return due, nil
}
