package boltfile

import (
	"bytes"
	"encoding/binary"
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

// change changes a file behind our back.
func change(fn func(tx *bbolt.Tx) error) func(path string) error {
	return func(path string) error {
		db, err := bbolt.Open(path, 0o600, nil)
		if err != nil {
			return err
		}
		return errors.Join(db.Update(fn), db.Close())
	}
}

func TestOpenUnusable(t *testing.T) {
	schema := func(version uint64) func(tx *bbolt.Tx) error {
		return func(tx *bbolt.Tx) error {
			meta, err := tx.CreateBucketIfNotExists([]byte(MetaBucket))
			if err != nil {
				return err
			}
			return meta.Put(schemaKey, binary.BigEndian.AppendUint64(nil, version))
		}
	}
	write := func(content string) func(path string) error {
		return func(path string) error { return os.WriteFile(path, []byte(content), 0o600) }
	}
	truncate := func(path string) error { return os.Truncate(path, 5*4096) }
	const newer = " was written by a newer sshforum (schema 7, this program knows 1); install the newer program."
	const foreign = " is a database of another program; move it away, or use another data directory."
	const damaged = " is damaged or no forum database; restore it from a backup."
	for name, test := range map[string]struct {
		rows int // of a file that is made before
		make func(path string) error
		want string
	}{
		"newer schema":           {1, change(schema(7)), newer},
		"no schema":              {1, change(schema(0)), foreign},
		"another program's":      {0, change(CreateBuckets("widgets")), foreign},
		"another program's meta": {0, change(CreateBuckets(MetaBucket)), foreign},
		"of another kind":        {0, change(schema(1)), foreign},
		"text":                   {0, write(strings.Repeat("not a database\n", 1000)), damaged},
		"short":                  {0, write("not a database\n"), damaged},
		"zeros":                  {0, write(string(make([]byte, 1<<16))), damaged},
		"truncated":              {100, truncate, damaged},
		"directory":              {0, func(path string) error { return os.Mkdir(path, 0o700) }, damaged},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "things.db")
			if test.rows > 0 {
				prepare(t, dir, test.rows)
			}
			if err := test.make(path); err != nil {
				t.Fatal(err)
			}
			before, _ := os.ReadFile(path)
			wantOpenError(t, path, forum.Unavailable, path+test.want)
			if after, _ := os.ReadFile(path); !bytes.Equal(after, before) {
				t.Error("Open changed a file it cannot use")
			}
		})
	}
	t.Run("not a directory", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "data")
		if err := write("a file")(path); err != nil {
			t.Fatal(err)
		}
		wantOpenError(t, filepath.Join(path, "things.db"), forum.Unavailable, path+" is not a directory; ")
	})
}

// TestOpenDamagedPage damages one page at a time: Open says so, or the page was free.
func TestOpenDamagedPage(t *testing.T) {
	path := prepare(t, t.TempDir(), 300)
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const size, pages = 4096, 110
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
			path := filepath.Join(t.TempDir(), "things.db")
			damaged := bytes.Clone(sound)
			copy(damaged[page*size+damage.from:(page+1)*size], strings.Repeat(damage.content, size))
			if err := os.WriteFile(path, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			f, err := Open(path, things())
			switch {
			case err == nil:
				f.Close()
			case strings.HasSuffix(forum.Explain(err), "is damaged or no forum database; restore it from a backup."):
				found++
			default:
				t.Errorf("%s %d: %v", name, page, err)
			}
		}
		if found < 50 {
			t.Errorf("%s: found %d times", name, found)
		}
	}
}

func TestOpenErrorSentences(t *testing.T) {
	for errno, want := range map[unix.Errno]string{
		unix.EROFS:  "/data/things.db cannot be written; give the user that runs sshforum write access to /data and what is in it.",
		unix.EACCES: "/data/things.db cannot be written; give the user that runs sshforum write access to /data and what is in it.",
		unix.ENOSPC: "The disk of /data/things.db is full; free some space first.",
		unix.EDQUOT: "The disk of /data/things.db is full; free some space first.",
		unix.EIO:    "/data/things.db cannot be opened (open /data/things.db: input/output error); name another data directory.",
	} {
		err := openError("/data/things.db", &fs.PathError{Op: "open", Path: "/data/things.db", Err: errno})
		if got := forum.Explain(err); got != want || !errors.Is(err, errno) {
			t.Errorf("%s: %q, want %q", errno, got, want)
		}
	}
}
