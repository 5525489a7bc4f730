package storage

import (
	"sshforum/forum"
	"sshforum/storage/boltfile"
)

// migrations bring a file from one schema version to the next, see boltfile.Options.
var migrations = []func(*boltfile.Tx) error{
	joinMigrations(boltfile.CreateBuckets(otherBuckets()...), emptyIndex),
	joinMigrations(boltfile.CreateBuckets("inline", "activity", "levels", "backlog", "horizons"), fillActivity, fillLevels),
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

// fillActivity notes when the threads were touched.
func fillActivity(bolt *boltfile.Tx) error {
	t := &tx{reader: reader{bolt: bolt}}
	for thread := range threadRecords.within(&t.reader, nil) {
		t.put(activityBucket, activityKey(thread), presentValue)
	}
	return t.fault
}

// fillLevels notes the levels of interests, and puts the threads that people have read in part
// into their backlogs.
func fillLevels(bolt *boltfile.Tx) error {
	t := &tx{reader: reader{bolt: bolt}}
	t.scan(interestsBucket, nil, nil, func(k, v []byte) bool {
		user, id, ok := parsePair[forum.ThreadID](k)
		row, decoded := decode[interestRow](&t.reader, interestsBucket, k, v)
		if !ok || !decoded {
			t.fail(interestsBucket, k, errMalformed)
			return false
		}
		level := row.interest().Level
		t.setLevels(levelsBucket, user, []forum.LeveledThread{{Thread: id, Level: level}})
		if thread, _ := t.Thread(id); row.Upto < thread.Last {
			t.SetBacklog(user, []forum.LeveledThread{{Thread: id, Level: max(level, forum.Normal)}})
		}
		return true
	})
	return t.fault
}
