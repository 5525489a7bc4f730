package storetest

import (
	"iter"
	"slices"
	"testing"

	"sshforum/forum"
)

func testReports(t *testing.T, open Open) {
	f := start(t, open, Options{})
	for _, name := range []string{"yoda", "luke"} {
		f.do(AddUser(name))
	}
	report := func(thread forum.ThreadID, seq uint64, by forum.UserID) forum.Report {
		return forum.Report{Object: forum.MessageID{Thread: thread, Seq: seq}, By: by, At: noon, Reason: "spam\xff"}
	}
	one, two, whole, other := report(1, 7, 1), report(1, 7, 2), report(1, 0, 2), report(2, 7, 1)
	f.do(Write(func(tx forum.Tx) {
		for _, r := range []forum.Report{other, two, whole, one} {
			tx.PutReport(r)
		}
	}))
	want := func(what string, got iter.Seq[forum.Report], want ...forum.Report) {
		t.Helper()
		if got := slices.Collect(got); !slices.Equal(got, want) {
			t.Errorf("%s: %+v, want %+v", what, got, want)
		}
	}
	f.reopen()
	f.view(func(r forum.Reader) {
		want("Reports", r.Reports(), whole, one, two, other)
		want("ReportsOf a message", r.ReportsOf(one.Object), one, two)
		want("ReportsOf a thread", r.ReportsOf(whole.Object), whole)
		want("ReportsIn", r.ReportsIn(1), whole, one, two)
		want("ReportsBy", r.ReportsBy(1), one, other)
		want("ReportsBy nobody", r.ReportsBy(3))
		if got, ok := r.ReportBy(2, one.Object); !ok || got != two {
			t.Errorf("ReportBy: %+v, %v", got, ok)
		}
		if _, ok := r.ReportBy(1, whole.Object); ok {
			t.Error("a report is found that nobody made")
		}
	})
	f.do(Write(func(tx forum.Tx) {
		for r := range tx.ReportsOf(one.Object) {
			tx.DropReport(r)
		}
	}))
	f.view(func(r forum.Reader) {
		want("Reports after two are dropped", r.Reports(), whole, other)
		want("ReportsBy after two are dropped", r.ReportsBy(1), other)
	})
}
