package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
)

// Audit appends e to the audit log; the result is the entry as it is stored.
func Audit(e forum.AuditEntry) Change {
	return Change{Name: "audit", Do: func(tx forum.Tx) (any, error) {
		e := e
		e.At = tx.Time()
		e = sealed(tx.AuditHead(), e)
		tx.AppendAudit(e)
		return e, nil
	}}
}

// sealed returns e as the entry that follows head.
func sealed(head forum.AuditHead, e forum.AuditEntry) forum.AuditEntry {
	e.N, e.Previous = head.N+1, head.Hash
	e.Hash = e.Sum()
	return e
}

func testAudit(t *testing.T, open Open) {
	f := start(t, open, Options{EventsKept: 1})
	f.view(func(r forum.Reader) {
		if head := r.AuditHead(); head != (forum.AuditHead{}) || slices.Collect(r.Audit(0)) != nil || slices.Collect(r.AuditBack()) != nil {
			t.Errorf("the head of an empty log: %+v", head)
		}
	})
	var want []forum.AuditEntry
	for i, e := range []forum.AuditEntry{
		{By: 7, ByName: "yoda", Act: "user.silence", Object: "user 4", Name: "luke", Value: "v", Reason: "loud\n\xff", Until: noon.Add(time.Hour)},
		{Act: "thread.remove", Object: "thread 12"},
		{By: 1<<64 - 2},
	} {
		want = append(want, f.do(Audit(e).Later(time.Duration(i)*time.Second)).(forum.AuditEntry))
	}
	backwards := slices.Clone(want)
	slices.Reverse(backwards)
	f.reopen()
	f.view(func(r forum.Reader) {
		if diff := cmp.Diff(want, slices.Collect(r.Audit(0))); diff != "" {
			t.Errorf("Audit (-want +got):\n%s", diff)
		}
		if got := slices.Collect(r.Audit(2)); !slices.Equal(got, want[2:]) {
			t.Errorf("Audit after the second: %+v", got)
		}
		if got := slices.Collect(r.Audit(1<<64 - 1)); got != nil {
			t.Errorf("Audit after the last number there is: %+v", got)
		}
		if got := slices.Collect(r.AuditBack()); !slices.Equal(got, backwards) {
			t.Errorf("AuditBack: %+v", got)
		}
		if head := r.AuditHead(); head != want[2].Head() || head.N != 3 {
			t.Errorf("AuditHead: %+v", head)
		}
		var before forum.AuditHead
		for e := range r.Audit(0) {
			if !e.Follows(before) {
				t.Errorf("entry %d, read back, does not follow %+v", e.N, before)
			}
			before = e.Head()
		}
	})
	f.do(Write(func(tx forum.Tx) {
		first := sealed(tx.AuditHead(), forum.AuditEntry{Act: "one"})
		tx.AppendAudit(first)
		if head := tx.AuditHead(); head != first.Head() {
			t.Errorf("AuditHead in a change that appended: %+v", head)
		}
		tx.AppendAudit(sealed(first.Head(), forum.AuditEntry{Act: "two"}))
	}))
	f.view(func(r forum.Reader) {
		if head := r.AuditHead(); head.N != 5 {
			t.Errorf("AuditHead after two entries of one change: %+v", head)
		}
	})
}
