package storage

import (
	"math"

	"sshforum/forum"
)

func (r *reader) TextsBy(author forum.UserID) int64 {
	return int64(r.getUint(textsBucket, userKey(author)))
}

// countText adds n bytes to the count of an author's texts. Texts of the forum itself are not
// counted. A count of 0 has no key.
func (t *tx) countText(author forum.UserID, n int) {
	if author == 0 || n == 0 {
		return
	}
	key := userKey(author)
	switch sum := t.TextsBy(author) + int64(n); {
	case sum < 0:
		t.fail(textsBucket, key, errMalformed)
	case sum == 0:
		t.drop(textsBucket, key)
	default:
		t.putUint(textsBucket, key, uint64(sum))
	}
}

// dropEdits drops the earlier versions of a message, and returns the number of these.
func (t *tx) dropEdits(m forum.Message) int {
	keys := t.keysWithPrefix(editsBucket, messageKey(m.ID), math.MaxInt)
	for _, k := range keys {
		row, _ := load[editRow](&t.reader, editsBucket, k)
		t.countText(m.Author, -len(row.Text))
		t.drop(editsBucket, k)
	}
	return len(keys)
}

// texts returns the bytes of texts by each author. It leaves out earlier versions whose message
// a partial purge of a thread has dropped.
func (r *reader) texts() map[forum.UserID]int64 {
	by := make(map[forum.UserID]int64)
	for _, b := range []bucket{messagesBucket, deletedBucket} {
		r.scan(b, nil, nil, func(k, v []byte) bool {
			id, _ := parseMessageKey(k)
			row, ok := decode[messageRow](r, b, k, v)
			m := row.message(id)
			by[m.Author] += int64(len(m.Text))
			return ok
		})
	}
	r.scan(editsBucket, nil, nil, func(k, v []byte) bool {
		id, _, _ := parseEditKey(k)
		row, ok := decode[editRow](r, editsBucket, k, v)
		if m, found := r.Message(id); found {
			by[m.Author] += int64(len(row.Text))
		}
		return ok
	})
	r.scan(privateMessagesBucket, nil, nil, func(k, v []byte) bool {
		row, ok := decode[privateMessageRow](r, privateMessagesBucket, k, v)
		by[forum.UserID(row.From)] += int64(len(row.Text))
		return ok
	})
	delete(by, 0)
	for author, n := range by {
		if n == 0 {
			delete(by, author)
		}
	}
	return by
}
