package rules

import (
	"context"
	"iter"
	"time"

	"sshforum/forum"
)

// purgeStep limits the rows that one purge change drops, so that posts behind it wait only
// briefly: for a message its words are taken out of the index, which costs more than all the
// rest.
const purgeStep = 50

// partKept is how long an interrupted upload is kept for its owner to continue it.
const partKept = 24 * time.Hour

// Purge frees threads and messages removed longer ago than the restore window, uploads
// interrupted and receipts made a day ago or earlier, and the login history older than
// VisitsKept, as far as their age is certain. It is meant to be called from time to time, and
// may be stopped at any point.
func (s *FileService) Purge(ctx context.Context) error {
	if err := s.accounts.eraseAll(ctx); err != nil {
		return err
	}
	for {
		c, now := &purge{}, s.Clock()
		var due purgeable
		err := s.cfg.Store.View(func(r forum.Reader) error {
			c.Before, c.Parts = longAgo(r, now, s.cfg.RestoreWindow), longAgo(r, now, partKept)
			c.Visits, c.Receipts = longAgo(r, now, VisitsKept), longAgo(r, now, receiptsKept)
			due = c.due(r)
			return nil
		})
		if err != nil || !due.any() {
			return err
		}
		unnamed, err := submit(ctx, s.core, Operator(), c)
		if err != nil {
			return err
		}
		s.cfg.Blobs.Remove(unnamed...)
	}
}

type purge struct {
	origin
	Before time.Time // threads and messages removed earlier are freed
	Parts  time.Time // uploads last touched earlier are freed
	Visits time.Time // visits ended earlier are freed

	Receipts time.Time // receipts made earlier are freed
}

func (c *purge) apply(tx forum.Tx, _ forum.User) ([]forum.BlobID, error) {
	var unnamed []forum.BlobID
	due := c.due(tx)
	for _, v := range due.visits {
		tx.DropVisit(v)
	}
	for _, id := range due.receipts {
		tx.DropReceipt(id)
	}
	for _, p := range due.parts {
		unnamed = append(unnamed, dropPart(tx, p)...)
	}
	for _, id := range due.removed {
		if id.Seq == 0 {
			unnamed = append(unnamed, purgeThread(tx, id.Thread)...)
			break
		}
		dropReports(tx, tx.ReportsOf(id))
		tx.PurgeMessage(id)
	}
	return unnamed, nil
}

// purgeable has rows that one purge change frees.
type purgeable struct {
	removed  []forum.MessageID
	parts    []forum.Part
	visits   []forum.VisitRecord
	receipts []forum.ReceiptID
}

func (p purgeable) any() bool {
	return len(p.removed)+len(p.parts)+len(p.visits)+len(p.receipts) > 0
}

func (c *purge) due(r forum.Reader) (due purgeable) {
	due.removed = firstN(r.Removals(c.Before), purgeStep)
	due.receipts = firstN(r.ReceiptsBefore(c.Receipts), purgeStep)
	for p := range r.Parts(forum.Folder{}) {
		if p.Touched.Before(c.Parts) {
			due.parts = append(due.parts, p)
		}
		if len(due.parts) == purgeStep {
			break
		}
	}
	for v := range r.VisitsEndedSince(time.Time{}) {
		if !v.Ended.Before(c.Visits) || len(due.visits) == purgeStep {
			break
		}
		due.visits = append(due.visits, v)
	}
	return due
}

// purgeThread frees up to purgeStep rows of a removed thread, its files first.
func purgeThread(tx forum.Tx, id forum.ThreadID) (unnamed []forum.BlobID) {
	folder := forum.Folder{Thread: id}
	dropped := 0
	for f := range tx.Files(folder) {
		if dropped++; dropped > purgeStep {
			return unnamed
		}
		tx.DropFile(f)
		unnamed = append(unnamed, release(tx, f.SHA256)...)
	}
	for p := range tx.Parts(folder) {
		unnamed = append(unnamed, dropPart(tx, p)...)
	}
	dropReports(tx, tx.ReportsIn(id))
	tx.PurgeThread(id, purgeStep)
	return unnamed
}

// dropReports drops the reports of an object that is purged.
func dropReports(tx forum.Tx, reports iter.Seq[forum.Report]) {
	for r := range reports {
		tx.DropReport(r)
	}
}
