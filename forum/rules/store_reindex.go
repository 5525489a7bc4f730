package rules

import (
	"context"

	"sshforum/forum"
)

// Reindexed says how far making the index anew has come.
type Reindexed struct {
	Part   uint64 // that was looked at, from 0
	Parts  uint64 // there are
	Mended bool   // the part did not agree with its messages
}

// Reindex makes one part of the search index anew, counted from 0; it holds up posts by
// some milliseconds. Errors: Denied.
func (s *core) Reindex(ctx context.Context, actor Actor, part uint64) (Reindexed, error) {
	return submit(ctx, s, actor, &reindex{Part: part})
}

type reindex struct {
	origin

	Part uint64
}

func (c *reindex) apply(tx forum.Tx, u forum.User) (Reindexed, error) {
	if !u.May(forum.MendStore, u.ID) {
		return Reindexed{}, forum.Errorf(forum.Denied, "Only an admin can make the search index anew.")
	}
	mended, parts := tx.Reindex(c.Part)
	return Reindexed{Part: c.Part, Parts: parts, Mended: mended}, nil
}
