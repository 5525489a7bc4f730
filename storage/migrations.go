package storage

import (
	"sshforum/storage/boltfile"
)

// migrations bring a file from one schema version to the next, see boltfile.Options.
var migrations = []func(*boltfile.Tx) error{
	joinMigrations(boltfile.CreateBuckets(otherBuckets()...), emptyIndex),
	boltfile.CreateBuckets(inlineBucket.String()),
}

// joinMigrations joins several migrations into one.
func joinMigrations(migrations ...func(*boltfile.Tx) error) func(*boltfile.Tx) error {
	return func(tx *boltfile.Tx) error {
		for _, migrate := range migrations {
			if err := migrate(tx); err != nil {
				return err
			}
		}
		return nil
	}
}

// emptyIndex marks the empty index of an empty file as complete.
func emptyIndex(tx *boltfile.Tx) error {
	return tx.Bucket(metaBucket.String()).Put([]byte(indexVersionKey), uintKey(indexVersion))
}
