package storage

import (
	"iter"
	"math"
	"time"

	"sshforum/forum"
)

func (r *reader) Backlog(user forum.UserID) iter.Seq[forum.LeveledThread] {
	return r.levels(backlogBucket, user)
}

func (t *tx) SetBacklog(user forum.UserID, threads []forum.LeveledThread) {
	t.setLevels(backlogBucket, user, threads)
}

func (t *tx) DropBacklog(user forum.UserID) {
	for _, k := range t.keysWithPrefix(backlogBucket, userKey(user), math.MaxInt) {
		t.drop(backlogBucket, k)
	}
	t.drop(horizonsBucket, userKey(user))
}

func (r *reader) Horizon(user forum.UserID) time.Time {
	return fromNanos(int64(r.getUint(horizonsBucket, userKey(user))))
}

func (t *tx) SetHorizon(user forum.UserID, at time.Time) {
	t.putUint(horizonsBucket, userKey(user), uint64(toNanos(at)))
}

func (t *tx) moveHorizons(s shift) {
	t.scan(horizonsBucket, nil, nil, func(k, v []byte) bool {
		n, ok := parseUint(v)
		if !ok {
			t.fail(horizonsBucket, k, errMalformed)
			return false
		}
		if at := int64(n); s.move(&at) {
			t.putUint(horizonsBucket, k, uint64(at))
		}
		return true
	})
}
