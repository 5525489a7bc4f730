package storage

import (
	"errors"
	"iter"
	"time"

	"sshforum/forum"
)

func (r *reader) Removals(before time.Time) iter.Seq[forum.MessageID] {
	return func(yield func(forum.MessageID) bool) {
		r.scan(removalsBucket, nil, nil, func(k, _ []byte) bool {
			at, id, ok := parseRemovalKey(k)
			if !ok {
				r.fail(removalsBucket, k, errMalformed)
				return false
			}
			return at.Before(before) && yield(id)
		})
	}
}

// errNotRemoved is the fault of a change that purges something that was not removed.
var errNotRemoved = errors.New("purged without being removed")

func (t *tx) PurgeMessage(id forum.MessageID) {
	row, ok := t.messageRow(id)
	if !ok {
		return
	}
	m := row.message(id)
	if !m.Removed.Done() {
		t.fail(messagesBucket, messageKey(id), errNotRemoved)
		return
	}
	t.unindexMessage(m)
	t.updateIndex(row.Document, m, forum.Message{})
	t.countText(m.Author, -len(m.Text))
	t.dropEdits(m)
}

// PurgeThread drops the thread's own row last, so that an interrupted purge is found again
// among the removals.
func (t *tx) PurgeThread(id forum.ThreadID, limit int) (done bool) {
	thread, ok := t.Thread(id)
	if !ok {
		return true
	}
	key := threadKey(id)
	if !thread.Removed.Done() {
		t.fail(threadsBucket, key, errNotRemoved)
		return false
	}
	for _, k := range t.keysWithPrefix(deletedBucket, key, limit) {
		limit -= t.dropDeleted(k)
	}
	for _, k := range t.keysWithPrefix(messagesBucket, key, limit) {
		limit -= t.dropReadable(k)
	}
	for _, b := range []bucket{editsBucket, positionsBucket} {
		for _, k := range t.keysWithPrefix(b, key, limit) {
			t.drop(b, k)
			limit--
		}
	}
	if limit <= 0 || t.fault != nil {
		return false
	}
	t.unindexThread(thread)
	t.drop(activityBucket, activityKey(thread))
	t.dropInterests(id)
	t.drop(threadsBucket, key)
	return true
}

// dropDeleted drops a deleted message with its earlier versions, and returns how many rows it
// dropped.
func (t *tx) dropDeleted(key []byte) (rows int) {
	row, ok := load[messageRow](&t.reader, deletedBucket, key)
	id, wellFormed := parseMessageKey(key)
	if !wellFormed {
		t.fail(deletedBucket, key, errMalformed)
	}
	if ok && wellFormed {
		t.drop(removedPlace(row.message(id)))
		rows = t.dropText(id, row)
	}
	t.drop(deletedBucket, key)
	return rows + 1
}

// dropText takes the text of a message out of the index and the count, drops its earlier
// versions, and returns the number of these.
func (t *tx) dropText(id forum.MessageID, row messageRow) (edits int) {
	m := row.message(id)
	t.updateIndex(row.Document, m, forum.Message{})
	t.countText(m.Author, -len(m.Text))
	return t.dropEdits(m)
}

// dropReadable is dropDeleted for a message that was not deleted before its thread was removed.
// Its number is dropped with the thread's tree.
func (t *tx) dropReadable(key []byte) (rows int) {
	row, ok := load[messageRow](&t.reader, messagesBucket, key)
	id, wellFormed := parseMessageKey(key)
	if !wellFormed {
		t.fail(messagesBucket, key, errMalformed)
	}
	if ok && wellFormed {
		t.dropMentions(row.message(id))
		rows = t.dropText(id, row)
	}
	t.drop(messagesBucket, key)
	return rows + 1
}

// keysWithPrefix returns up to limit keys of b that begin with prefix.
func (t *tx) keysWithPrefix(b bucket, prefix []byte, limit int) [][]byte {
	var keys [][]byte
	t.scan(b, prefix, prefix, func(k, _ []byte) bool {
		if len(keys) < limit {
			keys = append(keys, k)
		}
		return len(keys) < limit
	})
	return keys
}
