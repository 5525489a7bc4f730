package blobs

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"
	"golang.org/x/sys/unix"

	"sshforum/forum"
)

// wantOpenError opens the store in dir, which must fail with one sentence that begins
// with want.
func wantOpenError(t *testing.T, dir string, kind forum.Kind, want string) error {
	t.Helper()
	s, err := Open(dir, Options{})
	if err == nil {
		s.Close()
		t.Fatalf("Open succeeded, want %q", want)
	}
	if got := forum.Explain(err); forum.KindOf(err) != kind || !strings.HasPrefix(got, want) || !strings.HasSuffix(got, ".") {
		t.Errorf("Open: %s %q, want %s %q", forum.KindOf(err), got, kind, want)
	}
	return err
}

// prepare makes a store with some blobs.
func prepare(t *testing.T, dir string) {
	t.Helper()
	s, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		store(t, s, noise(i*20000))
	}
	closeNow(t, s)
}

func TestOpenMakesFile(t *testing.T) {
	dir := t.TempDir()
	store(t, open(t, dir, Options{}), noise(1))
	if info, err := os.Stat(filepath.Join(dir, FileName)); err != nil || info.Mode() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

// TestOpenLocked: locks are of open files, so this process cannot open it twice either.
func TestOpenLocked(t *testing.T) {
	dir := t.TempDir()
	open(t, dir, Options{})
	err := wantOpenError(t, dir, forum.Conflict, filepath.Join(dir, FileName)+" is in use by another process; ")
	if !errors.Is(err, ErrLocked) {
		t.Errorf("%v is not ErrLocked", err)
	}
}

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
	prepared := func(change func(t *testing.T, path string)) func(t *testing.T, path string) {
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
		"newer schema": {prepared(bolt(func(tx *bbolt.Tx) error {
			return tx.Bucket(metaBucket).Put(schemaKey, binary.BigEndian.AppendUint64(nil, 7))
		})), " was written by a newer sshforum (schema 7, this program knows 1); install the newer program."},
		"the forum's": {bolt(func(tx *bbolt.Tx) error {
			meta, err := tx.CreateBucket(metaBucket)
			if err == nil {
				err = meta.Put(schemaKey, binary.BigEndian.AppendUint64(nil, 1))
			}
			return err
		}), " is a database of another program; "},
		"another program's": {bolt(func(tx *bbolt.Tx) error {
			_, err := tx.CreateBucket([]byte("widgets"))
			return err
		}), " is a database of another program; "},
		"text": {write(strings.Repeat("not a database\n", 1000)), " is damaged or no forum database; "},
		"truncated": {prepared(func(t *testing.T, path string) {
			if err := os.Truncate(path, 5*4096); err != nil {
				t.Fatal(err)
			}
		}), " is damaged or no forum database; "},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), FileName)
			test.make(t, path)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			wantOpenError(t, filepath.Dir(path), forum.Unavailable, path+test.want)
			if after, _ := os.ReadFile(path); !bytes.Equal(after, before) {
				t.Error("Open changed a file it cannot use")
			}
		})
	}
	t.Run("no directory", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "missing")
		err := wantOpenError(t, path, forum.Unavailable, filepath.Join(path, FileName)+" cannot be opened.")
		if !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
	})
}

// TestOpenDamagedPage damages one page at a time: Open says so, or the page has content
// or was free.
func TestOpenDamagedPage(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	scattered(t, s, 300)
	closeNow(t, s)
	sound, err := os.ReadFile(filepath.Join(dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	const size, pages = 4096, 32
	sound = sound[:64*size]
	for name, content := range map[string]string{"garbage": "\xde\xad\xbe\xef", "zeros": "\x00"} {
		found := 0
		for page := 2; page < pages; page++ {
			dir := t.TempDir()
			damaged := bytes.Clone(sound)
			copy(damaged[page*size:(page+1)*size], strings.Repeat(content, size))
			if err := os.WriteFile(filepath.Join(dir, FileName), damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := Open(dir, Options{})
			switch {
			case err == nil:
				closeNow(t, s)
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

// TestOpenShowsProgress: what takes long says so, once a second.
func TestOpenShowsProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		p := progress{log: slog.New(slog.NewTextHandler(&log, nil)), path: "files.db", total: 1000, at: time.Now()}
		for range 10 {
			p.add(100)
			time.Sleep(300 * time.Millisecond)
		}
		for _, want := range []string{"percent=50", "percent=90"} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("%s is not in the log", want)
			}
		}
		if n := strings.Count(log.String(), "opening"); n != 2 {
			t.Errorf("%d lines:\n%s", n, log.String())
		}
	})
}

// TestOpenWithoutAddressSpace asks for a mapping that no system grants.
func TestOpenWithoutAddressSpace(t *testing.T) {
	s := open(t, t.TempDir(), Options{mapSizes: []int{1<<48 - 1, 1 << 30}})
	store(t, s, noise(1000))
	if s.advised.size != 1<<30 {
		t.Errorf("advice was given for %d bytes", s.advised.size)
	}
	if _, err := Open(t.TempDir(), Options{mapSizes: []int{1<<48 - 1}}); !errors.Is(err, unix.ENOMEM) {
		t.Errorf("without a size that is granted: %v", err)
	}
}

// TestFileOutgrowsItsMapping: it is mapped again, with the same advice.
func TestFileOutgrowsItsMapping(t *testing.T) {
	s := open(t, t.TempDir(), Options{mapSizes: []int{0}})
	content := noise(5 << 20)
	for range 5 {
		id := store(t, s, content)
		expect(t, s, id, content)
		if _, err := s.Sums(t.Context(), id); err != nil { // a commit that meets the new mapping
			t.Fatal(err)
		}
		if got := advice(t, s.advised.data); !strings.Contains(got, " sh ") || strings.Contains(got, " rr ") {
			t.Errorf("the mapping has the flags %s", got)
		}
	}
	if s.advised.size < 25<<20 {
		t.Errorf("advice was given for %d bytes", s.advised.size)
	}
}

// advice returns the flags of the mapping that begins at an address (proc(5), VmFlags);
// rr is the one that reading is random.
func advice(t *testing.T, at uintptr) string {
	t.Helper()
	smaps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Skip(err)
	}
	_, mapping, _ := strings.Cut(string(smaps), "\n"+fmt.Sprintf("%x", at)+"-")
	_, flags, _ := strings.Cut(mapping, "VmFlags:")
	line, _, _ := strings.Cut(flags, "\n")
	return line + " "
}
