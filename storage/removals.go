package storage

import (
	"errors"
	"iter"
	"math"
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

// errNotRemoved is the fault of a change that purges what can still be read.
var errNotRemoved = errors.New("purged without being removed")

func (t *tx) PurgeMessage(id forum.MessageID) {
	m, ok := t.Message(id)
	if !ok {
		return
	}
	if !m.Removed.Done() {
		t.fail(messagesBucket, messageKey(id), errNotRemoved)
		return
	}
	t.unindexMessage(m)
	for _, k := range t.some(editsBucket, messageKey(id), math.MaxInt) {
		t.drop(editsBucket, k)
	}
}

// PurgeThread drops the thread's own row last, so that a purge that stopped half-way
// is found again among the removals.
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
	for _, k := range t.some(deletedBucket, key, limit) {
		t.dropDeleted(k)
		limit--
	}
	for _, b := range []bucket{messagesBucket, editsBucket, positionsBucket} {
		for _, k := range t.some(b, key, limit) {
			t.drop(b, k)
			limit--
		}
	}
	if limit <= 0 || t.fault != nil {
		return false
	}
	t.unindexThread(thread)
	t.drop(threadsBucket, key)
	return true
}

func (t *tx) dropDeleted(key []byte) {
	row, ok := load[messageRow](&t.reader, deletedBucket, key)
	id, wellFormed := parseMessageKey(key)
	if !wellFormed {
		t.fail(deletedBucket, key, errMalformed)
	}
	if ok && wellFormed {
		t.drop(removalsBucket, removalKey(fromNanos(row.RemovedAt), id))
	}
	t.drop(deletedBucket, key)
}

// some returns up to limit keys of b that begin with prefix.
func (t *tx) some(b bucket, prefix []byte, limit int) [][]byte {
	var keys [][]byte
	t.scan(b, prefix, prefix, func(k, _ []byte) bool {
		if len(keys) < limit {
			keys = append(keys, k)
		}
		return len(keys) < limit
	})
	return keys
}
