package rules_test

import (
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

var (
	in3331 = rules.Place{Thread: "3331"}
	inbox  = rules.Place{Own: true}
)

func forPerson(name string) rules.Place { return rules.Place{Person: name} }

// begin begins an upload and writes content from its beginning.
func begin(t testing.TB, f *forumtest.Forum, name string, at rules.Place, file, content string, o rules.UploadOptions) *rules.Upload {
	t.Helper()
	u := must[*rules.Upload](t)(f.Service.Upload(ctx, f.As(name), at, file, o))
	putOperatorMessage(t, u, content, 0)
	return u
}

func putOperatorMessage(t testing.TB, u *rules.Upload, content string, at int64) {
	t.Helper()
	if n, err := u.WriteAt([]byte(content), at); err != nil || n != len(content) {
		t.Fatalf("%d of %d bytes written: %v", n, len(content), err)
	}
}

// upload uploads a whole file; an own one is replaced.
func upload(t testing.TB, f *forumtest.Forum, name string, at rules.Place, file, content string) rules.Uploaded {
	t.Helper()
	u := begin(t, f, name, at, file, content, rules.UploadOptions{Replace: true})
	return must[rules.Uploaded](t)(u.Complete(ctx))
}

// content reads a file as name sees it.
func content(t testing.TB, f *forumtest.Forum, name string, at rules.Place, file string) string {
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
func listed(t testing.TB, f *forumtest.Forum, name string, at rules.Place) []string {
	t.Helper()
	names := []string{}
	for _, file := range must[[]rules.FileInfo](t)(f.Service.Files(ctx, f.As(name), at)) {
		names = append(names, file.Uploader+":"+file.Name)
	}
	return names
}

// missing fails the test unless name finds no such file.
func missing(t testing.TB, f *forumtest.Forum, name string, at rules.Place, file string) {
	t.Helper()
	if info, err := f.Service.File(ctx, f.As(name), at, file); err == nil || forum.KindOf(err) != forum.NotFound {
		t.Errorf("%s finds %s: %+v, %v", name, file, info, err)
	}
}

// lines reads a thread with the lines of its uploads.
func lines(t testing.TB, f *forumtest.Forum, title string) (all []string) {
	t.Helper()
	r := must[rules.Reading](t)(f.Service.Read(ctx, f.As("reader"), title, rules.Range{}))
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
	if diff := cmp.Diff([]string{"4 Luke: four"}, texts(t, f, "3331", rules.Range{Last: 1})); diff != "" {
		t.Error(diff)
	}
	byID := rules.Target{Title: "3331", ID: forum.MessageID{Thread: done.File.Folder.Thread, Seq: done.File.Line}}
	noMessage := byID.ID.String() + " is the line of the file report.pdf and no message; with sftp its owner and moderators can remove the file."
	_, err := f.Service.EditMessage(ctx, f.As("Yoda"), byID, "another")
	wants(t, err, forum.NotFound, noMessage)
	_, err = f.Service.DeleteMessage(ctx, f.As("Yoda"), byID)
	wants(t, err, forum.NotFound, noMessage)
}

func TestUploadIsToldToWatchers(t *testing.T) {
	f := thread3331(t)
	f.As("Luke")
	sub := f.Hub.Subscribe(16, func(e *forum.Event) bool { return e.File != "" })
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
	want := []string{
		"file.dropped Yoda: Yoda_secret in ", "file.uploaded Yoda: report.pdf in 3331", "file.renamed Yoda: book.pdf in 3331", "file.removed Yoda: book.pdf in 3331",
	}
	if diff := cmp.Diff(want, told); diff != "" || missed.Count > 0 || err != nil {
		t.Errorf("%s, missed %d, %v", diff, missed.Count, err)
	}
}

func TestFileNameIsUniqueInItsThread(t *testing.T) {
	f := thread3331(t)
	upload(t, f, "Yoda", in3331, "report.pdf", "wisdom")
	_, err := f.Service.Upload(ctx, f.As("Yoda"), in3331, "report.pdf", rules.UploadOptions{})
	wants(t, err, forum.Conflict, "report.pdf already exists in Thread 3331")
	_, err = f.Service.Upload(ctx, f.As("Luke"), in3331, "report.pdf", rules.UploadOptions{Replace: true})
	wants(t, err, forum.Denied, "report.pdf already exists in Thread 3331 and belongs to another user")
	_, err = f.Service.Upload(ctx, f.As("Luke"), rules.Place{Thread: "331"}, "report.pdf", rules.UploadOptions{})
	wants(t, err, forum.NotFound, "Thread 331 does not exist")
	must[forum.Thread](t)(f.Service.CreateThread(ctx, f.As("Luke"), "other"))
	upload(t, f, "Luke", rules.Place{Thread: "other"}, "report.pdf", "folly")
	if got := content(t, f, "Luke", in3331, "report.pdf"); got != "wisdom" {
		t.Errorf("the first file has %q", got)
	}
}

func TestCleanFileName(t *testing.T) {
	long := strings.Repeat("é", 127) // 254 bytes
	for _, name := range []string{
		"report.pdf", "a", ".hidden", ".thread", "..a", "ß.txt", "-rf", "a b", "a..b", long + "x", "日本語.txt", "$(reboot)", "a;b", "C:", "á",
	} {
		if got, err := forum.CleanFileName(name); err != nil || got != name {
			t.Errorf("%q became %q: %v", name, got, err)
		}
	}
	if got, err := forum.CleanFileName("a\u0301"); err != nil || got != "á" {
		t.Errorf("not composed: %q: %v", got, err)
	}
	for _, name := range []string{
		"", ".", "..", "a.", "...", ".thread.txt", ".thread.mbox", "a/b", `a\b`, "/a", "a ", "a\t", "a\n", "a\x00b", "a\x7f", "a\u0085",
		"\xff\xfe", "a\xc3", "a\x1b[31m", "a\u202eb", "\u200b", "a\ufeff", "a\u2028b", "\u2800", "\u3000\u2800", long + "xy",
	} {
		if got, err := forum.CleanFileName(name); err == nil || forum.KindOf(err) != forum.Invalid {
			t.Errorf("%q became %q: %v", name, got, err)
		}
	}
}

func TestRemoveEmptyThread(t *testing.T) {
	f := thread3331(t)
	yoda := f.As("Yoda")
	const notEmpty = "Thread 3331 is not empty."
	_, err := f.Service.RemoveEmptyThread(ctx, yoda, "3331")
	wants(t, err, forum.Conflict, notEmpty)
	for range 2 {
		must[rules.Posted](t)(f.Service.DeleteMessage(ctx, yoda, number(1)))
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
