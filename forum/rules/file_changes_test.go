package rules_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
	"sshforum/forum/rules"
)

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
	wants(t, rename("a", ".thread.txt", true), forum.Invalid,
		"The forum itself makes the files that begin with .thread.; rename the file and send it again.")
	if err := rename("a", "a", false); err != nil {
		t.Error(err)
	}
	u := begin(t, f, "Yoda", in3331, "d.filepart", "half", rules.UploadOptions{})
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

func TestRenameEndsAnOlderUploadOfTheNewName(t *testing.T) {
	f := thread3331(t)
	u := begin(t, f, "Yoda", in3331, "report.pdf", "half of", rules.UploadOptions{})
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

func TestSetModified(t *testing.T) {
	f := thread3331(t)
	then := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	u := begin(t, f, "Yoda", in3331, "a", "x", rules.UploadOptions{})
	u.SetModified(then)
	must[rules.Uploaded](t)(u.Complete(ctx))
	info := must[rules.FileInfo](t)(f.Service.File(ctx, f.As("Luke"), in3331, "a"))
	if !info.Modified.Equal(then) || !info.Uploaded.Equal(f.Clock.Now()) {
		t.Errorf("%+v", info)
	}
	err := f.Service.SetModified(ctx, f.As("Luke"), in3331, "a", f.Clock.Now())
	wants(t, err, forum.Denied, "The file belongs to another user and cannot be changed")
	if err := f.Service.SetModified(ctx, f.As("Yoda"), in3331, "a", then.AddDate(1, 0, 0)); err != nil {
		t.Error(err)
	}
	info = must[rules.FileInfo](t)(f.Service.File(ctx, f.As("Luke"), in3331, "a"))
	if !info.Modified.Equal(then.AddDate(1, 0, 0)) || info.Size != 1 {
		t.Errorf("%+v", info)
	}
}

// 1970 is an ordinary time, even after a restart. A time outside of the range of SFTP becomes
// the nearest one in it.
func TestModifiedLongAgoAndFarAhead(t *testing.T) {
	f := thread3331(t)
	first, last := time.Unix(0, 0), time.Date(2106, 2, 7, 6, 28, 15, 0, time.UTC)
	want := map[string]time.Time{}
	for name, at := range map[string][2]time.Time{
		"at the start":  {first, first},
		"a second on":   {time.Unix(1, 0), time.Unix(1, 0)},
		"before":        {time.Unix(-1, 0), first},
		"year 1":        {time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), first},
		"at the end":    {last, last},
		"a second more": {last.Add(time.Second), last},
		"year 9999":     {time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), last},
		"none":          {{}, f.Clock.Now()},
	} {
		u := begin(t, f, "Yoda", in3331, name, "x", rules.UploadOptions{})
		u.SetModified(at[0])
		if got := u.Modified(); !got.Equal(at[1]) {
			t.Errorf("%s: while it is sent it is of %v", name, got)
		}
		must[rules.Uploaded](t)(u.Complete(ctx))
		upload(t, f, "Yoda", in3331, name+" later", "x")
		if !at[0].IsZero() {
			if err := f.Service.SetModified(ctx, f.As("Yoda"), in3331, name+" later", at[0]); err != nil {
				t.Fatal(err)
			}
		}
		upload(t, f, "Yoda", in3331, "."+name, "x")
		if err := f.Service.SetModified(ctx, f.As("Yoda"), in3331, "."+name, at[0]); err != nil {
			t.Fatal(err)
		}
		want[name], want[name+" later"], want["."+name] = at[1], at[1], at[1]
	}
	for _, again := range []bool{false, true} {
		if again {
			f.Reopen()
		}
		for name, at := range want {
			if info := must[rules.FileInfo](t)(f.Service.File(ctx, f.As("Yoda"), in3331, name)); !info.Modified.Equal(at) {
				t.Errorf("%s, restart %v: %v, want %v", name, again, info.Modified, at)
			}
		}
	}
}

// Opening a file and closing it again, as touch does, does not upload it.
func TestFileThatIsOpenedAndNotWritten(t *testing.T) {
	f := thread3331(t)
	upload(t, f, "Yoda", in3331, "a", "wisdom")
	post(t, f, "Luke", "3331", "four")
	before := must[rules.FileInfo](t)(f.Service.File(ctx, f.As("Luke"), in3331, "a"))
	written := lines(t, f, "3331")
	then := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	for _, modified := range []time.Time{{}, then} {
		f.Clock.Advance(time.Minute)
		u := must[*rules.Upload](t)(f.Service.Upload(ctx, f.As("Yoda"), in3331, "a", rules.UploadOptions{Replace: true, Keep: true}))
		u.SetModified(modified)
		must[rules.Uploaded](t)(u.Complete(ctx))
		want := before
		if !modified.IsZero() {
			want.Modified = modified
		}
		if diff := cmp.Diff(want, must[rules.FileInfo](t)(f.Service.File(ctx, f.As("Luke"), in3331, "a"))); diff != "" {
			t.Error(diff)
		}
	}
	if diff := cmp.Diff(written, lines(t, f, "3331")); diff != "" {
		t.Error(diff)
	}
	if n := blobCount(t, f); n != 1 {
		t.Errorf("%d contents are kept", n)
	}
	uses(t, f, 6)
}
