package rules_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// blobCount returns how many contents there are, in blobs and inline.
func blobCount(t testing.TB, f *forumtest.Forum) int {
	t.Helper()
	kept := make(map[forum.BlobID]bool)
	if err := f.Blobs.All(func(id forum.BlobID) bool { kept[id] = true; return true }); err != nil {
		t.Fatal(err)
	}
	err := f.Store.View(func(r forum.Reader) error {
		note := func(id forum.BlobID) {
			if r.IsInline(id) {
				kept[id] = true
			}
		}
		for file := range r.Files(forum.Folder{}) {
			note(file.Blob)
		}
		for p := range r.Parts(forum.Folder{}) {
			note(p.Blob)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return len(kept)
}

// inBlobs makes all contents blobs.
func inBlobs(c *rules.Config) { c.MaxInline = 0 }

// sweep sweeps as a server that runs for a day does.
func sweep(t rapid.TB, f *forumtest.Forum) {
	t.Helper()
	for _, ran := range []time.Duration{0, 24 * time.Hour} {
		if err := f.Service.Sweep(ctx, ran); err != nil {
			t.Fatal(err)
		}
	}
}

func purge(t testing.TB, f *forumtest.Forum) {
	t.Helper()
	if err := f.Service.Purge(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestContentIsSharedAndFreedWithItsLastFile(t *testing.T) {
	f := thread3331(t)
	for _, name := range []string{"a", "b", "c.filepart"} {
		upload(t, f, "Yoda", in3331, name, "the same")
	}
	upload(t, f, "Luke", forPerson("Yoda"), "d", "the same")
	if err := f.Service.RenameFile(ctx, f.As("Yoda"), in3331, "c.filepart", "c", false); err != nil {
		t.Fatal(err)
	}
	if n := blobCount(t, f); n != 1 {
		t.Errorf("%d contents are kept", n)
	}
	uses(t, f, 32)
	for i, name := range []string{"a", "b", "c"} {
		if err := f.Service.RemoveFile(ctx, f.As("Yoda"), in3331, name); err != nil {
			t.Fatal(err)
		}
		uses(t, f, int64(24-8*i))
		if got := content(t, f, "Yoda", inbox, "Luke_d"); got != "the same" {
			t.Errorf("after the removal of %s: %q", name, got)
		}
	}
	if err := f.Service.RemoveFile(ctx, f.As("Yoda"), inbox, "Luke_d"); err != nil {
		t.Fatal(err)
	}
	uses(t, f, 0)
	if n := blobCount(t, f); n != 0 {
		t.Errorf("%d contents are kept", n)
	}
}

func TestRemovedThreadTakesItsFilesAlong(t *testing.T) {
	f := thread3331(t)
	upload(t, f, "Yoda", in3331, "report.pdf", "wisdom")
	cut := begin(t, f, "Luke", in3331, "cut", "half", rules.UploadOptions{})
	if err := cut.Leave(ctx, true); err != nil {
		t.Fatal(err)
	}
	running := begin(t, f, "Obi-wan", in3331, "late", "too late", rules.UploadOptions{})
	before := lines(t, f, "3331")
	remove := func() {
		t.Helper()
		must[forum.Thread](t)(f.Service.RemoveThread(ctx, f.As("Yoda"), "3331"))
	}
	remove()
	_, err := f.Service.Files(ctx, f.As("Yoda"), in3331)
	wants(t, err, forum.NotFound, "Thread 3331 does not exist")
	missing(t, f, "Yoda", in3331, "report.pdf")
	_, err = running.Complete(ctx)
	wants(t, err, forum.NotFound, "Thread 3331 does not exist")
	must[forum.Thread](t)(f.Service.RestoreThread(ctx, f.As("Yoda"), "3331", ""))
	if got := content(t, f, "Luke", in3331, "report.pdf"); got != "wisdom" {
		t.Errorf("after RESTORE: %q", got)
	}
	if diff := cmp.Diff(before, lines(t, f, "3331")); diff != "" {
		t.Error(diff)
	}
	remove()
	f.Clock.Advance(31 * 24 * time.Hour)
	purge(t, f)
	sweep(t, f)
	uses(t, f, 0)
	if n := blobCount(t, f); n != 0 {
		t.Errorf("%d contents are kept", n)
	}
}

// A large content that was replaced is freed in the background. If a restart interrupts that,
// Sweep frees the rest. The quotas have the room at once.
func TestReplacedContentIsFreed(t *testing.T) {
	f := thread3331(t)
	upload(t, f, "Yoda", in3331, "a", strings.Repeat("x", 40<<20))
	u := begin(t, f, "Yoda", in3331, "a", "small", rules.UploadOptions{Replace: true})
	must[rules.Uploaded](t)(u.Complete(ctx))
	uses(t, f, 5)
	if n := blobCount(t, f); n != 1 {
		t.Errorf("%d contents are kept", n)
	}
	f.Reopen()
	if got := content(t, f, "Yoda", in3331, "a"); got != "small" {
		t.Errorf("after a restart: %q", got)
	}
	sweep(t, f)
	if n := blobCount(t, f); n != 1 {
		t.Errorf("%d contents are kept after a sweep", n)
	}
	uses(t, f, 5)
}

func TestPurgeOfManyFiles(t *testing.T) {
	f := thread3331(t)
	var uploads sync.WaitGroup
	yoda := f.As("Yoda")
	for i := range 1100 { // more than one step of a purge
		uploads.Go(func() {
			u, err := f.Service.Upload(ctx, yoda, in3331, fmt.Sprint("file", i), rules.UploadOptions{})
			if err == nil {
				_, err = u.Complete(ctx)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	uploads.Wait()
	must[forum.Thread](t)(f.Service.RemoveThread(ctx, f.As("Yoda"), "3331"))
	f.Clock.Advance(31 * 24 * time.Hour)
	purge(t, f)
	f.Reopen()  // which checks the store
	sweep(t, f) // what was not freed by then
	if n := blobCount(t, f); n != 0 {
		t.Errorf("%d contents are kept", n)
	}
}

// leaveUnnamed leaves a content that no row names, as a crash does.
func leaveUnnamed(t testing.TB, f *forumtest.Forum) forum.BlobID {
	t.Helper()
	id := rules.NewBlobID()
	lost := must[forum.BlobWriter](t)(f.Blobs.Create(id))
	if _, err := lost.WriteAt([]byte("lost"), 0); err != nil {
		t.Fatal(err)
	}
	must[[32]byte](t)(lost.Finish(ctx))
	if err := lost.Close(); err != nil {
		t.Fatal(err)
	}
	return id
}

// noted returns the blobs that are noted as without a name.
func noted(t testing.TB, f *forumtest.Forum) (ids []forum.BlobID) {
	t.Helper()
	err := f.Store.View(func(r forum.Reader) error {
		for id := range r.UnnamedBlobs() {
			ids = append(ids, id)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// A blob without a name is freed when the server has run for a whole day, restarts included,
// since a sweep first found it. The rows may be wrong, as after a restore from a backup, and an
// operator needs time to see that.
func TestSweepWaits(t *testing.T) {
	f := thread3331(t)
	leaveUnnamed(t, f)
	step := func(want int, what string, ran time.Duration) {
		t.Helper()
		if err := f.Service.Sweep(ctx, ran); err != nil {
			t.Fatal(err)
		}
		if n := blobCount(t, f); n != want {
			t.Errorf("%s: %d contents are kept, want %d", what, n, want)
		}
	}
	step(1, "first seen, by a server that has run for long", 1000*time.Hour)
	step(1, "again, after a start", 0)
	f.Clock.Advance(100 * 365 * 24 * time.Hour)
	step(1, "the clock was 100 years ahead", 0)
	step(1, "an hour later by the server's time", time.Hour)
	f.Clock.Advance(-200 * 365 * 24 * time.Hour)
	f.Reopen()
	step(1, "after a restart", 0)
	step(1, "most of the day", 22*time.Hour)
	late := leaveUnnamed(t, f)
	step(1+1, "just before", time.Hour-1)
	step(1, "a day", 1)
	if ids := noted(t, f); len(ids) != 1 || ids[0] != late {
		t.Errorf("noted are %v, not %v", ids, late)
	}
	step(0, "a day after the other was seen", 24*time.Hour)
	if ids := noted(t, f); len(ids) != 0 {
		t.Errorf("noted are %v", ids)
	}
}

// A sweep that finds nothing writes nothing: an idle forum is idle.
func TestSweepOfNothing(t *testing.T) {
	f := thread3331(t)
	upload(t, f, "Yoda", in3331, "a", "of a")
	before := lastSeq(t, f)
	sweep(t, f)
	if after := lastSeq(t, f); after != before {
		t.Errorf("%d changes were made", after-before)
	}
}

// A noted blob that is gone is forgotten.
func TestSweepForgets(t *testing.T) {
	f := thread3331(t)
	id := leaveUnnamed(t, f)
	if err := f.Service.Sweep(ctx, 0); err != nil {
		t.Fatal(err)
	}
	f.Blobs.Remove(id)
	if err := f.Service.Sweep(ctx, time.Hour); err != nil {
		t.Fatal(err)
	}
	if ids := noted(t, f); len(ids) != 0 {
		t.Errorf("noted are %v", ids)
	}
}

func TestSweepOfMany(t *testing.T) {
	f := thread3331(t)
	upload(t, f, "Yoda", in3331, "a", "of a")
	const many = 600 // more than two steps
	var writers sync.WaitGroup
	for range many {
		writers.Go(func() { leaveUnnamed(t, f) })
	}
	writers.Wait()
	if err := f.Service.Sweep(ctx, 0); err != nil {
		t.Fatal(err)
	}
	if n := len(noted(t, f)); n != many {
		t.Errorf("%d are noted", n)
	}
	if err := f.Service.Sweep(ctx, 24*time.Hour); err != nil {
		t.Fatal(err)
	}
	if n := blobCount(t, f); n != 1 || len(noted(t, f)) != 0 {
		t.Errorf("%d contents are kept, %d noted", n, len(noted(t, f)))
	}
}

// Sweep frees blobs that no row names, such as those that a crash left behind. It does not free
// blobs that are being written or have a name.
func TestSweep(t *testing.T) {
	f := thread3331(t)
	leaveUnnamed(t, f)
	upload(t, f, "Yoda", in3331, "a", "of a")
	cut := begin(t, f, "Yoda", in3331, "b", "of b", rules.UploadOptions{})
	if err := cut.Leave(ctx, true); err != nil {
		t.Fatal(err)
	}
	running := begin(t, f, "Yoda", in3331, "c", "of c", rules.UploadOptions{})
	if err := running.Sync(ctx); err != nil {
		t.Fatal(err)
	}
	sweep(t, f)
	must[rules.Uploaded](t)(running.Complete(ctx))
	for _, name := range []string{"a", "b", "c"} {
		if got := content(t, f, "Yoda", in3331, name); got != "of "+name {
			t.Errorf("%s has %q", name, got)
		}
	}
	if n := blobCount(t, f); n != 3 {
		t.Errorf("%d contents are kept, want 3", n)
	}
}
