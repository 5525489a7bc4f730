package forum_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/storetest"
)

var (
	in3331 = forum.Place{Thread: "3331"}
	inbox  = forum.Place{Own: true}
)

func forPerson(name string) forum.Place { return forum.Place{Person: name} }

// begin begins an upload and writes content from its beginning.
func begin(t testing.TB, f *forumtest.Forum, name string, at forum.Place, file, content string, o forum.UploadOptions) *forum.Upload {
	t.Helper()
	u := must[*forum.Upload](t)(f.Service.Upload(ctx, f.As(name), at, file, o))
	write(t, u, content, 0)
	return u
}

func write(t testing.TB, u *forum.Upload, content string, at int64) {
	t.Helper()
	if n, err := u.WriteAt([]byte(content), at); err != nil || n != len(content) {
		t.Fatalf("%d of %d bytes written: %v", n, len(content), err)
	}
}

// upload uploads a whole file; an own one is replaced.
func upload(t testing.TB, f *forumtest.Forum, name string, at forum.Place, file, content string) forum.Uploaded {
	t.Helper()
	u := begin(t, f, name, at, file, content, forum.UploadOptions{Replace: true})
	return must[forum.Uploaded](t)(u.Complete(ctx))
}

// content reads a file as name sees it.
func content(t testing.TB, f *forumtest.Forum, name string, at forum.Place, file string) string {
	t.Helper()
	info, r, err := f.Service.OpenFile(ctx, f.As(name), at, file)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b := must[[]byte](t)(io.ReadAll(io.NewSectionReader(r, 0, r.Size())))
	if !info.Part && (info.Size != int64(len(b)) || info.SHA256 != sha256.Sum256(b)) {
		t.Errorf("%s has %d bytes, not those its row says: %d with the hash %x", file, len(b), info.Size, info.SHA256)
	}
	return string(b)
}

// listed returns the names of the files that name sees in a list.
func listed(t testing.TB, f *forumtest.Forum, name string, at forum.Place) []string {
	t.Helper()
	names := []string{}
	for _, file := range must[[]forum.FileInfo](t)(f.Service.Files(ctx, f.As(name), at)) {
		names = append(names, file.Uploader+":"+file.Name)
	}
	return names
}

// missing fails the test unless name finds no such file.
func missing(t testing.TB, f *forumtest.Forum, name string, at forum.Place, file string) {
	t.Helper()
	if info, err := f.Service.File(ctx, f.As(name), at, file); err == nil || forum.KindOf(err) != forum.NotFound {
		t.Errorf("%s finds %s: %+v, %v", name, file, info, err)
	}
}

// lines reads a thread with the lines of its uploads.
func lines(t testing.TB, f *forumtest.Forum, title string) (all []string) {
	t.Helper()
	r := must[forum.Reading](t)(f.Service.Read(ctx, f.As("reader"), title, forum.Range{}))
	for e, err := range r.Entries {
		if err != nil {
			t.Fatal(err)
		}
		if e.Message.Upload != "" {
			all = append(all, fmt.Sprintf("%d %s uploaded %s", e.Number, e.Author, e.Message.Upload))
			continue
		}
		all = append(all, line(e.Number, e.Author, e.Message.Text))
	}
	return all
}

