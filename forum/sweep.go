package forum

import (
	"context"
	"time"
)

// sweepStep is how many blobs one look at the forum decides on.
const sweepStep = 256

// Sweep frees the contents that no row of the forum names. A name can come to a blob
// only before its first byte is written, so one that has none in the store's order of
// changes never gets one.
func (s *Service) Sweep(ctx context.Context) error {
	var all []BlobID
	err := s.Blobs.All(func(id BlobID) bool {
		all = append(all, id)
		return ctx.Err() == nil
	})
	for len(all) > 0 && err == nil && ctx.Err() == nil {
		some := all[:min(sweepStep, len(all))]
		all = all[len(some):]
		err = s.sweep(ctx, some)
	}
	return err
}

func (s *Service) sweep(ctx context.Context, some []BlobID) error {
	unnamed, err := submit[[]BlobID](ctx, s.Journal, &unnamedBlobs{At: s.Clock(), Blobs: some})
	if err != nil {
		return err
	}
	s.Blobs.Remove(unnamed...)
	return nil
}

// unnamedBlobs asks, in the order of changes, which blobs no row names. It changes
// nothing.
type unnamedBlobs struct {
	At    time.Time
	Blobs []BlobID
}

func (c *unnamedBlobs) Kind() string    { return "file.unnamed" }
func (c *unnamedBlobs) When() time.Time { return c.At }

func (c *unnamedBlobs) Apply(tx Tx) (any, Event, error) {
	var unnamed []BlobID
	for _, id := range c.Blobs {
		if !tx.BlobNamed(id) {
			unnamed = append(unnamed, id)
		}
	}
	return unnamed, Event{}, nil
}
