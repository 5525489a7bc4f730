package blobs

import (
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"
)

// The file's buckets. Numbers in keys are big-endian, so that keys sort as what they
// name does.
var (
	metaBucket   = []byte("meta")   // schemaKey -> version
	blobsBucket  = []byte("blobs")  // id -> row
	chunksBucket = []byte("chunks") // id, index -> content
)

var schemaKey = []byte("schema")

// migrations bring a file from one schema version to the next. The version of a file is
// how many of them it has seen, so a migration that was released is never changed.
var migrations = []func(*bbolt.Tx) error{
	createBuckets(metaBucket, blobsBucket, chunksBucket),
}

func createBuckets(names ...[]byte) func(*bbolt.Tx) error {
	return func(tx *bbolt.Tx) error {
		for _, name := range names {
			if _, err := tx.CreateBucket(name); err != nil {
				return fmt.Errorf("create bucket %s: %w", name, err)
			}
		}
		return nil
	}
}

// schema returns the file's version: 0 for an empty one. Errors: errForeign, errNewer.
func schema(tx *bbolt.Tx) (uint64, error) {
	meta := tx.Bucket(metaBucket)
	if meta == nil {
		if k, _ := tx.Cursor().First(); k != nil {
			return 0, errForeign
		}
		return 0, nil
	}
	value := meta.Get(schemaKey)
	if len(value) != 8 || tx.Bucket(chunksBucket) == nil {
		return 0, errForeign
	}
	version := binary.BigEndian.Uint64(value)
	if version > uint64(len(migrations)) {
		return version, errNewer{version}
	}
	return version, nil
}

// migrate brings the file to the last version, in one transaction.
func migrate(db *bbolt.DB) error {
	var version uint64
	err := db.View(func(tx *bbolt.Tx) (err error) {
		version, err = schema(tx)
		return err
	})
	if err != nil || version == uint64(len(migrations)) {
		return err
	}
	return db.Update(func(tx *bbolt.Tx) error {
		for i := int(version); i < len(migrations); i++ {
			if err := migrations[i](tx); err != nil {
				return fmt.Errorf("migration %d: %w", i+1, err)
			}
		}
		return tx.Bucket(metaBucket).Put(schemaKey, binary.BigEndian.AppendUint64(nil, uint64(len(migrations))))
	})
}
