package storage

import (
	"bufio"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"go.etcd.io/bbolt"
	"golang.org/x/sys/unix"

	"sshforum/forum"
	"sshforum/forum/storetest"
)

// wantOpenError opens the store in dir, which must fail with one sentence that begins
// with want.
func wantOpenError(t *testing.T, dir string, kind forum.Kind, want string) error {
	t.Helper()
	db, err := Open(dir, Options{})
	if err == nil {
		db.Close()
		t.Fatalf("Open succeeded, want %q", want)
	}
	if got := forum.Explain(err); forum.KindOf(err) != kind || !strings.HasPrefix(got, want) || !strings.HasSuffix(got, ".") {
		t.Errorf("Open: %s %q, want %s %q", forum.KindOf(err), got, kind, want)
	}
	return err
}

func TestOpenMakesDirectoryAndFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	db := open(t, dir, Options{})
	do(t, db, addUser(1))
	for path, want := range map[string]fs.FileMode{
		dir:                          0o700 | fs.ModeDir,
		filepath.Dir(dir):            0o700 | fs.ModeDir,
		filepath.Join(dir, FileName): 0o600,
	} {
		if info, err := os.Stat(path); err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v, want mode %s", path, info, err, want)
		}
	}
}

func TestOpenRelativePath(t *testing.T) {
	t.Chdir(t.TempDir())
	do(t, open(t, "data", Options{}), addUser(1))
	if _, err := os.Stat(filepath.Join("data", FileName)); err != nil {
		t.Error(err)
	}
}

func TestOpenLocked(t *testing.T) {
	dir := t.TempDir()
	prepare(t, dir)
	cmd := childCommand(t, "hold", dir)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "open\n" {
		t.Fatalf("the other process: %q, %v", line, err)
	}
	path := filepath.Join(dir, FileName)
	err = wantOpenError(t, dir, forum.Conflict, path+" is in use by another process; stop the sshforum that runs there")
	if !errors.Is(err, ErrLocked) {
		t.Errorf("%v is not ErrLocked", err)
	}
	in.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	do(t, open(t, dir, Options{}), addUser(1))
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

func TestOpenReadOnly(t *testing.T) {
	root := t.TempDir()
	if err := os.Chmod(filepath.Dir(root), 0o755); err != nil { // so that nobody may pass
		t.Fatal(err)
	}
	readOnly := filepath.Join(root, "read-only")
	full := filepath.Join(root, "full")
	prepare(t, full)
	for _, mode := range []struct {
		path string
		mode fs.FileMode
	}{{root, 0o755}, {full, 0o755}, {filepath.Join(full, FileName), 0o444}} {
		if err := os.Chmod(mode.path, mode.mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(readOnly, 0o555); err != nil {
		t.Fatal(err)
	}
	for name, dir := range map[string]string{
		"new file": readOnly, "new directory": filepath.Join(readOnly, "data"), "old file": full,
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, FileName)
			want := path + " cannot be written; give the user that runs sshforum write access to " + dir
			asNobody(t, func() { wantOpenError(t, dir, forum.Unavailable, want) })
		})
	}
}

// TestOpenEmptyFile: a process that was killed while it made the file leaves this.
func TestOpenEmptyFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, FileName), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	do(t, open(t, dir, Options{}), addUser(1))
}

// TestOpenWithoutAddressSpace asks for a mapping that no system grants.
func TestOpenWithoutAddressSpace(t *testing.T) {
	db := open(t, t.TempDir(), Options{mapSizes: []int{1<<48 - 1, 1 << 30}})
	do(t, db, addUser(1))
	if _, err := Open(t.TempDir(), Options{mapSizes: []int{1<<48 - 1}}); !errors.Is(err, unix.ENOMEM) {
		t.Errorf("without a size that is granted: %v", err)
	}
}

// TestOpenLargeFile: what takes long says so.
func TestOpenLargeFile(t *testing.T) {
	dir := t.TempDir()
	prepare(t, dir)
	if err := os.Truncate(filepath.Join(dir, FileName), slowToOpen); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	open(t, dir, Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if !strings.Contains(log.String(), "opening the store") || !strings.Contains(log.String(), "bytes=67108864") {
		t.Errorf("the log: %s", log.String())
	}
}

// TestMigrationFails: a migration that fails leaves the file as it was.
func TestMigrationFails(t *testing.T) {
	dir := t.TempDir()
	prepare(t, dir)
	db := open(t, dir, Options{})
	before := hash(t, db)
	storetest.CheckAndClose(t, db)

	old := migrations
	defer func() { migrations = old }()
	failed := errors.New("on purpose")
	migrations = append(old[:1:1],
		func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte("users")) },
		func(*bbolt.Tx) error { return failed },
	)
	if _, err := Open(dir, Options{}); !errors.Is(err, failed) {
		t.Errorf("Open: %v", err)
	}
	migrations = old
	if db := open(t, dir, Options{}); hash(t, db) != before {
		t.Error("a migration that failed left a trace")
	}
}
