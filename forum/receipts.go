package forum

import (
	"crypto/sha256"
	"iter"
	"time"
)

// ReceiptID names one request that a person sent with a key.
type ReceiptID struct {
	By  UserID
	Key string
	At  time.Time
}

// Receipt has the result of a request that a person sent with a key.
type Receipt struct {
	ReceiptID
	Asked [sha256.Size]byte // hash of the request
	Made  MessageID         // the result; a thread has Seq 0, a private message Thread 0
}

// ReceiptReader is the part of Reader for receipts.
type ReceiptReader interface {
	Receipt(by UserID, key string) (Receipt, bool)
	Receipts(by UserID) iter.Seq[ReceiptID] // oldest first
	// ReceiptsBefore yields all people's receipts from before t, by person and time.
	ReceiptsBefore(t time.Time) iter.Seq[ReceiptID]
}

// ReceiptTx is the part of Tx for receipts.
type ReceiptTx interface {
	PutReceipt(r Receipt) // the key must have no receipt
	DropReceipt(id ReceiptID)
}
