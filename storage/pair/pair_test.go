package pair

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/forum/storetest"
	"sshforum/storage"
	"sshforum/storage/blobs"
	"sshforum/storage/boltfile"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(childFound(dir, os.Getenv(childStep)))
	}
	goleak.VerifyTestMain(m)
}

// open opens the forum in dir, founding it if need be. It is checked and closed at the
// end of the test.
func open(t testing.TB, dir string) *Files {
	t.Helper()
	if _, err := Found(dir); err != nil {
		t.Fatal(err)
	}
	f, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { checkAndClose(t, f) })
	return f
}

// checkAndClose does nothing to files that are closed.
func checkAndClose(t testing.TB, f *Files) {
	t.Helper()
	for _, err := range []error{f.Rows.Check(), f.Contents.Check()} {
		if err != nil && forum.KindOf(err) != forum.Stopping {
			t.Error(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

// post makes a change in the rows.
func post(t testing.TB, f *Files) {
	t.Helper()
	_, err := f.Rows.Submit(t.Context(), storetest.Write(func(forum.Tx) {}))
	if err != nil {
		t.Fatal(err)
	}
}

// upload makes a content, and a change that relies on it.
func upload(t testing.TB, f *Files) forum.BlobID {
	t.Helper()
	id := rules.NewBlobID()
	post(t, f)
	w, err := f.Contents.Create(id)
	if err == nil {
		_, err = w.WriteAt(id[:], 0)
	}
	if err == nil {
		_, err = w.Finish(t.Context())
	}
	if err == nil {
		post(t, f)
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// remove takes a content away, and waits until its space is free.
func remove(t testing.TB, f *Files, id forum.BlobID) {
	t.Helper()
	post(t, f)
	before := f.Contents.Commits()
	f.Contents.Remove(id)
	for f.Contents.Commits() == before {
		time.Sleep(time.Millisecond)
	}
}

// filesIn returns the names and contents of the files in a directory.
func filesIn(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		content, readErr := os.ReadFile(filepath.Join(dir, e.Name()))
		if e.Type().IsRegular() {
			err = errors.Join(err, readErr)
		}
		files[e.Name()] = string(content)
	}
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// put writes files into a directory.
func put(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// wantRefusal fails the test unless err says that, with DIR for dir, in one sentence.
func wantRefusal(t testing.TB, err error, dir, want string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %q", want)
	}
	got := strings.ReplaceAll(forum.Explain(err), dir, "DIR")
	if forum.KindOf(err) == forum.Internal || got != want {
		t.Errorf("got  %q,\nwant %q", got, want)
	}
}

// history is a forum as it was at several times.
type history struct {
	start, middle, end map[string]string
}

func newHistory(t testing.TB, dir string) (h history) {
	t.Helper()
	at := func(do func(f *Files)) map[string]string {
		f := open(t, dir)
		do(f)
		checkAndClose(t, f)
		return filesIn(t, dir)
	}
	var first forum.BlobID
	h.start = at(func(f *Files) { first = upload(t, f) })
	h.middle = at(func(f *Files) { upload(t, f) })
	h.end = at(func(f *Files) {
		upload(t, f)
		remove(t, f, first)
		post(t, f)
	})
	return h
}

const (
	meant         = "; restore both from the same backup, or run sshforum pair to go on with them as they are."
	noForumThere  = "There is no forum in DIR; name the forum's directory with --data, or start sshforum to found one."
	rowsMissing   = "DIR/forum.db is missing; restore it from a backup, or name an empty directory with --data to begin a new forum."
	rowsEmpty     = "DIR/forum.db is empty; restore it from a backup, or name an empty directory with --data to begin a new forum."
	contentsEmpty = "DIR/files.db is empty; restore it from a backup, or run sshforum pair to go on without the contents of files."
	contentsGone  = "DIR/files.db is missing; restore it from a backup, or run sshforum pair to go on without the contents of files."
)

// TestFilesThatDoNotBelongTogether are refused, and neither is changed.
func TestFilesThatDoNotBelongTogether(t *testing.T) {
	h := newHistory(t, t.TempDir())
	other := newHistory(t, t.TempDir())
	const rows, contents = storage.FileName, blobs.FileName
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"rows older": {map[string]string{rows: h.start[rows], contents: h.end[contents]},
			"DIR/forum.db is older than DIR/files.db: it ends with change 2, and change 7 had happened" + meant},
		"rows a little older": {map[string]string{rows: h.middle[rows], contents: h.end[contents]},
			"DIR/forum.db is older than DIR/files.db: it ends with change 4, and change 7 had happened" + meant},
		"contents older": {map[string]string{rows: h.end[rows], contents: h.start[contents]},
			"DIR/files.db is older than DIR/forum.db: it ends with commit 1, and commit 4 had happened" + meant},
		"contents a little older": {map[string]string{rows: h.end[rows], contents: h.middle[contents]},
			"DIR/files.db is older than DIR/forum.db: it ends with commit 2, and commit 4 had happened" + meant},
		"of another forum": {map[string]string{rows: h.end[rows], contents: other.end[contents]},
			"DIR/files.db is of another forum than DIR/forum.db; put the file of this forum in its place."},
		"both of another name": {map[string]string{rows: h.end[contents], contents: h.end[rows]},
			"DIR/forum.db is the wrong file of a forum; put the file of that name there."},
		"no rows":           {map[string]string{contents: h.end[contents]}, rowsMissing},
		"empty rows":        {map[string]string{rows: "", contents: h.end[contents]}, rowsEmpty},
		"empty rows alone":  {map[string]string{rows: ""}, rowsEmpty},
		"no contents":       {map[string]string{rows: h.end[rows]}, contentsGone},
		"empty contents":    {map[string]string{rows: h.end[rows], contents: ""}, contentsEmpty},
		"both empty":        {map[string]string{rows: "", contents: ""}, rowsEmpty},
		"of other programs": {map[string]string{"mail.db": "x"}, noForumThere},
		"neither":           {nil, noForumThere},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			put(t, dir, test.files)
			_, err := Open(dir, Options{})
			wantRefusal(t, err, dir, test.want)
			if !maps.Equal(filesIn(t, dir), test.files) && len(test.files) > 0 {
				t.Error("a file was changed or made")
			}
		})
	}
	for name, files := range map[string]map[string]string{"start": h.start, "middle": h.middle, "end": h.end} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			put(t, dir, files)
			open(t, dir)
		})
	}
}

