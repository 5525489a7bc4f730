package rules_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

func TestWhoIsSecondWithANameLoses(t *testing.T) {
	f := thread3331(t)
	one := begin(t, f, "Yoda", in3331, "report.pdf", "of Yoda", rules.UploadOptions{Replace: true})
	two := begin(t, f, "Luke", in3331, "report.pdf", "of Luke", rules.UploadOptions{Replace: true})
	must[rules.Uploaded](t)(two.Complete(ctx))
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
	u := begin(t, f, "Yoda", in3331, "report.pdf", "newer", rules.UploadOptions{Replace: true})
	if err := u.Sync(ctx); err != nil {
		t.Fatal(err)
	}
	if got := content(t, f, "Luke", in3331, "report.pdf"); got != "old" {
		t.Errorf("before the end others read %q", got)
	}
	must[rules.Uploaded](t)(u.Complete(ctx))
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

func TestCutUploadIsResumedByItsOwner(t *testing.T) {
	f := thread3331(t)
	u := begin(t, f, "Yoda", in3331, "report.pdf", "half of it", rules.UploadOptions{Replace: true})
	if err := u.Leave(ctx, true); err != nil {
		t.Fatal(err)
	}
	for _, restart := range []bool{false, true} {
		if restart {
			f.Reopen()
		}
		info := must[rules.FileInfo](t)(f.Service.File(ctx, f.As("Yoda"), in3331, "report.pdf"))
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
	u = must[*rules.Upload](t)(f.Service.Upload(ctx, f.As("Yoda"), in3331, "report.pdf", rules.UploadOptions{Keep: true}))
	if size := must[int64](t)(u.Size()); size != 10 {
		t.Errorf("the upload goes on at %d", size)
	}
	putOperatorMessage(t, u, ", and the rest", 10)
	must[rules.Uploaded](t)(u.Complete(ctx))
	if got := content(t, f, "Luke", in3331, "report.pdf"); got != "half of it, and the rest" {
		t.Errorf("Luke reads %q", got)
	}
	uses(t, f, 24)
}

// The owner of an upload under way can read the bytes written so far. A reader that was opened
// then also reads the rest after the upload ends.
func TestGrowingUploadIsReadByItsOwner(t *testing.T) {
	f := thread3331(t)
	u := begin(t, f, "Yoda", in3331, "growing.log", "", rules.UploadOptions{Declared: 1 << 20})
	_, follower, err := f.Service.OpenFile(ctx, f.As("Yoda"), in3331, "growing.log")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"NEW", " and more"} {
		putOperatorMessage(t, u, line, must[int64](t)(u.Size()))
		info := must[rules.FileInfo](t)(f.Service.File(ctx, f.As("Yoda"), in3331, "growing.log"))
		if size := must[int64](t)(u.Size()); !info.Part || info.Size != size {
			t.Errorf("after %q its owner sees %+v", line, info)
		}
		if got := content(t, f, "Yoda", in3331, "growing.log"); !strings.HasSuffix(got, line) {
			t.Errorf("after %q its owner reads %q", line, got)
		}
		missing(t, f, "Luke", in3331, "growing.log")
		_, _, err := f.Service.OpenFile(ctx, f.AsRole("Mace", forum.Admin), in3331, "growing.log")
		wants(t, err, forum.NotFound, "File growing.log does not exist in Thread 3331")
	}
	putOperatorMessage(t, u, "far away", 100)
	if info := must[rules.FileInfo](t)(f.Service.File(ctx, f.As("Yoda"), in3331, "growing.log")); info.Size != 108 {
		t.Errorf("its owner sees %+v", info)
	}
	if info := must[rules.FileInfo](t)(f.Service.Resumable(ctx, f.As("Yoda"), in3331, "growing.log")); info.Size != 12 {
		t.Errorf("it would go on with %+v, behind what is missing", info)
	}
	if err := u.Truncate(12); err != nil {
		t.Fatal(err)
	}
	must[rules.Uploaded](t)(u.Complete(ctx))
	got := make([]byte, 20)
	if n, err := follower.ReadAt(got, 0); string(got[:n]) != "NEW and more" || err != io.EOF {
		t.Errorf("who follows reads %q, %v", got[:n], err)
	}
}

// Bytes still in memory count in the size from which an upload resumes, and are kept when
// another connection takes it over.
func TestUploadIsTakenOverWithAllOfIt(t *testing.T) {
	f := thread3331(t)
	begin(t, f, "Yoda", in3331, "report.pdf", "half", rules.UploadOptions{})
	info := must[rules.FileInfo](t)(f.Service.Resumable(ctx, f.As("Yoda"), in3331, "report.pdf"))
	u := must[*rules.Upload](t)(f.Service.Upload(ctx, f.As("Yoda"), in3331, "report.pdf", resuming))
	if size := must[int64](t)(u.Size()); size != 4 || info.Size != 4 {
		t.Errorf("it goes on at %d, and %d were shown", size, info.Size)
	}
	putOperatorMessage(t, u, " and half", 4)
	must[rules.Uploaded](t)(u.Complete(ctx))
	if got := content(t, f, "Luke", in3331, "report.pdf"); got != "half and half" {
		t.Errorf("Luke reads %q", got)
	}
}

func TestTwoUploadsOfOneNameByOnePerson(t *testing.T) {
	f := thread3331(t)
	one := begin(t, f, "Yoda", in3331, "report.pdf", "first", rules.UploadOptions{Replace: true})
	if err := one.Sync(ctx); err != nil {
		t.Fatal(err)
	}
	two := begin(t, f, "Yoda", in3331, "report.pdf", "second", rules.UploadOptions{Replace: true})
	_, err := one.Complete(ctx)
	wants(t, err, forum.Conflict, "The upload of report.pdf was given up; send it again.")
	must[rules.Uploaded](t)(two.Complete(ctx))
	if got := content(t, f, "Luke", in3331, "report.pdf"); got != "second" {
		t.Errorf("Luke reads %q", got)
	}
	sweep(t, f)
	if n := blobCount(t, f); n != 1 {
		t.Errorf("%d contents are kept", n)
	}
	uses(t, f, 6)
}

func TestOwnFileIsChangedInPlace(t *testing.T) {
	f := thread3331(t)
	upload(t, f, "Yoda", in3331, "report.pdf", "0123456789")
	keep := rules.UploadOptions{Keep: true, Replace: true}
	change := func(do func(*rules.Upload)) string {
		u := must[*rules.Upload](t)(f.Service.Upload(ctx, f.As("Yoda"), in3331, "report.pdf", keep))
		if do != nil {
			do(u)
		}
		must[rules.Uploaded](t)(u.Complete(ctx))
		return content(t, f, "Luke", in3331, "report.pdf")
	}
	for _, step := range []struct {
		do   func(*rules.Upload)
		want string
	}{
		{nil, "0123456789"},
		{func(u *rules.Upload) { putOperatorMessage(t, u, "ab", 3) }, "012ab56789"},
		{func(u *rules.Upload) {
			if err := u.Truncate(4); err != nil {
				t.Error(err)
			}
		}, "012a"},
		{func(u *rules.Upload) {
			b := make([]byte, 2)
			if n, err := u.ReadAt(b, 2); n != 2 || string(b) != "2a" {
				t.Errorf("reads %q: %v", b, err)
			}
			putOperatorMessage(t, u, "x", 6)
		}, "012a\x00\x00x"},
		{func(u *rules.Upload) {
			if err := u.Truncate(0); err != nil {
				t.Error(err)
			}
			putOperatorMessage(t, u, "new", 0)
		}, "new"},
	} {
		if got := change(step.do); got != step.want {
			t.Errorf("got %q, want %q", got, step.want)
		}
	}
	uses(t, f, 3)
}

// An upload that continues a file fails if the file is removed: it must not begin with nothing.
func TestChangeOfAFileThatGoesAwayIsRefused(t *testing.T) {
	f := thread3331(t)
	upload(t, f, "Yoda", in3331, "report.pdf", "0123456789")
	u := must[*rules.Upload](t)(f.Service.Upload(ctx, f.As("Yoda"), in3331, "report.pdf", rules.UploadOptions{Keep: true, Replace: true}))
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

func TestCutUploadExpiresAfterADay(t *testing.T) {
	f := thread3331(t)
	for _, name := range []string{"cut", "waiting.filepart"} {
		u := begin(t, f, "Yoda", in3331, name, "half of it", rules.UploadOptions{})
		if name == "cut" {
			if err := u.Leave(ctx, true); err != nil {
				t.Fatal(err)
			}
			continue
		}
		must[rules.Uploaded](t)(u.Complete(ctx))
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

func TestOffsetsNoFileCanHave(t *testing.T) {
	f := thread3331(t)
	for _, at := range []int64{-1, 1<<63 - 1, 1<<63 - 10, 1 << 62, 1 << 40} {
		u := begin(t, f, "Yoda", in3331, "a", "beginning", rules.UploadOptions{Replace: true})
		if _, err := u.WriteAt([]byte("0123456789"), at); err == nil || forum.KindOf(err) == forum.Internal {
			t.Errorf("%d: %v", at, err)
		}
		if _, err := u.Complete(ctx); err == nil || forum.KindOf(err) == forum.Internal {
			t.Errorf("%d: complete: %v", at, err)
		}
	}
	u := begin(t, f, "Yoda", in3331, "a", "beginning", rules.UploadOptions{Replace: true})
	if err := u.Truncate(-1); forum.KindOf(err) != forum.Invalid || err == nil {
		t.Error(err)
	}
	if err := u.Leave(ctx, true); err != nil {
		t.Error(err)
	}
	missing(t, f, "Yoda", in3331, "a")
	uses(t, f, 0)
}

func TestUploadWritesInAnyOrder(t *testing.T) {
	f := thread3331(t)
	want := make([]byte, 3<<20)
	for i := range want {
		want[i] = byte(i * i >> 7)
	}
	u := must[*rules.Upload](t)(f.Service.Upload(ctx, f.As("Yoda"), in3331, "a", rules.UploadOptions{}))
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
	must[rules.Uploaded](t)(u.Complete(ctx))
	if !bytes.Equal([]byte(content(t, f, "Luke", in3331, "a")), want) {
		t.Error("another content came back")
	}
}

// A reader of a file continues with bytes that are appended. If the file was changed in any
// other way, the reader must not take its bytes for a continuation of the old file.
func TestFileThatGrowsIsFollowed(t *testing.T) {
	const gone = "The content of this file is gone."
	for what, test := range map[string]struct {
		change func(t *testing.T, f *forumtest.Forum, u *rules.Upload)
		keep   bool
		want   string // what is read from the fourth byte on, or gone
	}{
		"added to":   {func(t *testing.T, f *forumtest.Forum, u *rules.Upload) { putOperatorMessage(t, u, " two", 3) }, true, " two"},
		"with a gap": {func(t *testing.T, f *forumtest.Forum, u *rules.Upload) { putOperatorMessage(t, u, "two", 4) }, true, "\x00two"},
		"made longer": {func(t *testing.T, f *forumtest.Forum, u *rules.Upload) {
			if err := u.Truncate(5); err != nil {
				t.Error(err)
			}
		}, true, "\x00\x00"},
		"read and added to": {func(t *testing.T, f *forumtest.Forum, u *rules.Upload) {
			if _, err := u.ReadAt(make([]byte, 3), 0); err != nil {
				t.Error(err)
			}
			putOperatorMessage(t, u, " two", 3)
		}, true, " two"},
		"changed": {func(t *testing.T, f *forumtest.Forum, u *rules.Upload) { putOperatorMessage(t, u, "x two", 2) }, true, gone},
		"made shorter": {func(t *testing.T, f *forumtest.Forum, u *rules.Upload) {
			if err := u.Truncate(2); err != nil {
				t.Error(err)
			}
			putOperatorMessage(t, u, "e two", 2)
		}, true, gone},
		"begun anew": {func(t *testing.T, f *forumtest.Forum, u *rules.Upload) { putOperatorMessage(t, u, "one two", 0) }, false, gone},
		"replaced meanwhile": {func(t *testing.T, f *forumtest.Forum, u *rules.Upload) {
			upload(t, f, "Yoda", in3331, ".new", "another")
			rename(t, f, "Yoda", in3331, ".new", "log")
			_, err := u.WriteAt([]byte(" two"), 3)
			wants(t, err, forum.NotFound, gone)
		}, true, gone},
	} {
		t.Run(what, func(t *testing.T) {
			f := thread3331(t)
			upload(t, f, "Yoda", in3331, "log", "o")
			grow := func(text string, at int64) {
				u := must[*rules.Upload](t)(f.Service.Upload(ctx, f.As("Yoda"), in3331, "log", rules.UploadOptions{Keep: true, Replace: true}))
				putOperatorMessage(t, u, text, at)
				must[rules.Uploaded](t)(u.Complete(ctx))
			}
			_, follower, err := f.Service.OpenFile(ctx, f.As("Luke"), in3331, "log")
			if err != nil {
				t.Fatal(err)
			}
			grow("ne", 1)
			if got := make([]byte, 3); must[int](t)(follower.ReadAt(got, 0)) != 3 || string(got) != "one" {
				t.Errorf("Luke reads %q", got)
			}
			u := must[*rules.Upload](t)(f.Service.Upload(ctx, f.As("Yoda"), in3331, "log", rules.UploadOptions{Keep: test.keep, Replace: true}))
			test.change(t, f, u)
			_, _ = u.Complete(ctx)
			got := make([]byte, 20)
			n, err := follower.ReadAt(got, 3)
			if test.want == gone {
				wants(t, err, forum.NotFound, gone)
			} else if string(got[:n]) != test.want || err != io.EOF {
				t.Errorf("Luke reads %q, %v", got[:n], err)
			}
		})
	}
}
