package storage

import (
	"encoding/binary"
	"iter"
	"time"

	"sshforum/forum"
)

func visitKey(id forum.VisitID) []byte { return uintKey(uint64(id)) }

func openVisitKey(v forum.VisitRecord) []byte {
	return binary.BigEndian.AppendUint64(userKey(v.User), uint64(v.ID))
}

func endedVisitKey(v forum.VisitRecord) []byte {
	return binary.BigEndian.AppendUint64(uintKey(timeKey(v.Ended)), uint64(v.ID))
}

var visitRecords = records[forum.VisitID, forum.VisitRecord, visitRow]{
	visitsBucket, visitKey, parseID[forum.VisitID], newVisitRow, visitRow.visit,
}

func (r *reader) Visit(id forum.VisitID) (forum.VisitRecord, bool) { return visitRecords.find(r, id) }

func (r *reader) VisitsBefore(id forum.VisitID) iter.Seq[forum.VisitRecord] {
	var below []byte
	if id != 0 {
		below = visitKey(id)
	}
	return visitRecords.below(r, below, nil)
}

func (r *reader) VisitsEndedSince(t time.Time) iter.Seq[forum.VisitRecord] {
	return func(yield func(forum.VisitRecord) bool) {
		r.scan(endedVisitsBucket, uintKey(timeKey(t)), nil, r.yieldVisits(endedVisitsBucket, yield))
	}
}

func (r *reader) VisitsOpen() iter.Seq[forum.VisitRecord] {
	return func(yield func(forum.VisitRecord) bool) {
		r.scan(openVisitsBucket, nil, nil, r.yieldVisits(openVisitsBucket, yield))
	}
}

// yieldVisits returns the function for a scan of b, whose keys end with ids of visits, that
// yields these visits.
func (r *reader) yieldVisits(b bucket, yield func(forum.VisitRecord) bool) func(k, v []byte) bool {
	return func(k, _ []byte) bool {
		if len(k) != 16 {
			r.fail(b, k, errMalformed)
			return false
		}
		v, ok := r.Visit(forum.VisitID(binary.BigEndian.Uint64(k[8:])))
		return !ok || yield(v)
	}
}

func (r *reader) IsHere(id forum.UserID) (here bool) {
	prefix := userKey(id)
	r.scan(openVisitsBucket, prefix, prefix, func(_, _ []byte) bool {
		here = true
		return false
	})
	return here
}

func (t *tx) NewVisitID() forum.VisitID { return forum.VisitID(t.next(lastVisitKey)) }

// PutVisit moves the visit between the lists of open and ended visits as v.Ended requires.
func (t *tx) PutVisit(v forum.VisitRecord) {
	if old, ok := t.Visit(v.ID); ok {
		t.unlistVisit(old)
	}
	if v.Ended.IsZero() {
		t.put(openVisitsBucket, openVisitKey(v), presentValue)
	} else {
		t.put(endedVisitsBucket, endedVisitKey(v), presentValue)
	}
	visitRecords.put(t, v.ID, v)
}

func (t *tx) DropVisit(v forum.VisitRecord) {
	t.unlistVisit(v)
	visitRecords.drop(t, v.ID)
}

func (t *tx) unlistVisit(v forum.VisitRecord) {
	if v.Ended.IsZero() {
		t.drop(openVisitsBucket, openVisitKey(v))
	} else {
		t.drop(endedVisitsBucket, endedVisitKey(v))
	}
}
