package rules

import (
	"context"
	"maps"

	"sshforum/forum"
)

// Pair records that the operator continues with a file of contents and a file of rows that do
// not belong together, and the reason. Contents that no row names are kept as long as if they
// were first seen now. Errors: Denied; Invalid reason.
func (s *FileService) Pair(ctx context.Context, actor Actor, p forum.Pairing, reason string) error {
	reason, err := forum.CleanReason(reason)
	if err != nil {
		return err
	}
	_, err = submit(ctx, s.core, actor, &pairStores{Pairing: p, Reason: reason})
	return err
}

type pairStores struct {
	origin

	Pairing forum.Pairing
	Reason  string
}

func (c *pairStores) apply(tx forum.Tx, by forum.User) (nothing, error) {
	if c.By != operator {
		return nothing{}, forum.Errorf(forum.Denied, "Only the operator can pair the stores.")
	}
	tx.SetPairing(c.Pairing)
	for id := range maps.Collect(tx.UnnamedBlobs()) {
		tx.DropUnnamedBlob(id)
	}
	record(tx, by, forum.AuditEntry{Act: forum.AuditStoresPair, Object: "stores", Reason: c.Reason})
	return nothing{}, nil
}
