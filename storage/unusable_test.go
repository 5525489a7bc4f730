package storage

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"
	"golang.org/x/sys/unix"

	"sshforum/forum"
)

func TestOpenUnusable(t *testing.T) {
	bolt := func(fn func(tx *bbolt.Tx) error) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			db, err := bbolt.Open(path, 0o600, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(db.Update(fn), db.Close()); err != nil {
				t.Fatal(err)
			}
		}
	}
	forumWith := func(change func(t *testing.T, path string)) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			prepare(t, filepath.Dir(path))
			change(t, path)
		}
	}
	write := func(content string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, test := range map[string]struct {
		make func(t *testing.T, path string)
		want string
	}{
		"newer schema": {forumWith(bolt(func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte("meta")).Put([]byte(schemaKey), uintKey(7))
		})), " was written by a newer sshforum (schema 7, this program knows 1); install the newer program."},
		"another program's": {bolt(func(tx *bbolt.Tx) error {
			_, err := tx.CreateBucket([]byte("widgets"))
			return err
		}), " is a database of another program; "},
		"another program's meta": {bolt(func(tx *bbolt.Tx) error {
			_, err := tx.CreateBucket([]byte("meta"))
			return err
		}), " is a database of another program; "},
		"text":  {write(strings.Repeat("not a database\n", 1000)), " is damaged or no forum database; "},
		"short": {write("not a database\n"), " is damaged or no forum database; "},
		"zeros": {write(string(make([]byte, 1<<16))), " is damaged or no forum database; "},
		"truncated": {forumWith(func(t *testing.T, path string) {
			if err := os.Truncate(path, 5*4096); err != nil {
				t.Fatal(err)
			}
		}), " is damaged or no forum database; "},
		"directory": {func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}, " is damaged or no forum database; "},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), FileName)
			test.make(t, path)
			before, _ := os.ReadFile(path)
			wantOpenError(t, filepath.Dir(path), forum.Unavailable, path+test.want)
			if after, _ := os.ReadFile(path); string(after) != string(before) {
				t.Error("Open changed a file it cannot use")
			}
		})
	}
	t.Run("not a directory", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "data")
		write("a file")(t, path)
		wantOpenError(t, path, forum.Unavailable, path+" is not a directory; ")
	})
}

// TestOpenDamagedPage damages one page at a time: Open says so, or the page was free.
func TestOpenDamagedPage(t *testing.T) {
	dir := t.TempDir()
	prepare(t, dir)
	sound, err := os.ReadFile(filepath.Join(dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	const size, pages = 4096, 128
	sound = sound[:pages*size] // the rest was never used
	for name, damage := range map[string]struct {
		from    int
		content string
	}{
		"garbage":               {0, "\xde\xad\xbe\xef"},
		"zeros":                 {0, "\x00"},
		"garbage behind header": {16, "\xde\xad\xbe\xef"},
	} {
		found := 0
		for page := 2; page < pages; page++ {
			dir := t.TempDir()
			damaged := bytes.Clone(sound)
			copy(damaged[page*size+damage.from:(page+1)*size], strings.Repeat(damage.content, size))
			if err := os.WriteFile(filepath.Join(dir, FileName), damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			db, err := Open(dir, Options{})
			switch {
			case err == nil:
				db.Close()
			case strings.HasSuffix(forum.Explain(err), "is damaged or no forum database; restore it from a backup."):
				found++
			default:
				t.Errorf("%s %d: %v", name, page, err)
			}
		}
		if found == 0 {
			t.Errorf("%s: none was found", name)
		}
	}
}

func TestOpenErrorSentences(t *testing.T) {
	for errno, want := range map[unix.Errno]string{
		unix.EROFS:  "/data/forum.db cannot be written; give the user that runs sshforum write access to /data and what is in it.",
		unix.EACCES: "/data/forum.db cannot be written; give the user that runs sshforum write access to /data and what is in it.",
		unix.ENOSPC: "The disk of /data/forum.db is full; free some space first.",
		unix.EDQUOT: "The disk of /data/forum.db is full; free some space first.",
		unix.EIO:    "/data/forum.db cannot be opened (open /data/forum.db: input/output error); name another data directory.",
	} {
		err := openError("/data/forum.db", &fs.PathError{Op: "open", Path: "/data/forum.db", Err: errno})
		if got := forum.Explain(err); got != want || !errors.Is(err, errno) {
			t.Errorf("%s: %q, want %q", errno, got, want)
		}
	}
}
