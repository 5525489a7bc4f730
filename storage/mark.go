package storage

import (
	"errors"

	"sshforum/forum"
	"sshforum/storage/boltfile"
)

// The keys of markBucket, which is not part of the forum's state.
var (
	markKey     = []byte("forum")    // forum, then pairing, of the file's Mark
	contentsKey = []byte("contents") // number of the last commit of the contents that was durable before this one
)

var errUnmarked = errors.New("no mark")

// mark returns the file's Mark. Its Last is the number of the last change.
func (r *reader) mark() (m boltfile.Mark) {
	v := r.get(markBucket, markKey)
	if len(v) != len(m.Forum)+len(m.Pairing) {
		r.fail(markBucket, markKey, errUnmarked)
		return m
	}
	copy(m.Forum[:], v)
	copy(m.Pairing[:], v[len(m.Forum):])
	m.Last, _ = r.last()
	m.Other = r.getUint(markBucket, contentsKey)
	return m
}

// putMark writes all of m except Last.
func (t *tx) putMark(m boltfile.Mark) {
	t.put(markBucket, markKey, append(m.Forum[:], m.Pairing[:]...))
	t.putUint(markBucket, contentsKey, m.Other)
}

// putContentsCommit stores which commit of the contents was durable when the batch was applied.
// The contents that the batch names are in it.
func (t *tx) putContentsCommit(commit uint64) {
	if commit > t.getUint(markBucket, contentsKey) {
		t.putUint(markBucket, contentsKey, commit)
	}
}

func (t *tx) SetPairing(p forum.Pairing) {
	m := t.mark()
	m.Pairing, m.Other = p, 0
	t.putMark(m)
}
