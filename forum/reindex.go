package forum

import (
	"context"
	"time"
)

// Reindexed says how far making the index anew has come.
type Reindexed struct {
	Part   uint64 // that was looked at, from 0
	Parts  uint64 // there are
	Mended bool   // the part did not agree with its messages
}

// Reindex makes one part of the search index anew, counted from 0; it holds up posts by
// some milliseconds. Errors: Denied.
func (s *Service) Reindex(ctx context.Context, actor Actor, part uint64) (Reindexed, error) {
	return submit[Reindexed](ctx, s.Journal, &reindex{By: actor.User, At: s.Clock(), Part: part})
}

type reindex struct {
	By   UserID
	At   time.Time
	Part uint64
}

func (c *reindex) Kind() string    { return "search.reindex" }
func (c *reindex) When() time.Time { return c.At }

func (c *reindex) Apply(tx Tx) (any, Event, error) {
	u, err := account(tx, c.By)
	if err != nil {
		return nil, Event{}, err
	}
	if !u.May(MendStore, u.ID) {
		return nil, Event{}, Errorf(Denied, "Only an admin can make the search index anew.")
	}
	mended, parts := tx.Reindex(c.Part)
	return Reindexed{Part: c.Part, Parts: parts, Mended: mended}, Event{}, nil
}
