package rules_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
	"sshforum/forum/rules"
)

// Only the operator can pair the stores. The audit log has it, and all unnamed blobs then wait
// as if they were first seen now.
func TestPair(t *testing.T) {
	f := thread3331(t)
	leaveUnnamed(t, f)
	if err := f.Service.Sweep(ctx, 0); err != nil {
		t.Fatal(err)
	}
	admin := f.AsRole("Mace", forum.Admin)
	wants(t, f.Service.Pair(ctx, admin, forum.NewPairing(), ""), forum.Denied, "Only the operator can pair the stores.")
	pairing := forum.NewPairing()
	if err := f.Service.Pair(ctx, rules.Operator(), pairing, "forum.db is older"); err != nil {
		t.Fatal(err)
	}
	if err := f.Blobs.SetPairing(pairing); err != nil {
		t.Fatal(err)
	}
	log := must[rules.AuditLog](t)(f.Service.Audit(rules.Operator(), 1))
	if e := log.Entries[0]; e.Act != forum.AuditStoresPair || e.ByName != "operator" || e.Reason != "forum.db is older" {
		t.Errorf("the audit log has %+v", e)
	}
	f.Reopen()
	for range 2 {
		if n := blobCount(t, f); n != 1 {
			t.Errorf("%d contents are kept", n)
		}
		if err := f.Service.Sweep(ctx, 23*time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Service.Sweep(ctx, time.Hour); err != nil {
		t.Fatal(err)
	}
	if n := blobCount(t, f); n != 0 {
		t.Errorf("after a day %d contents are kept", n)
	}
}

// All files whose contents are lost are listed, wherever they are, and no others.
func TestLostFiles(t *testing.T) {
	f := thread3331(t, inBlobs)
	upload(t, f, "Yoda", in3331, "kept", "kept")
	gone := upload(t, f, "Yoda", in3331, "gone", "gone").File.Blob
	upload(t, f, "Luke", forPerson("Yoda"), "gone too", "gone")
	waits := upload(t, f, "Yoda", in3331, "waits.filepart", "waits").File.Blob
	lost := func() []rules.NamedFile {
		t.Helper()
		return must[[]rules.NamedFile](t)(f.Service.LostFiles())
	}
	if all := lost(); len(all) != 0 {
		t.Errorf("lost are %v", all)
	}
	f.Blobs.Remove(gone, waits)
	want := []rules.NamedFile{
		{Folder: "the inbox of Yoda", Name: "Luke_gone too", From: "Luke", Size: 4},
		{Folder: "Thread 3331", Name: "gone", From: "Yoda", Size: 4},
		{Folder: "Thread 3331", Name: "waits.filepart", From: "Yoda", Size: 5},
	}
	if diff := cmp.Diff(want, lost()); diff != "" {
		t.Error(diff)
	}
}
