package forum

import (
	"context"
	"crypto/rand"
	"maps"
)

// Pairing names the time for which the rows and the contents of the forum have belonged
// together. It is random.
type Pairing [16]byte

// NewPairing returns one that nothing has yet.
func NewPairing() (p Pairing) {
	rand.Read(p[:])
	return p
}

// Pair notes that the operator goes on with contents that do not fit the rows, or the
// other way round, and why they do not. Contents that no row names are kept as long as if
// they were seen for the first time. Errors: Denied; Invalid reason.
func (s *Service) Pair(ctx context.Context, actor Actor, p Pairing, reason string) error {
	reason, err := CleanReason(reason)
	if err != nil {
		return err
	}
	_, err = submit(ctx, s, actor, &pairStores{Pairing: p, Reason: reason})
	return err
}

type pairStores struct {
	origin

	Pairing Pairing
	Reason  string
}

func (c *pairStores) apply(tx Tx, by User) (nothing, error) {
	if c.By != operator {
		return nothing{}, Errorf(Denied, "Only the operator can pair the stores.")
	}
	tx.SetPairing(c.Pairing)
	for id := range maps.Collect(tx.UnnamedBlobs()) {
		tx.DropUnnamedBlob(id)
	}
	record(tx, by, AuditEntry{Act: AuditStoresPair, Object: "stores", Reason: c.Reason})
	return nothing{}, nil
}
