package forum_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
	"sshforum/forum/forumtest"
)

// blobCount returns how many contents there are.
func blobCount(t testing.TB, f *forumtest.Forum) (n int) {
	t.Helper()
	if err := f.Blobs.All(func(forum.BlobID) bool { n++; return true }); err != nil {
		t.Fatal(err)
	}
	return n
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
	cut := begin(t, f, "Luke", in3331, "cut", "half", forum.UploadOptions{})
	if err := cut.Leave(ctx, true); err != nil {
		t.Fatal(err)
	}
	running := begin(t, f, "Obi-wan", in3331, "late", "too late", forum.UploadOptions{})
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
	if err := f.Service.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	uses(t, f, 0)
	if n := blobCount(t, f); n != 0 {
		t.Errorf("%d contents are kept", n)
	}
}

// A large content that was replaced is freed in the background; what a restart keeps
// from that, Sweep does. The quotas have the room at once.
func TestReplacedContentIsFreed(t *testing.T) {
	f := thread3331(t)
	upload(t, f, "Yoda", in3331, "a", strings.Repeat("x", 40<<20))
	u := begin(t, f, "Yoda", in3331, "a", "small", forum.UploadOptions{Replace: true})
	must[forum.Uploaded](t)(u.Complete(ctx))
	uses(t, f, 5)
	if n := blobCount(t, f); n != 1 {
		t.Errorf("%d contents are kept", n)
	}
	f.Reopen()
	if got := content(t, f, "Yoda", in3331, "a"); got != "small" {
		t.Errorf("after a restart: %q", got)
	}
	if err := f.Service.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
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
			u, err := f.Service.Upload(ctx, yoda, in3331, fmt.Sprint("file", i), forum.UploadOptions{})
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
	f.Reopen()                                   // which checks the store
	if err := f.Service.Sweep(ctx); err != nil { // what was not freed by then
		t.Fatal(err)
	}
	if n := blobCount(t, f); n != 0 {
		t.Errorf("%d contents are kept", n)
	}
}

// What the forum does not name, such as what a crash left behind, is swept; what is
// being written and what has a name is not.
func TestSweep(t *testing.T) {
	f := thread3331(t)
	lost := must[forum.BlobWriter](t)(f.Blobs.Create(forum.NewBlobID()))
	if _, err := lost.WriteAt([]byte("lost"), 0); err != nil {
		t.Fatal(err)
	}
	must[[32]byte](t)(lost.Finish(ctx))
	if err := lost.Close(); err != nil {
		t.Fatal(err)
	}
	upload(t, f, "Yoda", in3331, "a", "of a")
	cut := begin(t, f, "Yoda", in3331, "b", "of b", forum.UploadOptions{})
	if err := cut.Leave(ctx, true); err != nil {
		t.Fatal(err)
	}
	running := begin(t, f, "Yoda", in3331, "c", "of c", forum.UploadOptions{})
	if err := running.Sync(ctx); err != nil {
		t.Fatal(err)
	}
	if err := f.Service.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	must[forum.Uploaded](t)(running.Complete(ctx))
	for _, name := range []string{"a", "b", "c"} {
		if got := content(t, f, "Yoda", in3331, name); got != "of "+name {
			t.Errorf("%s has %q", name, got)
		}
	}
	if n := blobCount(t, f); n != 3 {
		t.Errorf("%d contents are kept, want 3", n)
	}
}
