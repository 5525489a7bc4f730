package blobs

import (
	"sshforum/storage/boltfile"
)

// The file's buckets. Numbers in keys are big-endian, so keys sort like the things they name.
const (
	blobsBucket  = "blobs"  // id -> row
	chunksBucket = "chunks" // id, index -> content
	markBucket   = "mark"   // see mark.go
)

var buckets = []string{blobsBucket, chunksBucket, markBucket}

// migrations bring a file from one schema version to the next, see boltfile.Options.
var migrations = []func(*boltfile.Tx) error{boltfile.CreateBuckets(buckets...)}
