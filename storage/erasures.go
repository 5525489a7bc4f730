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

var erasureRecords = records[forum.UserID, forum.Erasure, erasureRow]{
	erasuresBucket, userKey, parseID[forum.UserID], newErasureRow, erasureRow.erasure,
}

func (r *reader) Erasure(id forum.UserID) (forum.Erasure, bool) { return erasureRecords.find(r, id) }

func (r *reader) Erasures() iter.Seq[forum.Erasure] { return erasureRecords.within(r, nil) }

func (r *reader) NameHeld(name forum.NameHash) bool { return r.get(heldNamesBucket, name[:]) != nil }

func (t *tx) PutErasure(e forum.Erasure) { erasureRecords.put(t, e.User, e) }

func (t *tx) DropErasure(id forum.UserID) { erasureRecords.drop(t, id) }

func (t *tx) HoldName(name forum.NameHash) { t.put(heldNamesBucket, name[:], presentValue) }
