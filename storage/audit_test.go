package storage

import (
	"testing"
	"time"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/forum/storetest"
)

// A process that can write the file can rewrite the audit log, but not without being detected.
func TestRewrittenAuditLogIsFound(t *testing.T) {
	rechain := func(tx *tx, change func(e *forum.AuditEntry)) {
		var head forum.AuditHead
		for e := range tx.Audit(0) {
			change(&e)
			e.Previous = head.Hash
			e.Hash = e.Sum()
			head = e.Head()
			store(tx, auditBucket, uintKey(e.N), newAuditRow(e))
		}
	}
	for name, test := range map[string]struct {
		damage func(tx *tx)
		broken uint64
		known  bool // the head that was kept is still found
	}{
		"nothing": {func(*tx) {}, 0, true},
		"one rewritten": {func(tx *tx) {
			e := entry(tx, 2)
			e.Reason = "none"
			store(tx, auditBucket, uintKey(2), newAuditRow(e))
		}, 2, false},
		"one rewritten with its hash": {func(tx *tx) {
			e := entry(tx, 2)
			e.Reason = "none"
			e.Hash = e.Sum()
			store(tx, auditBucket, uintKey(2), newAuditRow(e))
		}, 3, false},
		"one unreadable":      {func(tx *tx) { tx.put(auditBucket, uintKey(2), []byte{0xff}) }, 2, false},
		"the last unreadable": {func(tx *tx) { tx.put(auditBucket, uintKey(4), []byte{0xff}) }, 4, false},
		"key unreadable":      {func(tx *tx) { tx.put(auditBucket, []byte("x"), presentValue) }, 5, true},
		"the first missing":   {func(tx *tx) { tx.drop(auditBucket, uintKey(1)) }, 1, false},
		"one missing":         {func(tx *tx) { tx.drop(auditBucket, uintKey(3)) }, 3, false},
		"the last missing":    {func(tx *tx) { tx.drop(auditBucket, uintKey(4)) }, 0, false},
		"all missing": {func(tx *tx) {
			for n := range uint64(4) {
				tx.drop(auditBucket, uintKey(n+1))
			}
		}, 0, false},
		"chained anew":      {func(tx *tx) { rechain(tx, func(e *forum.AuditEntry) { e.ByName = "luke" }) }, 0, false},
		"chained as it was": {func(tx *tx) { rechain(tx, func(*forum.AuditEntry) {}) }, 0, true},
		"more since then": {func(tx *tx) {
			e := forum.AuditEntry{N: 5, Previous: entry(tx, 4).Hash}
			e.Hash = e.Sum()
			tx.AppendAudit(e)
		}, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			db := openOrMake(t, t.TempDir(), Options{})
			defer db.Close()
			for _, reason := range []string{"one", "two", "three", "four"} {
				do(t, db, storetest.Audit(forum.AuditEntry{ByName: "yoda", Act: "thread.lock", Reason: reason}))
			}
			service := rules.New(rules.Config{Store: db, Journal: db, Clock: time.Now})
			kept, err := service.AuditHead()
			if err != nil || kept.N != 4 {
				t.Fatal(kept, err)
			}
			damage(t, db, test.damage)
			v, err := service.VerifyAudit(t.Context(), rules.Operator(), kept.Hash)
			if err != nil || v.Broken != test.broken || v.Known != test.known {
				t.Errorf("VerifyAudit: %+v, %v; want broken %d, known %v", v, err, test.broken, test.known)
			}
			if v, err := service.VerifyAudit(t.Context(), rules.Operator(), forum.AuditHash{}); err != nil || !v.Known {
				t.Errorf("VerifyAudit without a head: %+v, %v", v, err)
			}
		})
	}
}

// A log longer than one transaction reads is verified whole.
func TestLongAuditLog(t *testing.T) {
	db := open(t, t.TempDir(), Options{})
	do(t, db, storetest.Write(func(tx forum.Tx) {
		for n := range uint64(2500) {
			e := forum.AuditEntry{N: n + 1, Act: "thread.lock", Previous: tx.AuditHead().Hash}
			e.Hash = e.Sum()
			tx.AppendAudit(e)
		}
	}))
	service := rules.New(rules.Config{Store: db, Journal: db, Clock: time.Now})
	head, err := service.AuditHead()
	if err != nil {
		t.Fatal(err)
	}
	if v, err := service.VerifyAudit(t.Context(), rules.Operator(), head.Hash); err != nil || v != (rules.AuditVerdict{Sound: head, Known: true}) {
		t.Errorf("VerifyAudit: %+v, %v", v, err)
	}
}
