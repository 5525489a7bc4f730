package storage

import (
	"encoding/binary"
	"iter"
	"time"

	"sshforum/forum"
)

// activityStep is how exact the times in activityBucket are, in nanoseconds: about 69 seconds.
// So of the posts that follow each other quickly in a thread, only a few write to the bucket.
const activityStep = 1 << 36

// activityKey returns the key under which a thread is found by when it was touched.
func activityKey(t forum.Thread) []byte {
	k := binary.BigEndian.AppendUint64(make([]byte, 0, 16), activityPlace(t.Touched()))
	return binary.BigEndian.AppendUint64(k, uint64(t.ID))
}

func activityPlace(at time.Time) uint64 { return timeKey(at) &^ (activityStep - 1) }

func (r *reader) ThreadsSince(at time.Time) iter.Seq[forum.Thread] {
	return func(yield func(forum.Thread) bool) {
		r.scan(activityBucket, uintKey(activityPlace(at)), nil, func(k, _ []byte) bool {
			if len(k) != 16 {
				r.fail(activityBucket, k, errMalformed)
				return false
			}
			thread, ok := r.Thread(forum.ThreadID(binary.BigEndian.Uint64(k[8:])))
			return !ok || thread.Touched().Before(at) || yield(thread)
		})
	}
}

// moveActivity changes the place of a thread in activityBucket. old is its row until now, or
// zero if it is new.
func (t *tx) moveActivity(old, thread forum.Thread) {
	isNew := old.ID == 0
	if !isNew && activityPlace(old.Touched()) == activityPlace(thread.Touched()) {
		return
	}
	if !isNew {
		t.drop(activityBucket, activityKey(old))
	}
	t.put(activityBucket, activityKey(thread), presentValue)
}