// TestOpenInNoDirectory makes nothing either.
func TestOpenInNoDirectory(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, map[string]string{"file": "x"})
	if err := os.Symlink(filepath.Join(dir, "unmounted"), filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"missing": noForumThere,
		"file":    "DIR is not a directory; name another data directory.",
		"link":    "DIR is a link that leads nowhere; mount what it leads to, or mend the link.",
	} {
		_, err := Open(filepath.Join(dir, name), Options{})
		wantRefusal(t, err, filepath.Join(dir, name), want)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("%v, %v", entries, err)
	}
}

// TestDanglingLink: a disk that is not mounted is no forum that is missing.
func TestDanglingLink(t *testing.T) {
	for _, name := range []string{storage.FileName, blobs.FileName} {
		dir := t.TempDir()
		checkAndClose(t, open(t, dir))
		path := filepath.Join(dir, name)
		if err := errors.Join(os.Remove(path), os.Symlink(filepath.Join(dir, "unmounted"), path)); err != nil {
			t.Fatal(err)
		}
		_, err := Open(dir, Options{})
		wantRefusal(t, err, dir, "DIR/"+name+" is a link that leads nowhere; mount what it leads to, or mend the link.")
	}
}

// TestOpenByTwoPaths: it is one directory, and one process has it.
func TestOpenByTwoPaths(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	open(t, dir)
	link := filepath.Join(filepath.Dir(dir), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, link, filepath.Join(dir, "..", "link")} {
		_, err := Open(path, Options{})
		if !errors.Is(err, boltfile.ErrLocked) || forum.KindOf(err) != forum.Conflict {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestJoin: the operator may mean it. Once their pairing is set, the two belong together,
// and no earlier copy of either fits any more.
func TestJoin(t *testing.T) {
	const rows, contents = storage.FileName, blobs.FileName
	h := newHistory(t, t.TempDir())
	for name, files := range map[string]map[string]string{
		"rows older":     {rows: h.start[rows], contents: h.end[contents]},
		"contents older": {rows: h.end[rows], contents: h.start[contents]},
		"no contents":    {rows: h.end[rows]},
		"empty contents": {rows: h.end[rows], contents: ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			put(t, dir, files)
			_, why := Open(dir, Options{})
			pairing := forum.NewPairing()
			for range 2 { // the first time it is cut off
				f, refused, err := Join(dir, Options{})
				if err != nil {
					t.Fatal(err)
				}
				if refused == nil || forum.Explain(refused) != forum.Explain(why) && !strings.Contains(refused.Error(), "do not belong together") {
					t.Errorf("refused: %v, want %v", refused, why)
				}
				_, err = f.Rows.Submit(t.Context(), storetest.Write(func(tx forum.Tx) { tx.SetPairing(pairing) }))
				if err != nil {
					t.Fatal(err)
				}
				checkAndClose(t, f)
				if _, err := Open(dir, Options{}); err == nil {
					t.Error("they belong together before both know it")
				}
			}
			f, _, err := Join(dir, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := f.Contents.SetPairing(pairing); err != nil {
				t.Fatal(err)
			}
			checkAndClose(t, f)

			f = open(t, dir)
			remove(t, f, upload(t, f))
			checkAndClose(t, f)
			again, refused, err := Join(dir, Options{})
			if err != nil || refused != nil {
				t.Fatalf("Join of what belongs together: %v, %v", refused, err)
			}
			checkAndClose(t, again)
			for _, earlier := range []map[string]string{h.start, h.middle, h.end} {
				for name, content := range earlier {
					mixed := t.TempDir()
					put(t, mixed, filesIn(t, dir))
					put(t, mixed, map[string]string{name: content})
					_, err := Open(mixed, Options{})
					wantRefusal(t, err, mixed, "DIR/forum.db and DIR/files.db do not belong together"+meant)
				}
			}
		})
	}
}

// TestJoinRefuses files that cannot belong together.
func TestJoinRefuses(t *testing.T) {
	const rows, contents = storage.FileName, blobs.FileName
	h, other := newHistory(t, t.TempDir()), newHistory(t, t.TempDir())
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"two forums":   {map[string]string{rows: h.end[rows], contents: other.end[contents]}, "DIR/files.db is of another forum than DIR/forum.db; put the file of this forum in its place."},
		"no rows":      {map[string]string{contents: h.end[contents]}, rowsMissing},
		"nothing":      {nil, noForumThere},
		"damaged rows": {map[string]string{rows: h.end[rows][:8192], contents: h.end[contents]}, "DIR/forum.db is damaged (its end is lost: 8192 bytes are left); restore it from a backup."},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			put(t, dir, test.files)
			_, _, err := Join(dir, Options{})
			wantRefusal(t, err, dir, test.want)
			if got := filesIn(t, dir); !maps.Equal(got, test.files) && len(got) > 0 {
				t.Errorf("there are %v", slices.Collect(maps.Keys(got)))
			}
		})
	}
}

// TestJoinWithOneHead: Join accepts a file that may have lost one commit.
func TestJoinWithOneHead(t *testing.T) {
	for _, name := range []string{storage.FileName, blobs.FileName} {
		dir := t.TempDir()
		f := open(t, dir)
		upload(t, f)
		checkAndClose(t, f)
		files := filesIn(t, dir)
		put(t, dir, map[string]string{name: strings.Repeat("\x00", 4096) + files[name][4096:]})
		_, err := Open(dir, Options{})
		lost := "DIR/" + name + " is damaged (one of its two heads is lost, and with it perhaps what was stored last); restore it from a backup."
		wantRefusal(t, err, dir, lost)
		f, refused, err := Join(dir, Options{})
		if err != nil || refused == nil {
			t.Fatal(refused, err)
		}
		pairing := forum.NewPairing()
		_, err = f.Rows.Submit(t.Context(), storetest.Write(func(tx forum.Tx) { tx.SetPairing(pairing) }))
		if err := errors.Join(err, f.Contents.SetPairing(pairing)); err != nil {
			t.Fatal(err)
		}
		checkAndClose(t, f)
		open(t, dir)
	}
}
