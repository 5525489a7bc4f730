package boltfile

import (
	"encoding/binary"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"
)

// MetaBucket is the bucket with the version of the schema. Its other keys are free for use.
const MetaBucket = "meta"

// schemaKey leads to the version, 8 bytes, big-endian. A file of sshforum is recognized by it
// if little else is left.
var schemaKey = []byte("sshforum schema")

// CreateBuckets returns a migration that creates empty buckets.
func CreateBuckets(names ...string) func(*Tx) error {
	return func(tx *Tx) error {
		for _, name := range names {
			if err := tx.CreateBucket(name); err != nil {
				return fmt.Errorf("create bucket %s: %w", name, err)
			}
		}
		return nil
	}
}

// schema returns the schema version of the file, from 1 on. Errors: errForeign, errOtherKind,
// errNewer; damage.
func (o Options) schema(tx *Tx) (uint64, error) {
	if !tx.Has(MetaBucket) {
		return 0, errForeign
	}
	value, err := tx.Bucket(MetaBucket).Get(schemaKey)
	switch {
	case err != nil:
		return 0, damaged("its schema is lost")
	case value == nil:
		return 0, errForeign
	case len(value) != 8:
		return 0, damaged("its schema is lost")
	}
	version, known := binary.BigEndian.Uint64(value), uint64(len(o.Migrations))
	switch missing, foreign := o.buckets(tx); {
	case version == 0:
		return 0, damaged("its schema is lost")
	case version > known && tx.Has(o.Bucket):
		return version, errNewer{version, known}
	case len(missing) == 1 && foreign == 1:
		return 0, damaged("the name of the bucket %s is another", missing[0])
	case !tx.Has(o.Bucket):
		return 0, errOtherKind
	case version == known && len(missing) > 0:
		return 0, damaged("the bucket %s is lost", missing[0])
	}
	return version, nil
}

// buckets returns the buckets that tx lacks, and the number of buckets that are not in the
// schema.
func (o Options) buckets(tx *Tx) (missing []string, foreign int) {
	for _, name := range o.Buckets {
		if !tx.Has(name) {
			missing = append(missing, name)
		}
	}
	_ = tx.Bolt.ForEach(func(name []byte, _ *bbolt.Bucket) error {
		if string(name) != MetaBucket && !slices.Contains(o.Buckets, string(name)) {
			foreign++
		}
		return nil
	})
	return missing, foreign
}

// migrate brings the file to the last version.
func (f *File) migrate() error {
	var version uint64
	err := f.View(func(tx *Tx) (err error) {
		version, err = f.options.schema(tx)
		return err
	})
	if err != nil || version == uint64(len(f.options.Migrations)) {
		return err
	}
	return f.Bolt.Update(func(tx *bbolt.Tx) error { return f.options.migrateFrom(f.tx(tx), version) })
}

// migrateFrom brings a file of a version to the last one; version 0 is an empty file.
func (o Options) migrateFrom(tx *Tx, version uint64) error {
	if !tx.Has(MetaBucket) {
		if err := tx.CreateBucket(MetaBucket); err != nil {
			return err
		}
	}
	for i := int(version); i < len(o.Migrations); i++ {
		if err := o.Migrations[i](tx); err != nil {
			return fmt.Errorf("migration %d: %w", i+1, err)
		}
	}
	return tx.Bucket(MetaBucket).Put(schemaKey, binary.BigEndian.AppendUint64(nil, uint64(len(o.Migrations))))
}
