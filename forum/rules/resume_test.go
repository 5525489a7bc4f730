package rules_test

import (
	"context"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

var resuming = rules.UploadOptions{Resume: true, Replace: true}

// cutOver is a forum where Yoda has a file, and half an upload over it that was cut off.
func cutOver(t *testing.T) *forumtest.Forum {
	t.Helper()
	f := thread3331(t)
	upload(t, f, "Yoda", in3331, "report.pdf", "the whole file")
	if err := begin(t, f, "Yoda", in3331, "report.pdf", "half", rules.UploadOptions{Replace: true}).Leave(ctx, true); err != nil {
		t.Fatal(err)
	}
	return f
}

// The file is there as before, for its owner too; who wants to go on sees what there is of
// the upload.
func TestUnfinishedUploadHidesNoFile(t *testing.T) {
	f := cutOver(t)
	for _, name := range []string{"Yoda", "Luke"} {
		if got := content(t, f, name, in3331, "report.pdf"); got != "the whole file" {
			t.Errorf("%s reads %q", name, got)
		}
		sums := must[forum.Sums](t)(f.Service.Sums(ctx, f.As(name), in3331, "report.pdf"))
		if sums.SHA256 != sha256.Sum256([]byte("the whole file")) {
			t.Errorf("%s is told another sum", name)
		}
	}
	for name, want := range map[string]int64{"Yoda": 4, "Luke": 14} {
		info := must[rules.FileInfo](t)(f.Service.Resumable(ctx, f.As(name), in3331, "report.pdf"))
		if info.Size != want || info.Part != (name == "Yoda") {
			t.Errorf("%s would go on with %+v", name, info)
		}
	}
	u := must[*rules.Upload](t)(f.Service.Upload(ctx, f.As("Yoda"), in3331, "report.pdf", resuming))
	putOperatorMessage(t, u, " and the rest", 4)
	must[rules.Uploaded](t)(u.Complete(ctx))
	if got := content(t, f, "Luke", in3331, "report.pdf"); got != "half and the rest" {
		t.Errorf("Luke reads %q", got)
	}
	uses(t, f, 17)
}

// What is done to the file is done to what is seen, and whatever takes its name or its
// place ends the upload.
func TestFileWithAnUnfinishedUpload(t *testing.T) {
	then := time.Unix(981173106, 0).UTC()
	for what, test := range map[string]struct {
		do   func(f *forumtest.Forum, yoda rules.Actor) error
		want []string // the files there are, with their contents
		used int64
	}{
		"changed": {func(f *forumtest.Forum, yoda rules.Actor) error {
			u := must[*rules.Upload](t)(f.Service.Upload(ctx, yoda, in3331, "report.pdf", rules.UploadOptions{Keep: true, Replace: true}))
			putOperatorMessage(t, u, "THE", 0)
			_, err := u.Complete(ctx)
			return err
		}, []string{"report.pdf: THE whole file"}, 14},
		"renamed": {func(f *forumtest.Forum, yoda rules.Actor) error {
			return f.Service.RenameFile(ctx, yoda, in3331, "report.pdf", "book.pdf", false)
		}, []string{"book.pdf: the whole file"}, 18},
		"another over it": {func(f *forumtest.Forum, yoda rules.Actor) error {
			upload(t, f, "Yoda", in3331, "book.pdf", "another")
			return f.Service.RenameFile(ctx, yoda, in3331, "book.pdf", "report.pdf", true)
		}, []string{"report.pdf: another"}, 7},
		"touched": {func(f *forumtest.Forum, yoda rules.Actor) error {
			err := f.Service.SetModified(ctx, yoda, in3331, "report.pdf", then)
			if info := must[rules.FileInfo](t)(f.Service.File(ctx, yoda, in3331, "report.pdf")); !info.Modified.Equal(then) {
				t.Errorf("the file is of %s", info.Modified)
			}
			return err
		}, []string{"report.pdf: the whole file"}, 18},
		"removed": {func(f *forumtest.Forum, yoda rules.Actor) error {
			return f.Service.RemoveFile(ctx, yoda, in3331, "report.pdf")
		}, nil, 0},
	} {
		t.Run(what, func(t *testing.T) {
			f := cutOver(t)
			if err := test.do(f, f.As("Yoda")); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, file := range must[[]rules.FileInfo](t)(f.Service.Files(ctx, f.As("Luke"), in3331)) {
				got = append(got, file.Name+": "+content(t, f, "Yoda", in3331, file.Name))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			uses(t, f, test.used)
		})
	}
}

// An upload whose connection hangs is taken over by its owner, with what came. Nothing
// that its first connection still does has any effect.
func TestResumeTakesAnUploadOver(t *testing.T) {
	const takenOver = "The upload of this file continues on another connection."
	for what, end := range map[string]func(*rules.Upload) error{
		"completes":  func(u *rules.Upload) error { _, err := u.Complete(ctx); return err },
		"is cut off": func(u *rules.Upload) error { return u.Leave(ctx, true) },
		"gives up":   func(u *rules.Upload) error { return u.Leave(ctx, false) },
	} {
		t.Run(what, func(t *testing.T) {
			f := thread3331(t)
			hung := begin(t, f, "Yoda", in3331, "report.pdf", "half of it", rules.UploadOptions{Replace: true})
			u := must[*rules.Upload](t)(f.Service.Upload(ctx, f.As("Yoda"), in3331, "report.pdf", resuming))
			if size := must[int64](t)(u.Size()); size != 10 {
				t.Errorf("it goes on at %d", size)
			}
			_, err := hung.WriteAt([]byte("HALF"), 0)
			wants(t, err, forum.Conflict, takenOver)
			if err := end(hung); what == "completes" {
				wants(t, err, forum.Conflict, takenOver)
			} else if err != nil {
				t.Error(err)
			}
			putOperatorMessage(t, u, ", and the rest", 10)
			must[rules.Uploaded](t)(u.Complete(ctx))
			if got := content(t, f, "Luke", in3331, "report.pdf"); got != "half of it, and the rest" {
				t.Errorf("Luke reads %q", got)
			}
			sweep(t, f)
			uses(t, f, 24)
			if n := blobCount(t, f); n != 1 {
				t.Errorf("%d contents are kept", n)
			}
		})
	}
}

// before is a journal that does something before the first change of a kind.
type before struct {
	forum.Journal
	kind string
	do   func()
}

func (b *before) Submit(ctx context.Context, c forum.Change) (any, error) {
	if do := b.do; c.Kind() == b.kind && do != nil {
		b.do = nil
		do()
	}
	return b.Journal.Submit(ctx, c)
}

// An upload that is whole, but not shown yet, can be taken over: then only the other one
// shows it.
func TestResumeTakesAnUploadOverInTheLastMoment(t *testing.T) {
	f := thread3331(t, inBlobs)
	first := begin(t, f, "Yoda", in3331, "report.pdf", "half of it", rules.UploadOptions{Replace: true})
	var u *rules.Upload
	rules.Reconfigure(f.Service, func(c *rules.Config) {
		c.Journal = &before{Journal: c.Journal, kind: "file.complete", do: func() {
			u = must[*rules.Upload](t)(f.Service.Upload(ctx, f.As("Yoda"), in3331, "report.pdf", resuming))
		}}
	})
	_, err := first.Complete(ctx)
	wants(t, err, forum.Conflict, "The upload of report.pdf continues on another connection.")
	missing(t, f, "Luke", in3331, "report.pdf")
	putOperatorMessage(t, u, ", and the rest", 10)
	must[rules.Uploaded](t)(u.Complete(ctx))
	if got := content(t, f, "Luke", in3331, "report.pdf"); got != "half of it, and the rest" {
		t.Errorf("Luke reads %q", got)
	}
	uses(t, f, 24)
}
