package blobs

import (
	"go.etcd.io/bbolt"

	"sshforum/storage/boltfile"
)

// The file's buckets. Numbers in keys are big-endian, so that keys sort as what they
// name does.
var (
	blobsBucket  = []byte("blobs")  // id -> row
	chunksBucket = []byte("chunks") // id, index -> content
	markBucket   = []byte("mark")   // see mark.go
)

// migrations bring a file from one schema version to the next, see boltfile.Options.
var migrations = []func(*bbolt.Tx) error{
	boltfile.CreateBuckets("blobs", "chunks", "mark"),
}
