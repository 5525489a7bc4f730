package rules

import (
	"context"
	"maps"
	"slices"
	"time"

	"sshforum/forum"
)

// sweepStep is the number of blobs that one transaction checks.
const sweepStep = 256

// Sweep frees the blobs that no row names. A blob can get a name only before its first byte is
// written, so one without a name never gets one. But the rows may be wrong, as after a restore
// from a backup. So a blob is freed only when Sweep finds it without a name again after the
// server has run for SweepAfter since it first did.
//
// ran is how long the server has run since the last call, 0 in the first call after a start.
// Only that time counts, so a jump of the clock frees nothing.
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

// cutBlobs splits off the first blobs of all, as many as one transaction takes.
func cutBlobs(all []forum.BlobID) (first, rest []forum.BlobID) {
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
		var batch []forum.BlobID
		batch, all = cutBlobs(all)
		err = s.cfg.Store.View(func(r forum.Reader) error {
			for _, id := range batch {
				if !r.BlobNamed(id) {
					unnamed = append(unnamed, id)
				}
			}
			return nil
		})
	}
	return unnamed, err
}

// notedBlobs returns the blobs that an earlier sweep found without a name, and when: by
// Reader.Swept.
func (s *FileService) notedBlobs() (noted map[forum.BlobID]time.Duration, err error) {
	err = s.cfg.Store.View(func(r forum.Reader) error {
		noted = maps.Collect(r.UnnamedBlobs())
		return nil
	})
	return noted, err
}

// sweep notes the blobs that no row names, and returns those that are due to be freed.
type sweep struct {
	origin
	Ran     time.Duration // how long the server has run since the last sweep
	After   time.Duration // how long a noted blob waits to be freed
	Unnamed []forum.BlobID
	Forget  []forum.BlobID // noted blobs that are gone, or named again
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
