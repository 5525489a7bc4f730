package boltfile

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"sshforum/forum"
)

// wantOpenError opens a file, which must fail with one sentence that begins with want.
func wantOpenError(t *testing.T, path string, kind forum.Kind, want string) error {
	t.Helper()
	f, err := Open(path, things())
	if err == nil {
		f.Close()
		t.Fatalf("Open succeeded, want %q", want)
	}
	if got := forum.Explain(err); forum.KindOf(err) != kind || !strings.HasPrefix(got, want) || !strings.HasSuffix(got, ".") {
		t.Errorf("Open: %s %q, want %s %q", forum.KindOf(err), got, kind, want)
	}
	return err
}

// TestOpenLocked: locks are of open files, so this process cannot open it twice either.
func TestOpenLocked(t *testing.T) {
	path := prepare(t, t.TempDir(), 1)
	open(t, path, things())
	err := wantOpenError(t, path, forum.Conflict, path+" is in use by another process; stop the sshforum that runs there")
	if !errors.Is(err, ErrLocked) {
		t.Errorf("%v is not ErrLocked", err)
	}
}

// asNobody runs fn in a thread whose file accesses have no privileges.
func asNobody(t *testing.T, fn func()) {
	t.Helper()
	if os.Getuid() != 0 {
		fn()
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // the thread ends with the goroutine
		if err := unix.Setfsuid(65534); err != nil {
			t.Error(err)
			return
		}
		fn()
	}()
	<-done
}

func TestReadOnly(t *testing.T) {
	root := t.TempDir()
	if err := os.Chmod(filepath.Dir(root), 0o755); err != nil { // so that nobody may pass
		t.Fatal(err)
	}
	path := prepare(t, root, 1)
	for path, mode := range map[string]fs.FileMode{root: 0o555, path: 0o444} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	asNobody(t, func() {
		wantOpenError(t, path, forum.Unavailable, path+" cannot be written; give the user that runs sshforum write access to "+root)
		other := filepath.Join(root, "other.db")
		err := Make(other, things(), func(*Tx) error { return nil })
		if want := other + " cannot be written; give the user"; !strings.HasPrefix(forum.Explain(err), want) {
			t.Errorf("Make: %v, want %q", err, want)
		}
	})
}

// TestMake makes a file whole, and never over another one.
func TestMake(t *testing.T) {
	path := filepath.Join(t.TempDir(), "things.db")
	fill := func(tx *Tx) error { return tx.Bucket(thingsBucket).Put(key(7), []byte("filled")) }
	if err := Make(path, things(), fill); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if f := open(t, path, things()); !has(t, f, 7) {
		t.Error("the file is not filled")
	}
	if err := Make(path, things(), fill); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over another file: %v", err)
	}
}

// TestOpenMakesNothing, also not when the file goes away after it was inspected.
func TestOpenMakesNothing(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing.db")
	wantOpenError(t, missing, forum.Unavailable, missing+" is missing or empty; restore it from a backup.")
	path := prepare(t, dir, 1)
	for name, take := range map[string]func() error{
		"emptied": func() error { return os.Truncate(path, 0) },
		"removed": func() error { return os.Remove(path) },
	} {
		t.Run(name, func(t *testing.T) {
			f, err := Inspect(path, things(), func(*Tx) error { return nil })
			if err != nil {
				t.Fatal(err)
			}
			if err := take(); err != nil {
				t.Fatal(err)
			}
			if err := f.Open(); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("Open: %v", err)
			}
			if info, err := os.Stat(path); err == nil && info.Size() > 0 {
				t.Error("Open made a file")
			}
			os.Remove(path)
			prepare(t, dir, 1)
		})
	}
}

// TestOpenWithoutAddressSpace asks for a mapping that no system grants.
func TestOpenWithoutAddressSpace(t *testing.T) {
	o := things()
	o.Hooks.MapSizes = []int{1<<48 - 1, 1 << 30}
	path := prepare(t, t.TempDir(), 1)
	f := open(t, path, o)
	if err := put(f, 0, 1); err != nil || f.Mapped != 1<<30 {
		t.Errorf("mapped with %d bytes: %v", f.Mapped, err)
	}
	o.Hooks.MapSizes = o.Hooks.MapSizes[:1]
	if _, err := Open(prepare(t, t.TempDir(), 1), o); !errors.Is(err, unix.ENOMEM) {
		t.Errorf("without a size that is granted: %v", err)
	}
}

// TestOpenLargeFile: the progress of a slow opening is logged.
func TestOpenLargeFile(t *testing.T) {
	path := prepare(t, t.TempDir(), 1)
	if err := os.Truncate(path, slowToOpen); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	o := things()
	o.ReadAhead, o.Logger = true, slog.New(slog.NewTextHandler(&log, nil))
	open(t, path, o)
	if !strings.Contains(log.String(), "opening the store") || !strings.Contains(log.String(), "bytes=67108864") {
		t.Errorf("the log: %s", log.String())
	}
}

// TestOpenShowsProgress once a second.
func TestOpenShowsProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		p := progress{log: slog.New(slog.NewTextHandler(&log, nil)), path: "things.db", total: 1000, shown: time.Now()}
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

// TestMigrations brings a file of an older schema up to date. One that fails leaves the
// file as it was.
func TestMigrations(t *testing.T) {
	path := prepare(t, t.TempDir(), 10)
	failed := errors.New("on purpose")
	o := things()
	o.Migrations = append(o.Migrations,
		func(tx *Tx) error { return tx.Bucket(thingsBucket).Delete(key(3)) },
		func(*Tx) error { return failed },
	)
	if _, err := Open(path, o); !errors.Is(err, failed) {
		t.Errorf("Open: %v", err)
	}
	f := open(t, path, things())
	if !has(t, f, 3) {
		t.Error("a migration that failed left a trace")
	}
	checkAndClose(t, f)
	o.Migrations = o.Migrations[:2]
	f = open(t, path, o)
	if has(t, f, 3) || !has(t, f, 4) {
		t.Error("the second migration has not run, or the first one again")
	}
	checkAndClose(t, f)
	wantOpenError(t, path, forum.Unavailable, path+" was written by a newer sshforum (schema 2, this program knows 1); ")
}
