package storage

import (
	"iter"

	"sshforum/forum"
)

type erasureRow struct {
	Visits uint64 `cbor:"1,keyasint,omitempty"`
}

func newErasureRow(e forum.Erasure) erasureRow { return erasureRow{Visits: uint64(e.Visits)} }

func (row erasureRow) erasure(id forum.UserID) forum.Erasure {
	return forum.Erasure{User: id, Visits: forum.VisitID(row.Visits)}
}

func (r *reader) Erasure(id forum.UserID) (forum.Erasure, bool) {
	row, ok := load[erasureRow](r, erasuresBucket, userKey(id))
	if !ok {
		return forum.Erasure{}, false
	}
	return row.erasure(id), true
}

func (r *reader) Erasures() iter.Seq[forum.Erasure] {
	return func(yield func(forum.Erasure) bool) {
		r.scan(erasuresBucket, nil, nil, func(k, v []byte) bool {
			id, ok := parseUint(k)
			if !ok {
				r.fail(erasuresBucket, k, errMalformed)
				return false
			}
			row, ok := decode[erasureRow](r, erasuresBucket, k, v)
			return ok && yield(row.erasure(forum.UserID(id)))
		})
	}
}

func (r *reader) NameHeld(name forum.NameHash) bool { return r.get(heldNamesBucket, name[:]) != nil }

func (t *tx) PutErasure(e forum.Erasure) {
	store(t, erasuresBucket, userKey(e.User), newErasureRow(e))
}

func (t *tx) DropErasure(id forum.UserID) { t.drop(erasuresBucket, userKey(id)) }

func (t *tx) HoldName(name forum.NameHash) { t.put(heldNamesBucket, name[:], present) }
