package forum

import (
	"iter"
	"time"
)

// SweepReader is the part of Reader that is about contents without a name.
type SweepReader interface {
	// Swept returns for how long the server has swept, in all.
	Swept() time.Duration
	// UnnamedBlobs yields the blobs that were seen without a name, and for how long the
	// server had swept by then.
	UnnamedBlobs() iter.Seq2[BlobID, time.Duration]
	UnnamedBlob(id BlobID) (seen time.Duration, ok bool)
}

// SweepTx is the part of Tx that is about contents without a name.
type SweepTx interface {
	SetSwept(d time.Duration)
	PutUnnamedBlob(id BlobID, seen time.Duration)
	DropUnnamedBlob(id BlobID)
}
