package rules

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"sshforum/forum"
)

// A script that gets no answer does not know whether its post was made. With a key of its own
// choice it can ask again: for a day, a second request with the same key does nothing, and its
// answer shows what the first one made. The receipt is stored in the same transaction as the
// act, so neither exists without the other.
const (
	receiptsKept  = 24 * time.Hour
	maxReceipts   = 1000 // of one person
	maxReceiptKey = 64   // bytes
)

// onceRequest is a request that happens once by its key. Without a key it has no receipt.
type onceRequest struct {
	by          forum.User
	key         string
	requestHash [sha256.Size]byte
}

func newOnceRequest(by forum.User, key string, asked ...string) onceRequest {
	if key == "" {
		return onceRequest{}
	}
	h := sha256.New()
	for _, part := range asked {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write([]byte(part))
	}
	return onceRequest{by: by, key: key, requestHash: [sha256.Size]byte(h.Sum(nil))}
}

// receipt returns the receipt of the same request, if there is one. Errors: Conflict if the key
// was used for another request; Limited if the person has too many receipts; Denied if the
// actor has no account.
func (k onceRequest) receipt(r forum.Reader) (receipt forum.Receipt, found bool, err error) {
	if k.key == "" {
		return receipt, false, nil
	}
	if k.by.ID == 0 || k.by.ID == forum.Guests {
		return receipt, false, errNoPerson
	}
	since := longAgo(r, r.Time(), receiptsKept)
	receipt, found = r.Receipt(k.by.ID, k.key)
	switch {
	case found && receipt.At.After(since) && receipt.Asked == k.requestHash:
		return receipt, true, nil
	case found && receipt.At.After(since):
		return receipt, false, forum.Errorf(forum.Conflict, "You have used the key %s for something else; choose another.", forum.Printable(k.key))
	}
	return receipt, false, k.checkLimit(r, since)
}

// checkLimit checks that the person may have one more receipt. Errors: Limited.
func (k onceRequest) checkLimit(r forum.Reader, since time.Time) error {
	var oldest time.Time
	n := 0
	for id := range r.Receipts(k.by.ID) {
		if !id.At.After(since) {
			continue
		}
		if n++; n == 1 {
			oldest = id.At
		}
	}
	if n < maxReceipts {
		return nil
	}
	return forum.Errorf(forum.Limited, "You have used %s keys within a day, which is the most; try again in %s.",
		forum.Thousands(maxReceipts), forum.DurationText(oldest.Sub(since)))
}

// putReceipt stores the receipt of the request, and drops the person's expired receipts.
func (k onceRequest) putReceipt(tx forum.Tx, made forum.MessageID) {
	if k.key == "" {
		return
	}
	since := longAgo(tx, tx.Time(), receiptsKept)
	for id := range tx.Receipts(k.by.ID) {
		if id.At.After(since) {
			break
		}
		tx.DropReceipt(id)
	}
	tx.PutReceipt(forum.Receipt{ReceiptID: forum.ReceiptID{By: k.by.ID, Key: k.key, At: tx.Time()}, Asked: k.requestHash, Made: made})
}
