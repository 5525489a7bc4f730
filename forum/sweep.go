package forum

import (
	"iter"
	"time"
)

// SweepReader is the part of Reader for unnamed blobs.
type SweepReader interface {
	// Swept returns for how long in all the server has swept.
	Swept() time.Duration
	// UnnamedBlobs yields the blobs that no row named when they were looked at, each with the
	// value of Swept at that time.
	UnnamedBlobs() iter.Seq2[BlobID, time.Duration]
	UnnamedBlob(id BlobID) (seen time.Duration, ok bool)
}

// SweepTx is the part of Tx for unnamed blobs.
type SweepTx interface {
	SetSwept(d time.Duration)
	PutUnnamedBlob(id BlobID, seen time.Duration)
	DropUnnamedBlob(id BlobID)
}
