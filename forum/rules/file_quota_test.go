package rules_test

import (
	"fmt"
	"strings"
	"testing"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

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

func TestQuotas(t *testing.T) {
	const file, thread, person, total = 100, 250, 300, 350
	for _, test := range []struct {
		name  string
		fill  func(t *testing.T, f *forumtest.Forum)
		room  int
		says  string
		where rules.Place
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
				upload(t, f, "Yoda", rules.Place{Thread: fmt.Sprint("t", i)}, "x", strings.Repeat("x", size))
			}
		}, 30, "Your files have at most 300 bytes; remove some first.", in3331},
		{"total", func(t *testing.T, f *forumtest.Forum) {
			for i, name := range []string{"Luke", "Leia", "Mace"} {
				must[forum.Thread](t)(f.Service.CreateThread(ctx, f.As("Yoda"), fmt.Sprint("t", i)))
				upload(t, f, name, rules.Place{Thread: fmt.Sprint("t", i)}, "x", strings.Repeat(name[:1], 100))
			}
		}, 50, "The forum has no room for more files; ask its operator.", in3331},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := thread3331(t, func(c *rules.Config) {
				c.Quotas = rules.Quotas{File: file, Thread: thread, Person: person, Total: total}
			})
			f.As("Mace")
			if test.fill != nil {
				test.fill(t, f)
			}
			yoda, used, kept := f.As("Yoda"), usedBytes(t, f), blobCount(t, f)
			full := strings.Repeat("y", test.room)
			_, err := f.Service.Upload(ctx, yoda, test.where, "big", rules.UploadOptions{Declared: int64(test.room) + 1})
			wants(t, err, forum.Limited, test.says)
			u := begin(t, f, "Yoda", test.where, "big", full, rules.UploadOptions{Declared: int64(test.room)})
			for range 2 {
				_, err = u.WriteAt([]byte("y"), int64(test.room))
				wants(t, err, forum.Limited, test.says)
			}
			_, err = u.WriteAt([]byte("y"), 0)
			wants(t, err, forum.Limited, test.says)
			_, err = u.Complete(ctx)
			wants(t, err, forum.Limited, test.says)
			uses(t, f, used)
			u = begin(t, f, "Yoda", test.where, "big", "", rules.UploadOptions{})
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

func TestSmallUploadsAtOnceDoNotTakeEachOthersRoom(t *testing.T) {
	f := thread3331(t, func(c *rules.Config) { c.Quotas.Thread = 16 << 20 })
	var all []*rules.Upload
	for i := range 10 {
		all = append(all, begin(t, f, "Yoda", in3331, fmt.Sprint(i), "small", rules.UploadOptions{}))
	}
	for _, u := range all {
		must[rules.Uploaded](t)(u.Complete(ctx))
	}
	uses(t, f, 50)
}

// TestOfManyUploadsAtOnceThoseThatFitSucceed: none of them declares its size, and there is room
// for two of the twelve.
func TestOfManyUploadsAtOnceThoseThatFitSucceed(t *testing.T) {
	const size, piece = 3 << 20, 256 << 10
	for name, quotas := range map[string]rules.Quotas{
		"person": {File: size, Thread: 100 * size, Person: 2 * size, Total: 100 * size},
		"thread": {File: size, Thread: 2 * size, Person: 100 * size, Total: 100 * size},
		"total":  {File: size, Thread: 100 * size, Person: 100 * size, Total: 2 * size},
	} {
		t.Run(name, func(t *testing.T) {
			f := thread3331(t, func(c *rules.Config) { c.Quotas = quotas })
			under := make(map[string]*rules.Upload)
			for i := range 12 {
				name := fmt.Sprint("file", i)
				under[name] = begin(t, f, "Yoda", in3331, name, "", rules.UploadOptions{})
			}
			refused := make(map[string]bool)
			for at := int64(0); at < size; at += piece {
				for name, u := range under {
					_, err := u.WriteAt([]byte(strings.Repeat(name, piece)[:piece]), at)
					if err != nil && forum.KindOf(err) != forum.Limited {
						t.Fatal(err)
					}
					refused[name] = refused[name] || err != nil
				}
			}
			for name, u := range under {
				_, err := u.Complete(ctx)
				if (forum.KindOf(err) == forum.Limited) != refused[name] || err != nil && !refused[name] {
					t.Errorf("%s, refused %v, ended with %v", name, refused[name], err)
				}
			}
			if got := listed(t, f, "Yoda", in3331); len(got) != 2 {
				t.Errorf("of twelve files of which two fit, there are %q", got)
			}
			uses(t, f, 2*size)
			if n := blobCount(t, f); n != 2 {
				t.Errorf("%d contents are kept", n)
			}
		})
	}
}

// TestAnAnnouncedFileHasTheRoomThatOthersReservedAhead: other uploads give back the room that
// they have reserved ahead.
func TestAnAnnouncedFileHasTheRoomThatOthersReservedAhead(t *testing.T) {
	f := thread3331(t, inBlobs, func(c *rules.Config) { c.Quotas.Person = 1 << 20 })
	slow := begin(t, f, "Yoda", in3331, "slow", "begun", rules.UploadOptions{})
	rest := int64(1<<20 - len("begun"))
	u := begin(t, f, "Yoda", in3331, "announced", "", rules.UploadOptions{Declared: rest})
	putOperatorMessage(t, u, strings.Repeat("x", int(rest)), 0)
	_, err := slow.WriteAt([]byte("!"), int64(len("begun")))
	wants(t, err, forum.Limited, "Your files have at most 1 MiB; remove some first.")
	must[rules.Uploaded](t)(u.Complete(ctx))
	if err := slow.Leave(ctx, true); err != nil {
		t.Error(err)
	}
	uses(t, f, rest)
}
