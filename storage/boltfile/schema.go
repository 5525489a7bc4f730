package boltfile

import (
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"
)

// MetaBucket is the bucket of the schema's version. The rest of its keys are free.
const MetaBucket = "meta"

// schemaKey -> version, 8 bytes, big-endian. It is what a file of ours can be told by when
// little is left of it.
var schemaKey = []byte("sshforum schema")

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

// schema returns the file's version, from 1 on. Errors: errForeign, errOtherKind, errNewer.
func (o Options) schema(tx *bbolt.Tx) (uint64, error) {
	meta := tx.Bucket([]byte(MetaBucket))
	if meta == nil {
		return 0, errForeign
	}
	value := meta.Get(schemaKey)
	switch {
	case value == nil:
		return 0, errForeign
	case len(value) != 8:
		return 0, damaged("its schema is lost")
	case tx.Bucket([]byte(o.Bucket)) == nil:
		return 0, errOtherKind
	}
	version, known := binary.BigEndian.Uint64(value), uint64(len(o.Migrations))
	switch {
	case version == 0:
		return 0, damaged("its schema is lost")
	case version > known:
		return version, errNewer{version, known}
	}
	return version, nil
}

// migrate brings the file to the last version.
func (f *File) migrate() error {
	var version uint64
	err := f.Bolt.View(func(tx *bbolt.Tx) (err error) {
		version, err = f.options.schema(tx)
		return err
	})
	if err != nil || version == uint64(len(f.options.Migrations)) {
		return err
	}
	return f.Bolt.Update(func(tx *bbolt.Tx) error { return f.options.migrateFrom(tx, version) })
}

// migrateFrom brings a file of a version to the last one; version 0 is an empty file.
func (o Options) migrateFrom(tx *bbolt.Tx, version uint64) error {
	meta, err := tx.CreateBucketIfNotExists([]byte(MetaBucket))
	if err != nil {
		return err
	}
	for i := int(version); i < len(o.Migrations); i++ {
		if err := o.Migrations[i](tx); err != nil {
			return fmt.Errorf("migration %d: %w", i+1, err)
		}
	}
	return meta.Put(schemaKey, binary.BigEndian.AppendUint64(nil, uint64(len(o.Migrations))))
}
