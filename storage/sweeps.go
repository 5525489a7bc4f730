package storage

import (
	"iter"
	"time"

	"sshforum/forum"
)

func (r *reader) Swept() time.Duration {
	return time.Duration(r.getUint(metaBucket, []byte(sweptKey)))
}

func (r *reader) UnnamedBlobs() iter.Seq2[forum.BlobID, time.Duration] {
	return func(yield func(forum.BlobID, time.Duration) bool) {
		r.scan(unnamedBucket, nil, nil, func(k, v []byte) bool {
			seen, ok := parseUint(v)
			if !ok || len(k) != len(forum.BlobID{}) {
				r.fail(unnamedBucket, k, errMalformed)
				return false
			}
			return yield(forum.BlobID(k), time.Duration(seen))
		})
	}
}

func (r *reader) UnnamedBlob(id forum.BlobID) (seen time.Duration, ok bool) {
	if r.get(unnamedBucket, id[:]) == nil {
		return 0, false
	}
	return time.Duration(r.getUint(unnamedBucket, id[:])), true
}

func (t *tx) SetSwept(d time.Duration) { t.putUint(metaBucket, []byte(sweptKey), uint64(d)) }

func (t *tx) PutUnnamedBlob(id forum.BlobID, seen time.Duration) {
	t.putUint(unnamedBucket, id[:], uint64(seen))
}

func (t *tx) DropUnnamedBlob(id forum.BlobID) { t.drop(unnamedBucket, id[:]) }
