package rules_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// kindsOf is a journal that notes the kinds of the changes it gets.
type kindsOf struct {
	forum.Journal
	mu    sync.Mutex
	kinds []string
}

func (k *kindsOf) Submit(ctx context.Context, c forum.Change) (any, error) {
	k.mu.Lock()
	k.kinds = append(k.kinds, c.Kind())
	k.mu.Unlock()
	return k.Journal.Submit(ctx, c)
}

// noteKinds returns the kinds of the changes from now on.
func noteKinds(f *forumtest.Forum) *kindsOf {
	var noted *kindsOf
	rules.Reconfigure(f.Service, func(c *rules.Config) {
		noted = &kindsOf{Journal: c.Journal}
		c.Journal = noted
	})
	return noted
}

// A small file used to take three commits of the journal and one of the blobs.
func TestSmallFileIsOneChange(t *testing.T) {
	f := thread3331(t)
	for _, test := range []struct {
		bytes int
		want  []string
	}{
		{0, []string{"file.store"}},
		{forum.MaxInline, []string{"file.store"}},
		{forum.MaxInline + 1, []string{"file.begin", "file.complete"}},
	} {
		journal := noteKinds(f)
		upload(t, f, "Yoda", in3331, "a", strings.Repeat("x", test.bytes))
		if diff := cmp.Diff(test.want, journal.kinds); diff != "" {
			t.Errorf("%d bytes: %s", test.bytes, diff)
		}
		if got := content(t, f, "Luke", in3331, "a"); got != strings.Repeat("x", test.bytes) {
			t.Errorf("%d bytes: Luke reads %d", test.bytes, len(got))
		}
		uses(t, f, int64(test.bytes))
	}
	f.Reopen()
	if got := content(t, f, "Luke", in3331, "a"); len(got) != forum.MaxInline+1 {
		t.Errorf("after a restart Luke reads %d bytes", len(got))
	}
}

// What an upload that is only in memory looks like to its owner does not depend on where it is.
func TestUploadInMemoryIsSeenByItsOwner(t *testing.T) {
	for name, ask := range map[string]func(t *testing.T, f *forumtest.Forum) error{
		"stat": func(t *testing.T, f *forumtest.Forum) error {
			info, err := f.Service.File(ctx, f.As("Yoda"), in3331, "A.txt")
			if info.Size != 4 || !info.Part {
				t.Errorf("it is %+v", info)
			}
			return err
		},
		"list": func(t *testing.T, f *forumtest.Forum) error {
			all, err := f.Service.Unfinished(ctx, f.As("Yoda"), in3331)
			if len(all) != 1 || all[0].Name != "A.txt" || all[0].Size != 4 {
				t.Errorf("there are %+v", all)
			}
			return err
		},
		"read": func(t *testing.T, f *forumtest.Forum) error {
			if got := content(t, f, "Yoda", in3331, "A.txt"); got != "half" {
				t.Errorf("it has %q", got)
			}
			return nil
		},
		"touch": func(_ *testing.T, f *forumtest.Forum) error {
			return f.Service.SetModified(ctx, f.As("Yoda"), in3331, "A.txt", f.Clock.Now())
		},
		"sync": nil,
	} {
		t.Run(name, func(t *testing.T) {
			f := thread3331(t)
			u := begin(t, f, "Yoda", in3331, "A.txt", "half", rules.UploadOptions{})
			missing(t, f, "Luke", in3331, "A.txt")
			if ask == nil {
				ask = func(*testing.T, *forumtest.Forum) error { return u.Sync(ctx) }
			}
			if err := ask(t, f); err != nil {
				t.Fatal(err)
			}
			putOperatorMessage(t, u, " and half", 4)
			must[rules.Uploaded](t)(u.Complete(ctx))
			if got := content(t, f, "Luke", in3331, "A.txt"); got != "half and half" {
				t.Errorf("Luke reads %q", got)
			}
			uses(t, f, 13)
			if n := blobCount(t, f); n != 1 {
				t.Errorf("%d contents are kept", n)
			}
		})
	}
}

