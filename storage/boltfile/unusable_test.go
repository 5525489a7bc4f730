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
func change(fn func(tx *Tx) error) func(path string) error {
	return func(path string) error {
		db, err := bbolt.Open(path, 0o600, nil)
		if err != nil {
			return err
		}
		f := newFile(path, Options{})
		return errors.Join(db.Update(func(bolt *bbolt.Tx) error { return fn(f.tx(bolt)) }), db.Close())
	}
}

const (
	damagedThing = " is damaged ("
	noForumsFile = " is not a forum database, or is damaged beyond recognition; restore it from a backup, or use another data directory."
)

// TestOpenUnusable: an unusable file gets the right sentence, and is not changed.
func TestOpenUnusable(t *testing.T) {
	schema := func(version []byte) func(tx *Tx) error {
		return func(tx *Tx) error {
			if !tx.Has(MetaBucket) {
				if err := tx.CreateBucket(MetaBucket); err != nil {
					return err
				}
			}
			return tx.Bucket(MetaBucket).Put(schemaKey, version)
		}
	}
	write := func(content string) func(path string) error {
		return func(path string) error { return os.WriteFile(path, []byte(content), 0o600) }
	}
	version := func(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
	for name, test := range map[string]struct {
		rows int // of a file that is made before
		make func(path string) error
		want string
	}{
		"newer schema":           {1, change(schema(version(7))), " was written by a newer sshforum (schema 7, this program knows 1); install the newer program."},
		"no version":             {1, change(schema(version(0))), damagedThing},
		"half a version":         {1, change(schema(version(1)[:4])), damagedThing},
		"of another kind":        {0, change(schema(version(1))), " is the wrong file of a forum; put the file of that name there."},
		"another program's":      {0, change(CreateBuckets("widgets")), noForumsFile},
		"another program's meta": {0, change(CreateBuckets(MetaBucket)), noForumsFile},
		"nobody's":               {0, change(func(*Tx) error { return nil }), noForumsFile},
		"text":                   {0, write(strings.Repeat("not a database\n", 1000)), noForumsFile},
		"short text":             {0, write("not a database\n"), noForumsFile},
		"SQLite":                 {0, write("SQLite format 3\x00\x10\x00" + strings.Repeat("\x00", 8192)), noForumsFile},
		"zeros":                  {0, write(string(make([]byte, 1<<16))), noForumsFile},
		"directory":              {0, func(path string) error { return os.Mkdir(path, 0o700) }, noForumsFile},
		"pipe":                   {0, func(path string) error { return unix.Mkfifo(path, 0o600) }, noForumsFile},
		"empty":                  {0, write(""), " is missing or empty; restore it from a backup."},
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
			read := func() (content []byte) {
				if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
					content, _ = os.ReadFile(path)
				}
				return content
			}
			before := read()
			wantOpenError(t, path, forum.Unavailable, path+test.want)
			if !bytes.Equal(read(), before) {
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
