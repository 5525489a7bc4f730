package storage

import (
	"go.etcd.io/bbolt"

	"sshforum/storage/boltfile"
)

// migrations bring a file from one schema version to the next, see boltfile.Options.
var migrations = []func(*bbolt.Tx) error{
	together(boltfile.CreateBuckets(
		"mark", "unnamed",
		"users", "names", "passwords", "keys", "preferences", "command_history",
		"threads", "titles", "removed_titles", "messages", "deleted", "hidden", "edits", "positions", "removals", "events",
		"files", "parts", "contents", "blobs", "used",
		"interests", "mentions",
		"index", "open_documents",
		"blocks", "blockers", "banned_networks", "reports", "reporters", "visits", "open_visits", "ended_visits", "letters", "conversations",
		"audit",
		"receipts", "receipt_times",
		"invites", "invite_codes", "erasures", "held_names", "skeletons",
	), emptyIndex),
}

// together is one migration of several.
func together(migrations ...func(*bbolt.Tx) error) func(*bbolt.Tx) error {
	return func(tx *bbolt.Tx) error {
		for _, migrate := range migrations {
			if err := migrate(tx); err != nil {
				return err
			}
		}
		return nil
	}
}

// emptyIndex says that the index of no messages is as it should be.
func emptyIndex(tx *bbolt.Tx) error {
	return tx.Bucket([]byte(bucketNames[metaBucket])).Put([]byte(indexVersionKey), uintKey(indexVersion))
}