// uses fails the test unless all files of the forum use n bytes.
func uses(t testing.TB, f *forumtest.Forum, n int64) {
	t.Helper()
	err := f.Store.View(func(r forum.Reader) error {
		if r.Used() != n {
			t.Errorf("all files use %d bytes, want %d", r.Used(), n)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// blobCount returns how many contents there are.
func blobCount(t testing.TB, f *forumtest.Forum) (n int) {
	t.Helper()
	if err := f.Blobs.All(func(forum.BlobID) bool { n++; return true }); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestUploadHasALineWithoutANumber(t *testing.T) {
	f := thread3331(t)
	done := upload(t, f, "Yoda", in3331, "report.pdf", "wisdom")
	if done.Title != "3331" || done.Hidden || done.File.Size != 6 {
		t.Errorf("%+v", done)
	}
	post(t, f, "Luke", "3331", "four")
	want := []string{"1 Yoda: one", "2 Obi-wan: two", "3 Yoda: three", "0 Yoda uploaded report.pdf", "4 Luke: four"}
	if diff := cmp.Diff(want, lines(t, f, "3331")); diff != "" {
		t.Error(diff)
	}
	if got := content(t, f, "Luke", in3331, "report.pdf"); got != "wisdom" {
		t.Errorf("Luke reads %q", got)
	}
	if diff := cmp.Diff([]string{"Yoda:report.pdf"}, listed(t, f, "Luke", in3331)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"4 Luke: four"}, texts(t, f, "3331", forum.Range{Last: 1})); diff != "" {
		t.Error(diff)
	}
	byID := forum.Target{Title: "3331", ID: forum.MessageID{Thread: done.File.Folder.Thread, Seq: done.File.Line}}
	_, err := f.Service.EditMessage(ctx, f.As("Yoda"), byID, "another")
	wants(t, err, forum.NotFound, "Invalid message number")
	_, err = f.Service.DeleteMessage(ctx, f.As("Yoda"), byID)
	wants(t, err, forum.NotFound, "Invalid message number")
}

func TestUploadIsToldToWatchers(t *testing.T) {
	f := thread3331(t)
	f.As("Luke")
	sub := f.Hub.Subscribe(16, func(e forum.Event) bool { return e.File != "" })
	defer sub.Close()
	upload(t, f, "Yoda", in3331, "report.pdf.filepart", "wisdom")
	upload(t, f, "Yoda", forPerson("Luke"), "secret", "wisdom")
	if err := f.Service.RenameFile(ctx, f.As("Yoda"), in3331, "report.pdf.filepart", "report.pdf", false); err != nil {
		t.Fatal(err)
	}
	if err := f.Service.RenameFile(ctx, f.As("Yoda"), in3331, "report.pdf", "book.pdf", false); err != nil {
		t.Fatal(err)
	}
	if err := f.Service.RemoveFile(ctx, f.As("Yoda"), in3331, "book.pdf"); err != nil {
		t.Fatal(err)
	}
	var told []string
	events, missed, err := sub.Next(ctx)
	for _, e := range events {
		told = append(told, fmt.Sprintf("%s %s: %s in %s", e.Kind, e.Name, e.File, e.Title))
	}
	want := []string{"file.uploaded Yoda: report.pdf in 3331", "file.renamed Yoda: book.pdf in 3331", "file.removed Yoda: book.pdf in 3331"}
	if diff := cmp.Diff(want, told); diff != "" || missed > 0 || err != nil {
		t.Errorf("%s, missed %d, %v", diff, missed, err)
	}
}

func TestFileNameIsUniqueInItsThread(t *testing.T) {
	f := thread3331(t)
	upload(t, f, "Yoda", in3331, "report.pdf", "wisdom")
	_, err := f.Service.Upload(ctx, f.As("Yoda"), in3331, "report.pdf", forum.UploadOptions{})
	wants(t, err, forum.Conflict, "report.pdf already exists in Thread 3331")
	_, err = f.Service.Upload(ctx, f.As("Luke"), in3331, "report.pdf", forum.UploadOptions{Replace: true})
	wants(t, err, forum.Denied, "report.pdf already exists in Thread 3331 and belongs to another user")
	_, err = f.Service.Upload(ctx, f.As("Luke"), forum.Place{Thread: "331"}, "report.pdf", forum.UploadOptions{})
	wants(t, err, forum.NotFound, "Thread 331 does not exist")
	must[forum.Thread](t)(f.Service.CreateThread(ctx, f.As("Luke"), "other"))
	upload(t, f, "Luke", forum.Place{Thread: "other"}, "report.pdf", "folly")
	if got := content(t, f, "Luke", in3331, "report.pdf"); got != "wisdom" {
		t.Errorf("the first file has %q", got)
	}
}

func TestWhoIsSecondWithANameLoses(t *testing.T) {
	f := thread3331(t)
	one := begin(t, f, "Yoda", in3331, "report.pdf", "of Yoda", forum.UploadOptions{Replace: true})
	two := begin(t, f, "Luke", in3331, "report.pdf", "of Luke", forum.UploadOptions{Replace: true})
	must[forum.Uploaded](t)(two.Complete(ctx))
	_, err := one.Complete(ctx)
	wants(t, err, forum.Denied, "report.pdf already exists in Thread 3331 and belongs to another user")
	if got := content(t, f, "Yoda", in3331, "report.pdf"); got != "of Luke" {
		t.Errorf("the file has %q", got)
	}
	uses(t, f, 7)
}

func TestOldContentStaysUntilTheNewOneIsComplete(t *testing.T) {
	f := thread3331(t)
	upload(t, f, "Yoda", in3331, "report.pdf", "old")
	_, reading, err := f.Service.OpenFile(ctx, f.As("Luke"), in3331, "report.pdf")
	if err != nil {
		t.Fatal(err)
	}
	defer reading.Close()
	u := begin(t, f, "Yoda", in3331, "report.pdf", "newer", forum.UploadOptions{Replace: true})
	if err := u.Sync(ctx); err != nil {
		t.Fatal(err)
	}
	if got := content(t, f, "Luke", in3331, "report.pdf"); got != "old" {
		t.Errorf("before the end others read %q", got)
	}
	must[forum.Uploaded](t)(u.Complete(ctx))
	if got := content(t, f, "Luke", in3331, "report.pdf"); got != "newer" {
		t.Errorf("after the end others read %q", got)
	}
	want := []string{"1 Yoda: one", "2 Obi-wan: two", "3 Yoda: three", "0 Yoda uploaded report.pdf"}
	if diff := cmp.Diff(want, lines(t, f, "3331")); diff != "" {
		t.Error(diff)
	}
	if _, err := reading.ReadAt(make([]byte, 3), 0); forum.KindOf(err) != forum.NotFound {
		t.Errorf("reading the old content: %v", err)
	}
	uses(t, f, 5)
	if n := blobCount(t, f); n != 1 {
		t.Errorf("%d contents are kept", n)
	}
}

func TestTemporaryNameIsPublishedByItsRename(t *testing.T) {
	f := thread3331(t)
	before := lines(t, f, "3331")
	for _, name := range []string{"report.pdf.filepart", "report.pdf.partial"} {
		if done := upload(t, f, "Yoda", in3331, name, "of "+name); !done.Hidden {
			t.Errorf("%s is shown", name)
		}
		missing(t, f, "Luke", in3331, name)
		if got := content(t, f, "Yoda", in3331, name); got != "of "+name {
			t.Errorf("%s has %q for its owner", name, got)
		}
	}
	if got := listed(t, f, "Yoda", in3331); len(got) != 0 {
		t.Errorf("listed: %q", got)
	}
	if diff := cmp.Diff(before, lines(t, f, "3331")); diff != "" {
		t.Error(diff)
	}
	rename := func(who, from, to string) error {
		return f.Service.RenameFile(ctx, f.As(who), in3331, from, to, true)
	}
	wants(t, rename("Luke", "report.pdf.filepart", "mine"), forum.NotFound, "File report.pdf.filepart does not exist in Thread 3331")
	for _, to := range []string{"report.pdf.filepart", "b.filepart", "report.pdf"} {
		if err := rename("Yoda", "report.pdf.filepart", to); err != nil && to != "report.pdf" {
			t.Fatal(err)
		}
		if to == "b.filepart" {
			if err := rename("Yoda", to, "report.pdf"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := content(t, f, "Luke", in3331, "report.pdf"); got != "of report.pdf.filepart" {
		t.Errorf("Luke reads %q", got)
	}
	if diff := cmp.Diff(append(before, "0 Yoda uploaded report.pdf"), lines(t, f, "3331")); diff != "" {
		t.Error(diff)
	}
	if err := rename("Yoda", "report.pdf.partial", "report.pdf"); err != nil {
		t.Fatal(err)
	}
	if got := content(t, f, "Luke", in3331, "report.pdf"); got != "of report.pdf.partial" {
		t.Errorf("after the second rename Luke reads %q", got)
	}
	wants(t, rename("Yoda", "report.pdf", "report.pdf.partial"), forum.Invalid,
		"report.pdf.partial is a name for uploads that are not complete; choose another.")
	if n := blobCount(t, f); n != 1 {
		t.Errorf("%d contents are kept", n)
	}
}

func TestRename(t *testing.T) {
	f := thread3331(t)
	upload(t, f, "Yoda", in3331, "a", "of a")
	upload(t, f, "Yoda", in3331, "b", "of b")
	upload(t, f, "Luke", in3331, "c", "of c")
	rename := func(from, to string, replace bool) error {
		return f.Service.RenameFile(ctx, f.As("Yoda"), in3331, from, to, replace)
	}
	wants(t, rename("a", "b", false), forum.Conflict, "b already exists in Thread 3331")
	wants(t, rename("a", "c", true), forum.Denied, "c already exists in Thread 3331 and belongs to another user")
	wants(t, rename("c", "d", true), forum.Denied, "The file belongs to another user and cannot be renamed")
	wants(t, rename("x", "d", true), forum.NotFound, "File x does not exist in Thread 3331")
	wants(t, rename("a", ".hidden", true), forum.Invalid, "A file name cannot start with a dot; rename the file and send it again.")
	if err := rename("a", "a", false); err != nil {
		t.Error(err)
	}
	u := begin(t, f, "Yoda", in3331, "d.filepart", "half", forum.UploadOptions{})
	wants(t, rename("d.filepart", "d", true), forum.Conflict, "The upload of d.filepart is not complete; send it to its end first.")
	if err := u.Leave(ctx, false); err != nil {
		t.Fatal(err)
	}
	if err := rename("a", "b", true); err != nil {
		t.Fatal(err)
	}
	if got := content(t, f, "Luke", in3331, "b"); got != "of a" {
		t.Errorf("b has %q", got)
	}
	want := []string{"1 Yoda: one", "2 Obi-wan: two", "3 Yoda: three", "0 Yoda uploaded b", "0 Luke uploaded c"}
	if diff := cmp.Diff(want, lines(t, f, "3331")); diff != "" {
		t.Error(diff)
	}
	uses(t, f, 8)
}

func TestCutUploadIsResumedByItsOwner(t *testing.T) {
	f := thread3331(t)
	u := begin(t, f, "Yoda", in3331, "report.pdf", "half of it", forum.UploadOptions{Replace: true})
	if err := u.Leave(ctx, true); err != nil {
		t.Fatal(err)
	}
	for _, restart := range []bool{false, true} {
		if restart {
			f.Reopen()
		}
		info := must[forum.FileInfo](t)(f.Service.File(ctx, f.As("Yoda"), in3331, "report.pdf"))
		if !info.Part || info.Size != 10 || content(t, f, "Yoda", in3331, "report.pdf") != "half of it" {
			t.Errorf("restart %v: the owner sees %+v", restart, info)
		}
		missing(t, f, "Luke", in3331, "report.pdf")
		_, _, err := f.Service.OpenFile(ctx, f.As("Luke"), in3331, "report.pdf")
		wants(t, err, forum.NotFound, "File report.pdf does not exist in Thread 3331")
		if got := listed(t, f, "Yoda", in3331); len(got) != 0 {
			t.Errorf("listed: %q", got)
		}
		uses(t, f, 10)
	}
	u = must[*forum.Upload](t)(f.Service.Upload(ctx, f.As("Yoda"), in3331, "report.pdf", forum.UploadOptions{Keep: true}))
	if size := must[int64](t)(u.Size()); size != 10 {
		t.Errorf("the upload goes on at %d", size)
	}
	write(t, u, ", and the rest", 10)
	must[forum.Uploaded](t)(u.Complete(ctx))
	if got := content(t, f, "Luke", in3331, "report.pdf"); got != "half of it, and the rest" {
		t.Errorf("Luke reads %q", got)
	}
	uses(t, f, 24)
}

func TestUploadWithNothingDurableHasNoSize(t *testing.T) {
	f := thread3331(t)
	u := begin(t, f, "Yoda", in3331, "report.pdf", "not durable yet", forum.UploadOptions{Declared: 1 << 20})
	if info := must[forum.FileInfo](t)(f.Service.File(ctx, f.As("Yoda"), in3331, "report.pdf")); !info.Part || info.Size != 0 {
		t.Errorf("%+v", info)
	}
	uses(t, f, 1<<20)
	if err := u.Leave(ctx, false); err != nil {
		t.Fatal(err)
	}
	missing(t, f, "Yoda", in3331, "report.pdf")
	uses(t, f, 0)
}

func TestTwoUploadsOfOneNameByOnePerson(t *testing.T) {
	f := thread3331(t)
	one := begin(t, f, "Yoda", in3331, "report.pdf", "first", forum.UploadOptions{Replace: true})
	if err := one.Sync(ctx); err != nil {
		t.Fatal(err)
	}
	_, err := f.Service.Upload(ctx, f.As("Yoda"), in3331, "report.pdf", forum.UploadOptions{Keep: true})
	if forum.KindOf(err) != forum.Conflict || err == nil {
		t.Errorf("to go on with what is being written: %v", err)
	}
	two := begin(t, f, "Yoda", in3331, "report.pdf", "second", forum.UploadOptions{Replace: true})
	_, err = one.Complete(ctx)
	wants(t, err, forum.Conflict, "The upload of report.pdf was given up; send it again.")
	must[forum.Uploaded](t)(two.Complete(ctx))
	if got := content(t, f, "Luke", in3331, "report.pdf"); got != "second" {
		t.Errorf("Luke reads %q", got)
	}
	if err := f.Service.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	if n := blobCount(t, f); n != 1 {
		t.Errorf("%d contents are kept", n)
	}
	uses(t, f, 6)
}

func TestOwnFileIsChangedInPlace(t *testing.T) {
	f := thread3331(t)
	upload(t, f, "Yoda", in3331, "report.pdf", "0123456789")
	keep := forum.UploadOptions{Keep: true, Replace: true}
	change := func(do func(*forum.Upload)) string {
		u := must[*forum.Upload](t)(f.Service.Upload(ctx, f.As("Yoda"), in3331, "report.pdf", keep))
		if do != nil {
			do(u)
		}
		must[forum.Uploaded](t)(u.Complete(ctx))
		return content(t, f, "Luke", in3331, "report.pdf")
	}
	for _, step := range []struct {
		do   func(*forum.Upload)
		want string
	}{
		{nil, "0123456789"},
		{func(u *forum.Upload) { write(t, u, "ab", 3) }, "012ab56789"},
		{func(u *forum.Upload) {
			if err := u.Truncate(4); err != nil {
				t.Error(err)
			}
		}, "012a"},
		{func(u *forum.Upload) {
			b := make([]byte, 2)
			if n, err := u.ReadAt(b, 2); n != 2 || string(b) != "2a" {
				t.Errorf("reads %q: %v", b, err)
			}
			write(t, u, "x", 6)
		}, "012a\x00\x00x"},
		{func(u *forum.Upload) {
			if err := u.Truncate(0); err != nil {
				t.Error(err)
			}
			write(t, u, "new", 0)
		}, "new"},
	} {
		if got := change(step.do); got != step.want {
			t.Errorf("got %q, want %q", got, step.want)
		}
	}
	uses(t, f, 3)
}

// An upload whose beginning is gone must not be taken for one without a beginning.
func TestChangeOfAFileThatGoesAwayIsRefused(t *testing.T) {
	f := thread3331(t)
	upload(t, f, "Yoda", in3331, "report.pdf", "0123456789")
	u := must[*forum.Upload](t)(f.Service.Upload(ctx, f.As("Yoda"), in3331, "report.pdf", forum.UploadOptions{Keep: true, Replace: true}))
	if err := f.Service.RemoveFile(ctx, f.AsRole("Mace", forum.Moderator), in3331, "report.pdf"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, err := u.WriteAt([]byte("x"), 3)
		wants(t, err, forum.NotFound, "The content of this file is gone.")
	}
	_, err := u.Complete(ctx)
	wants(t, err, forum.NotFound, "The content of this file is gone.")
	missing(t, f, "Yoda", in3331, "report.pdf")
	uses(t, f, 0)
}

func TestRenameEndsAnOlderUploadOfTheNewName(t *testing.T) {
	f := thread3331(t)
	u := begin(t, f, "Yoda", in3331, "report.pdf", "half of", forum.UploadOptions{})
	if err := u.Leave(ctx, true); err != nil {
		t.Fatal(err)
	}
	upload(t, f, "Yoda", in3331, "report.pdf.filepart", "the whole")
	if err := f.Service.RenameFile(ctx, f.As("Yoda"), in3331, "report.pdf.filepart", "report.pdf", false); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Yoda", "Luke"} {
		if got := content(t, f, name, in3331, "report.pdf"); got != "the whole" {
			t.Errorf("%s reads %q", name, got)
		}
	}
	uses(t, f, 9)
	if n := blobCount(t, f); n != 1 {
		t.Errorf("%d contents are kept", n)
	}
}

func TestCutUploadExpiresAfterADay(t *testing.T) {
	f := thread3331(t)
	for _, name := range []string{"cut", "waiting.filepart"} {
		u := begin(t, f, "Yoda", in3331, name, "half of it", forum.UploadOptions{})
		if name == "cut" {
			if err := u.Leave(ctx, true); err != nil {
				t.Fatal(err)
			}
			continue
		}
		must[forum.Uploaded](t)(u.Complete(ctx))
	}
	f.Clock.Advance(24 * time.Hour)
	purge(t, f)
	uses(t, f, 20)
	f.Clock.Advance(time.Second)
	purge(t, f)
	missing(t, f, "Yoda", in3331, "cut")
	missing(t, f, "Yoda", in3331, "waiting.filepart")
	uses(t, f, 0)
	if n := blobCount(t, f); n != 0 {
		t.Errorf("%d contents are kept", n)
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

func TestRemoveFile(t *testing.T) {
	f := thread3331(t)
	before := lines(t, f, "3331")
	upload(t, f, "Yoda", in3331, "report.pdf", "wisdom")
	upload(t, f, "Yoda", in3331, "other", "wisdom")
	err := f.Service.RemoveFile(ctx, f.As("Luke"), in3331, "report.pdf")
	wants(t, err, forum.Denied, "The file belongs to another user and cannot be removed")
	err = f.Service.RemoveFile(ctx, f.As("Luke"), in3331, "none")
	wants(t, err, forum.NotFound, "File none does not exist in Thread 3331")
	if err := f.Service.RemoveFile(ctx, f.As("Yoda"), in3331, "report.pdf"); err != nil {
		t.Fatal(err)
	}
	if err := f.Service.RemoveFile(ctx, f.AsRole("Mace", forum.Moderator), in3331, "other"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, lines(t, f, "3331")); diff != "" {
		t.Error(diff)
	}
	uses(t, f, 0)
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
	f.Reopen() // which checks the store
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

func TestQuotas(t *testing.T) {
	const file, thread, person, total = 100, 250, 300, 350
	for _, test := range []struct {
		name  string
		fill  func(t *testing.T, f *forumtest.Forum)
		room  int
		says  string
		where forum.Place
	}{
		{"file", nil, file, "A file has at most 100 bytes.", in3331},
		{"thread", func(t *testing.T, f *forumtest.Forum) {
			for _, name := range []string{"Luke", "Leia"} {
				upload(t, f, name, in3331, name, strings.Repeat("x", 100))
			}
		}, 50, "The files of one thread have at most 250 bytes; remove some first.", in3331},
		{"inbox", func(t *testing.T, f *forumtest.Forum) {
			for _, name := range []string{"Luke", "Leia"} {
				upload(t, f, name, forPerson("Mace"), "x", strings.Repeat("x", 100))
			}
		}, 50, "The files of one thread have at most 250 bytes; remove some first.", forPerson("Mace")},
		{"person", func(t *testing.T, f *forumtest.Forum) {
			for i, size := range []int{100, 100, 70} {
				must[forum.Thread](t)(f.Service.CreateThread(ctx, f.As("Yoda"), fmt.Sprint("t", i)))
				upload(t, f, "Yoda", forum.Place{Thread: fmt.Sprint("t", i)}, "x", strings.Repeat("x", size))
			}
		}, 30, "Your files have at most 300 bytes; remove some first.", in3331},
		{"total", func(t *testing.T, f *forumtest.Forum) {
			for i, name := range []string{"Luke", "Leia", "Mace"} {
				must[forum.Thread](t)(f.Service.CreateThread(ctx, f.As("Yoda"), fmt.Sprint("t", i)))
				upload(t, f, name, forum.Place{Thread: fmt.Sprint("t", i)}, "x", strings.Repeat(name[:1], 100))
			}
		}, 50, "The forum has no room for more files; ask its operator.", in3331},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := thread3331(t, func(c *forum.Config) {
				c.Quotas = forum.Quotas{File: file, Thread: thread, Person: person, Total: total}
			})
			f.As("Mace")
			if test.fill != nil {
				test.fill(t, f)
			}
			yoda, used, kept := f.As("Yoda"), usedBytes(t, f), blobCount(t, f)
			full := strings.Repeat("y", test.room)
			_, err := f.Service.Upload(ctx, yoda, test.where, "big", forum.UploadOptions{Declared: int64(test.room) + 1})
			wants(t, err, forum.Limited, test.says)
			u := begin(t, f, "Yoda", test.where, "big", full, forum.UploadOptions{Declared: int64(test.room)})
			for range 2 {
				_, err = u.WriteAt([]byte("y"), int64(test.room))
				wants(t, err, forum.Limited, test.says)
			}
			_, err = u.WriteAt([]byte("y"), 0)
			wants(t, err, forum.Limited, test.says)
			_, err = u.Complete(ctx)
			wants(t, err, forum.Limited, test.says)
			uses(t, f, used)
			u = begin(t, f, "Yoda", test.where, "big", "", forum.UploadOptions{})
			wants(t, u.Truncate(int64(test.room)+1), forum.Limited, test.says)
			if err := u.Leave(ctx, true); err != nil {
				t.Error(err)
			}
			uses(t, f, used)
			if n := blobCount(t, f); n != kept {
				t.Errorf("%d contents are kept, not %d", n, kept)
			}
			upload(t, f, "Yoda", test.where, "big", full)
			uses(t, f, used+int64(test.room))
		})
	}
}

func usedBytes(t testing.TB, f *forumtest.Forum) (n int64) {
	t.Helper()
	if err := f.Store.View(func(r forum.Reader) error { n = r.Used(); return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestOffsetsNoFileCanHave(t *testing.T) {
	f := thread3331(t)
	for _, at := range []int64{-1, 1<<63 - 1, 1<<63 - 10, 1 << 62, 1 << 40} {
		u := begin(t, f, "Yoda", in3331, "a", "beginning", forum.UploadOptions{Replace: true})
		if _, err := u.WriteAt([]byte("0123456789"), at); err == nil || forum.KindOf(err) == forum.Internal {
			t.Errorf("%d: %v", at, err)
		}
		if _, err := u.Complete(ctx); err == nil || forum.KindOf(err) == forum.Internal {
			t.Errorf("%d: complete: %v", at, err)
		}
	}
	u := begin(t, f, "Yoda", in3331, "a", "beginning", forum.UploadOptions{Replace: true})
	if err := u.Truncate(-1); forum.KindOf(err) != forum.Invalid || err == nil {
		t.Error(err)
	}
	if err := u.Leave(ctx, true); err != nil {
		t.Error(err)
	}
	missing(t, f, "Yoda", in3331, "a")
	uses(t, f, 0)
}

func TestSmallUploadsAtOnceDoNotTakeEachOthersRoom(t *testing.T) {
	f := thread3331(t, func(c *forum.Config) { c.Quotas.Thread = 16 << 20 })
	var all []*forum.Upload
	for i := range 10 {
		all = append(all, begin(t, f, "Yoda", in3331, fmt.Sprint(i), "small", forum.UploadOptions{}))
	}
	for _, u := range all {
		must[forum.Uploaded](t)(u.Complete(ctx))
	}
	uses(t, f, 50)
}

func TestDropBox(t *testing.T) {
	f := thread3331(t)
	f.As("Luke")
	toLuke := forPerson("luke")
	upload(t, f, "Yoda", toLuke, "map.txt", "to Dagobah")
	upload(t, f, "Obi-wan", toLuke, "map.txt", "to Tatooine")

	want := []string{"Obi-wan:Obi-wan_map.txt", "Yoda:Yoda_map.txt"}
	if diff := cmp.Diff(want, listed(t, f, "Luke", inbox)); diff != "" {
		t.Error(diff)
	}
	if got := content(t, f, "Luke", inbox, "Yoda_map.txt"); got != "to Dagobah" {
		t.Errorf("Luke reads %q", got)
	}
	if got := listed(t, f, "Yoda", inbox); len(got) != 0 {
		t.Errorf("in the sender's inbox: %q", got)
	}
	missing(t, f, "Yoda", inbox, "Yoda_map.txt")
	_, err := f.Service.Files(ctx, f.As("Yoda"), toLuke)
	wants(t, err, forum.Denied, "You can put files here for luke, but not see what is there.")
	info := must[forum.FileInfo](t)(f.Service.File(ctx, f.As("Yoda"), toLuke, "map.txt"))
	if info.Size != 10 {
		t.Errorf("the sender sees %+v", info)
	}
	_, _, err = f.Service.OpenFile(ctx, f.As("Yoda"), toLuke, "map.txt")
	wants(t, err, forum.Denied, "You can put files here for luke, but not read them.")
	for _, name := range []string{"map.txt", "Yoda_map.txt", "Obi-wan_map.txt"} {
		missing(t, f, "Leia", toLuke, name)
		err = f.Service.RemoveFile(ctx, f.As("Leia"), toLuke, name)
		wants(t, err, forum.NotFound, "File "+name+" does not exist")
	}
	if err = f.Service.SetModified(ctx, f.As("Yoda"), toLuke, "map.txt", f.Clock.Now()); err != nil {
		t.Error(err)
	}
	err = f.Service.RemoveFile(ctx, f.As("Yoda"), toLuke, "map.txt")
	wants(t, err, forum.Denied, "The file belongs to another user and cannot be removed")
	_, err = f.Service.Upload(ctx, f.As("Luke"), inbox, "x", forum.UploadOptions{})
	wants(t, err, forum.Denied, "Your inbox is for what others send you.")
	_, err = f.Service.Upload(ctx, f.As("Yoda"), forPerson("nobody"), "x", forum.UploadOptions{})
	wants(t, err, forum.NotFound, "There is no account nobody.")
	_, err = f.Service.Upload(ctx, f.As("Yoda"), toLuke, strings.Repeat("x", 251), forum.UploadOptions{})
	wants(t, err, forum.Invalid, "The file name is too long to be sent to a person; shorten it.")
	_, err = f.Service.Upload(ctx, f.As("Yoda"), toLuke, "map.txt", forum.UploadOptions{})
	wants(t, err, forum.Conflict, "Yoda_map.txt already exists in the inbox of Luke")

	if err := f.Service.RemoveFile(ctx, f.As("Luke"), inbox, "Yoda_map.txt"); err != nil {
		t.Error(err)
	}
	missing(t, f, "Yoda", toLuke, "map.txt")
	uses(t, f, 11)
	if got := len(lines(t, f, "3331")); got != 3 {
		t.Errorf("the thread has %d lines", got)
	}
}

// Names of people and of files may join to the same name.
func TestDropOfAnotherSenderIsNotSeen(t *testing.T) {
	f := thread3331(t)
	f.As("Luke")
	upload(t, f, "Yoda", forPerson("Luke"), "x_map", "of Yoda")
	missing(t, f, "Yoda_x", forPerson("Luke"), "map")
	_, err := f.Service.Upload(ctx, f.As("Yoda_x"), forPerson("Luke"), "map", forum.UploadOptions{Replace: true})
	wants(t, err, forum.Denied, "Yoda_x_map already exists in the inbox of Luke and belongs to another user")
}

func TestDropIsResumedAndRenamedByItsSender(t *testing.T) {
	f := thread3331(t)
	toLuke := forPerson("Luke")
	f.As("Luke")
	u := begin(t, f, "Yoda", toLuke, "map.filepart", "half", forum.UploadOptions{})
	if err := u.Leave(ctx, true); err != nil {
		t.Fatal(err)
	}
	if got := content(t, f, "Yoda", toLuke, "map.filepart"); got != "half" {
		t.Errorf("the sender reads %q", got)
	}
	u = must[*forum.Upload](t)(f.Service.Upload(ctx, f.As("Yoda"), toLuke, "map.filepart", forum.UploadOptions{Keep: true}))
	write(t, u, " and half", 4)
	must[forum.Uploaded](t)(u.Complete(ctx))
	if got := listed(t, f, "Luke", inbox); len(got) != 0 {
		t.Errorf("before the rename: %q", got)
	}
	if err := f.Service.RenameFile(ctx, f.As("Yoda"), toLuke, "map.filepart", "map", false); err != nil {
		t.Fatal(err)
	}
	if got := content(t, f, "Luke", inbox, "Yoda_map"); got != "half and half" {
		t.Errorf("Luke reads %q", got)
	}
}

func TestSetModified(t *testing.T) {
	f := thread3331(t)
	then := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	u := begin(t, f, "Yoda", in3331, "a", "x", forum.UploadOptions{})
	u.SetModified(then)
	must[forum.Uploaded](t)(u.Complete(ctx))
	info := must[forum.FileInfo](t)(f.Service.File(ctx, f.As("Luke"), in3331, "a"))
	if !info.Modified.Equal(then) || !info.Uploaded.Equal(f.Clock.Now()) {
		t.Errorf("%+v", info)
	}
	err := f.Service.SetModified(ctx, f.As("Luke"), in3331, "a", f.Clock.Now())
	wants(t, err, forum.Denied, "The file belongs to another user and cannot be changed")
	if err := f.Service.SetModified(ctx, f.As("Yoda"), in3331, "a", then.AddDate(1, 0, 0)); err != nil {
		t.Error(err)
	}
	info = must[forum.FileInfo](t)(f.Service.File(ctx, f.As("Luke"), in3331, "a"))
	if !info.Modified.Equal(then.AddDate(1, 0, 0)) || info.Size != 1 {
		t.Errorf("%+v", info)
	}
}

func TestCleanFileName(t *testing.T) {
	long := strings.Repeat("é", 127) // 254 bytes
	for _, name := range []string{
		"report.pdf", "a", "ß.txt", "-rf", "a b", "a..b", long + "x", "日本語.txt", "$(reboot)", "a;b", "C:", "á",
	} {
		if got, err := forum.CleanFileName(name); err != nil || got != name {
			t.Errorf("%q became %q: %v", name, got, err)
		}
	}
	if got, err := forum.CleanFileName("a\u0301"); err != nil || got != "á" {
		t.Errorf("not composed: %q: %v", got, err)
	}
	for _, name := range []string{
		"", ".", "..", "a.", ".hidden", ".thread.txt", "a/b", `a\b`, "/a", "a ", "a\t", "a\n", "a\x00b", "a\x7f", "a\u0085",
		"\xff\xfe", "a\xc3", "a\x1b[31m", "a\u202eb", "\u200b", "a\ufeff", "a\u2028b", long + "xy",
	} {
		if got, err := forum.CleanFileName(name); err == nil || forum.KindOf(err) != forum.Invalid {
			t.Errorf("%q became %q: %v", name, got, err)
		}
	}
}

func TestRemoveEmptyThread(t *testing.T) {
	f := thread3331(t)
	yoda := f.As("Yoda")
	const notEmpty = "Thread 3331 is not empty; RMV in a shell removes it with all that is in it."
	_, err := f.Service.RemoveEmptyThread(ctx, yoda, "3331")
	wants(t, err, forum.Conflict, notEmpty)
	for range 2 {
		must[forum.Posted](t)(f.Service.DeleteMessage(ctx, yoda, number(1)))
		_, _ = f.Service.DeleteMessage(ctx, f.As("Obi-wan"), number(1))
	}
	upload(t, f, "Obi-wan", in3331, "a", "")
	_, err = f.Service.RemoveEmptyThread(ctx, yoda, "3331")
	wants(t, err, forum.Conflict, notEmpty)
	if err := f.Service.RemoveFile(ctx, f.As("Obi-wan"), in3331, "a"); err != nil {
		t.Fatal(err)
	}
	_, err = f.Service.RemoveEmptyThread(ctx, f.As("Obi-wan"), "3331")
	wants(t, err, forum.Denied, "The thread was created by another user and cannot be removed")
	must[forum.Thread](t)(f.Service.RemoveEmptyThread(ctx, yoda, "3331"))
}

func TestUploadWritesInAnyOrder(t *testing.T) {
	f := thread3331(t)
	want := make([]byte, 3<<20)
	for i := range want {
		want[i] = byte(i * i >> 7)
	}
	u := must[*forum.Upload](t)(f.Service.Upload(ctx, f.As("Yoda"), in3331, "a", forum.UploadOptions{}))
	const step = 40000
	done := make(chan error)
	for worker := range 4 {
		go func() {
			var err error
			for at := worker * step; at < len(want) && err == nil; at += 4 * step {
				_, err = u.WriteAt(want[at:min(at+step+100, len(want))], int64(at))
			}
			done <- err
		}()
	}
	for range 4 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	must[forum.Uploaded](t)(u.Complete(ctx))
	if !bytes.Equal([]byte(content(t, f, "Luke", in3331, "a")), want) {
		t.Error("another content came back")
	}
}

func TestSetKeys(t *testing.T) {
	f := forumtest.New(t)
	yoda := f.As("Yoda")
	key := func(n byte) forum.Key { return forum.Key{Blob: []byte{n}, Comment: fmt.Sprint("key ", n)} }
	set := func(keys ...forum.Key) []string {
		t.Helper()
		if err := f.Service.SetKeys(ctx, yoda, keys); err != nil {
			t.Fatal(err)
		}
		var now []string
		for _, k := range must[[]forum.Key](t)(f.Service.Keys(yoda)) {
			now = append(now, k.Comment+" since "+k.Added.Format(time.TimeOnly))
		}
		return now
	}
	set(key(1), key(2))
	f.Clock.Advance(time.Minute)
	if diff := cmp.Diff([]string{"key 2 since 12:00:00", "key 3 since 12:01:00"}, set(key(2), key(3))); diff != "" {
		t.Error(diff)
	}
	if got := set(); len(got) != 0 { // the password is left
		t.Errorf("%q", got)
	}
	set(key(1))
	many := make([]forum.Key, 101)
	for i := range many {
		many[i] = key(byte(i))
	}
	if err := f.Service.SetKeys(ctx, yoda, many); forum.KindOf(err) != forum.Limited || err == nil {
		t.Errorf("%d keys: %v", len(many), err)
	}
	withoutPassword := storetest.Write(func(tx forum.Tx) { tx.SetPassword(yoda.User, "") })
	if _, err := f.Store.Submit(ctx, withoutPassword); err != nil {
		t.Fatal(err)
	}
	err := f.Service.SetKeys(ctx, yoda, nil)
	wants(t, err, forum.Conflict, "This is your only way to log in; set a password with PASSWD or add another key first.")
	if got := must[[]forum.Key](t)(f.Service.Keys(yoda)); len(got) != 1 || got[0].Comment != "key 1" {
		t.Errorf("%+v", got)
	}
}
