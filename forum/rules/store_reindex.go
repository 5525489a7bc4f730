package rules

import (
	"context"

	"sshforum/forum"
)

// Reindexed is the progress of rebuilding the search index.
type Reindexed struct {
	Part   uint64 // the part that was rebuilt, from 0
	Parts  uint64 // number of parts
	Mended bool   // the part disagreed with its messages
}

// Reindex rebuilds one part of the search index, counted from 0; it holds up posts by some
// milliseconds. Errors: Denied.
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
