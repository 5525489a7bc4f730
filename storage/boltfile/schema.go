package boltfile

import (
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"
)

// MetaBucket is the bucket of the schema's version. The rest of its keys are free.
const MetaBucket = "meta"

// schemaKey -> version, 8 bytes, big-endian.
var schemaKey = []byte("schema")

// CreateBuckets returns a migration.
func CreateBuckets(names ...string) func(*bbolt.Tx) error {
	return func(tx *bbolt.Tx) error {
		for _, name := range names {
			if _, err := tx.CreateBucket([]byte(name)); err != nil {
				return fmt.Errorf("create bucket %s: %w", name, err)
			}
		}
		return nil
	}
}

// schema returns the file's version: 0 for an empty one. Errors: errForeign, errNewer.
func (o Options) schema(tx *bbolt.Tx) (uint64, error) {
	meta := tx.Bucket([]byte(MetaBucket))
	if meta == nil {
		if k, _ := tx.Cursor().First(); k != nil {
			return 0, errForeign
		}
		return 0, nil
	}
	value := meta.Get(schemaKey)
	if len(value) != 8 || tx.Bucket([]byte(o.Bucket)) == nil {
		return 0, errForeign
	}
	version, known := binary.BigEndian.Uint64(value), uint64(len(o.Migrations))
	switch {
	case version == 0:
		return 0, errForeign
	case version > known:
		return version, errNewer{version, known}
	}
	return version, nil
}

// migrate brings the file to the last version, in one transaction.
func (f *File) migrate() error {
	migrations := f.options.Migrations
	var version uint64
	err := f.Bolt.View(func(tx *bbolt.Tx) (err error) {
		version, err = f.options.schema(tx)
		return err
	})
	if err != nil || version == uint64(len(migrations)) {
		return err
	}
	return f.Bolt.Update(func(tx *bbolt.Tx) error {
		meta, err := tx.CreateBucketIfNotExists([]byte(MetaBucket))
		if err != nil {
			return err
		}
		for i := int(version); i < len(migrations); i++ {
			if err := migrations[i](tx); err != nil {
				return fmt.Errorf("migration %d: %w", i+1, err)
			}
		}
		return meta.Put(schemaKey, binary.BigEndian.AppendUint64(nil, uint64(len(migrations))))
	})
}
