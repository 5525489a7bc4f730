package forum

import (
	"context"
	"time"
)

// purgeStep bounds the rows one purge change drops, so that posts behind it wait little.
const purgeStep = 1000

// Purge frees what was removed longer ago than the restore window. It is meant to be
// called now and then, and may be stopped at any point.
func (s *Service) Purge(ctx context.Context) error {
	for {
		now := s.Clock()
		due := false
		err := s.Store.View(func(r Reader) error {
			for range r.Removals(now.Add(-s.RestoreWindow)) {
				due = true
				break
			}
			return nil
		})
		if err != nil || !due {
			return err
		}
		if _, err := s.Journal.Submit(ctx, &purge{At: now, Before: now.Add(-s.RestoreWindow)}); err != nil {
			return err
		}
	}
}

type purge struct {
	At     time.Time
	Before time.Time
}

func (c *purge) Kind() string    { return "purge" }
func (c *purge) When() time.Time { return c.At }

func (c *purge) Apply(tx Tx) (any, Event, error) {
	var due []MessageID
	for id := range tx.Removals(c.Before) {
		if due = append(due, id); len(due) == purgeStep {
			break
		}
	}
	for _, id := range due {
		if id.Seq > 0 {
			tx.PurgeMessage(id)
		} else {
			tx.PurgeThread(id.Thread, purgeStep)
			break
		}
	}
	return nil, Event{}, nil
}
