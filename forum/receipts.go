package forum

import (
	"crypto/sha256"
	"iter"
	"time"
)

// ReceiptID names what a person sent under a key.
type ReceiptID struct {
	By  UserID
	Key string
	At  time.Time
}

// Receipt says what became of what a person sent under a key.
type Receipt struct {
	ReceiptID
	Asked [sha256.Size]byte // what was asked for
	Made  MessageID         // a thread has Seq 0, a private message Thread 0
}

// ReceiptReader is the part of Reader that is about what was sent under a key.
type ReceiptReader interface {
	Receipt(by UserID, key string) (Receipt, bool)
	Receipts(by UserID) iter.Seq[ReceiptID] // oldest first
	// ReceiptsBefore yields those of all people before t, by person and time.
	ReceiptsBefore(t time.Time) iter.Seq[ReceiptID]
}

// ReceiptTx is the part of Tx that is about what was sent under a key.
type ReceiptTx interface {
	PutReceipt(r Receipt) // of a key without one
	DropReceipt(id ReceiptID)
}
