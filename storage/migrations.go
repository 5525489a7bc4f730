package storage

import (
	"fmt"

	"go.etcd.io/bbolt"
)

// migrations bring a file from one schema version to the next. The version of a file is
// how many of them it has seen, so a migration that was released is never changed.
var migrations = []func(*bbolt.Tx) error{
	createBuckets(
		"meta", "users", "names", "passwords", "keys", "preferences", "command_history",
		"threads", "titles", "removed_titles", "messages", "deleted", "edits", "positions", "removals", "events",
		"files", "parts", "contents", "blobs", "used",
	),
}

func createBuckets(names ...string) func(*bbolt.Tx) error {
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
func schema(tx *bbolt.Tx) (uint64, error) {
	meta := tx.Bucket([]byte(bucketNames[metaBucket]))
	if meta == nil {
		if k, _ := tx.Cursor().First(); k != nil {
			return 0, errForeign
		}
		return 0, nil
	}
	version, ok := parseUint(meta.Get([]byte(schemaKey)))
	switch {
	case !ok || version == 0:
		return 0, errForeign
	case version > uint64(len(migrations)):
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
		meta := tx.Bucket([]byte(bucketNames[metaBucket]))
		return meta.Put([]byte(schemaKey), uintKey(uint64(len(migrations))))
	})
}
