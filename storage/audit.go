package storage

import (
	"errors"
	"iter"

	"sshforum/forum"
)

type auditRow struct {
	At       int64  `cbor:"1,keyasint,omitempty"`
	By       uint64 `cbor:"2,keyasint,omitempty"`
	ByName   string `cbor:"3,keyasint,omitempty"`
	Act      string `cbor:"4,keyasint,omitempty"`
	Object   string `cbor:"5,keyasint,omitempty"`
	Name     string `cbor:"6,keyasint,omitempty"`
	Value    string `cbor:"7,keyasint,omitempty"`
	Reason   string `cbor:"8,keyasint,omitempty"`
	Until    int64  `cbor:"9,keyasint,omitempty"`
	Previous []byte `cbor:"10,keyasint,omitempty"`
	Hash     []byte `cbor:"11,keyasint,omitempty"`
}

func newAuditRow(e forum.AuditEntry) auditRow {
	return auditRow{
		At: toNanos(e.At), By: uint64(e.By), ByName: e.ByName, Act: string(e.Act), Object: e.Object, Name: e.Name,
		Value: e.Value, Reason: e.Reason, Until: toNanos(e.Until), Previous: e.Previous[:], Hash: e.Hash[:],
	}
}

func (row auditRow) entry(n uint64) forum.AuditEntry {
	e := forum.AuditEntry{
		N: n, At: fromNanos(row.At), By: forum.UserID(row.By), ByName: row.ByName, Act: forum.AuditAct(row.Act),
		Object: row.Object, Name: row.Name, Value: row.Value, Reason: row.Reason, Until: fromNanos(row.Until),
	}
	copy(e.Previous[:], row.Previous)
	copy(e.Hash[:], row.Hash)
	return e
}

var auditRecords = records[uint64, forum.AuditEntry, auditRow]{
	auditBucket, uintKey, parseUint, newAuditRow, auditRow.entry,
}

func (r *reader) Audit(after uint64) iter.Seq[forum.AuditEntry] {
	if after+1 == 0 {
		return none[forum.AuditEntry]
	}
	return auditRecords.from(r, uintKey(after+1), nil)
}

func (r *reader) AuditBack() iter.Seq[forum.AuditEntry] { return auditRecords.back(r, nil) }

func (r *reader) AuditHead() forum.AuditHead {
	for e := range r.AuditBack() {
		return e.Head()
	}
	return forum.AuditHead{}
}

// errNotNext is the fault of a change that appends another entry than the next of the audit
// log.
var errNotNext = errors.New("not the next entry")

func (t *tx) AppendAudit(e forum.AuditEntry) {
	if !e.Follows(t.AuditHead()) {
		t.fail(auditBucket, uintKey(e.N), errNotNext)
		return
	}
	auditRecords.put(t, e.N, e)
}
