package forum

import (
	"context"
	"time"
)

// purgeStep bounds the rows one purge change drops, so that posts behind it wait little: a
// message takes its words out of the index, which costs more than the rest of it.
const purgeStep = 50

// partKept is how long an upload that was cut off waits for its owner to go on with it.
const partKept = 24 * time.Hour

// Purge frees what was removed longer ago than the restore window, uploads that were cut
// off a day ago, and the login history before VisitsKept. It is meant to be called now and then, and may be stopped at any
// point.
func (s *Service) Purge(ctx context.Context) error {
	for {
		now := s.Clock()
		c := &purge{At: now, Before: now.Add(-s.RestoreWindow), Parts: now.Add(-partKept), Visits: now.Add(-VisitsKept)}
		due := false
		err := s.Store.View(func(r Reader) error {
			removed, parts, visits := c.due(r)
			due = len(removed) > 0 || len(parts) > 0 || len(visits) > 0
			return nil
		})
		if err != nil || !due {
			return err
		}
		unnamed, err := submit[[]BlobID](ctx, s.Journal, c)
		if err != nil {
			return err
		}
		s.Blobs.Remove(unnamed...)
	}
}

type purge struct {
	At     time.Time
	Before time.Time // what was removed earlier is freed
	Parts  time.Time // and uploads not touched since
	Visits time.Time // and visits that ended before
}

func (c *purge) Kind() string    { return "purge" }
func (c *purge) When() time.Time { return c.At }

func (c *purge) Apply(tx Tx) (any, Event, error) {
	var unnamed []BlobID
	removed, parts, visits := c.due(tx)
	for _, v := range visits {
		tx.DropVisit(v)
	}
	for _, p := range parts {
		tx.DropPart(p)
		unnamed = append(unnamed, p.Blob)
	}
	for _, id := range removed {
		if id.Seq == 0 {
			unnamed = append(unnamed, purgeThread(tx, id.Thread)...)
			break
		}
		tx.PurgeMessage(id)
	}
	return unnamed, Event{}, nil
}

// due returns some of what there is to free.
func (c *purge) due(r Reader) (removed []MessageID, parts []Part, visits []VisitRecord) {
	for id := range r.Removals(c.Before) {
		if removed = append(removed, id); len(removed) == purgeStep {
			break
		}
	}
	for p := range r.Parts(Folder{}) {
		if p.Touched.Before(c.Parts) {
			parts = append(parts, p)
		}
		if len(parts) == purgeStep {
			break
		}
	}
	for v := range r.VisitsEndedSince(time.Time{}) {
		if !v.Ended.Before(c.Visits) || len(visits) == purgeStep {
			break
		}
		visits = append(visits, v)
	}
	return removed, parts, visits
}

// purgeThread frees a part of a removed thread, its files first.
func purgeThread(tx Tx, id ThreadID) (unnamed []BlobID) {
	folder := Folder{Thread: id}
	dropped := 0
	for f := range tx.Files(folder) {
		if dropped++; dropped > purgeStep {
			return unnamed
		}
		tx.DropFile(f)
		unnamed = append(unnamed, release(tx, f.SHA256)...)
	}
	for p := range tx.Parts(folder) {
		tx.DropPart(p)
		unnamed = append(unnamed, p.Blob)
	}
	tx.PurgeThread(id, purgeStep)
	return unnamed
}