// An upload that is only in memory can be removed, replaced and begun again, like every other.
func TestUploadInMemoryIsGivenUp(t *testing.T) {
	for name, end := range map[string]func(f *forumtest.Forum) error{
		"removed": func(f *forumtest.Forum) error { return f.Service.RemoveFile(ctx, f.As("Yoda"), in3331, "a") },
		"replaced": func(f *forumtest.Forum) error {
			return f.Service.RenameFile(ctx, f.As("Yoda"), in3331, ".new", "a", true)
		},
		"begun again": func(f *forumtest.Forum) error {
			u, err := f.Service.Upload(ctx, f.As("Yoda"), in3331, "a", rules.UploadOptions{})
			if err != nil {
				return err
			}
			return u.Leave(ctx, false)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := thread3331(t)
			upload(t, f, "Yoda", in3331, ".new", "other")
			u := begin(t, f, "Yoda", in3331, "a", "first", rules.UploadOptions{})
			if err := end(f); err != nil {
				t.Fatal(err)
			}
			_, err := u.Complete(ctx)
			wants(t, err, forum.Conflict, "The upload of a was given up; send it again.")
			uses(t, f, 5)
			sweep(t, f)
			if n := blobCount(t, f); n != 1 {
				t.Errorf("%d contents are kept", n)
			}
		})
	}
}

// An upload in memory that is left takes no room, and is kept for its owner only if it was cut
// off.
func TestUploadInMemoryIsLeft(t *testing.T) {
	for _, keep := range []bool{true, false} {
		f := thread3331(t)
		journal := noteKinds(f)
		u := begin(t, f, "Yoda", in3331, "a", "half", rules.UploadOptions{})
		if err := u.Leave(ctx, keep); err != nil {
			t.Fatal(err)
		}
		if !keep {
			if len(journal.kinds) != 0 {
				t.Errorf("given up with %v", journal.kinds)
			}
			missing(t, f, "Yoda", in3331, "a")
			uses(t, f, 0)
			continue
		}
		f.Reopen()
		if info := must[rules.FileInfo](t)(f.Service.Resumable(ctx, f.As("Yoda"), in3331, "a")); info.Size != 4 {
			t.Errorf("kept is %+v", info)
		}
		uses(t, f, 4)
	}
}

// Small uploads have no row to reserve room with, so the last check is in the change.
func TestQuotaOfUploadsInMemory(t *testing.T) {
	f := thread3331(t, func(c *rules.Config) { c.Quotas.Person = 10 })
	one := begin(t, f, "Yoda", in3331, "one", "123456", rules.UploadOptions{})
	two := begin(t, f, "Yoda", in3331, "two", "123456", rules.UploadOptions{})
	must[rules.Uploaded](t)(one.Complete(ctx))
	_, err := two.Complete(ctx)
	wants(t, err, forum.Limited, "Your files have at most 10 bytes; remove some first.")
	missing(t, f, "Yoda", in3331, "two")
	uses(t, f, 6)
}

// A name that a person uploads to on many connections at once is never two files, and nothing is
// left over.
func TestOneNameOnManyConnections(t *testing.T) {
	f := thread3331(t)
	actor := f.As("Yoda")
	refused := func(err error) {
		if forum.KindOf(err) != forum.Conflict {
			t.Error(err)
		}
	}
	var people sync.WaitGroup
	for range 8 {
		people.Go(func() {
			for range 10 {
				u, err := f.Service.Upload(ctx, actor, in3331, "a", rules.UploadOptions{Replace: true})
				if err != nil {
					refused(err)
					continue
				}
				_, writeErr := u.WriteAt([]byte("the content"), 0)
				_, err = u.Complete(ctx)
				if writeErr == nil && err != nil {
					refused(err)
				}
			}
		})
	}
	people.Wait()
	upload(t, f, "Yoda", in3331, "a", "the last")
	if diff := cmp.Diff([]string{"Yoda:a"}, listed(t, f, "Luke", in3331)); diff != "" {
		t.Error(diff)
	}
	sweep(t, f)
	uses(t, f, 8)
	if n := blobCount(t, f); n != 1 {
		t.Errorf("%d contents are kept", n)
	}
}
