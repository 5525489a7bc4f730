package storage

import (
	"bufio"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"sshforum/forum"
	"sshforum/storage/boltfile"
)

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
	if _, err := Open(dir, Options{}); !errors.Is(err, boltfile.ErrLocked) || forum.KindOf(err) != forum.Conflict {
		t.Errorf("Open: %v", err)
	}
	in.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	do(t, open(t, dir, Options{}), addUser(1))
}

// TestOpenRefusesAnotherFile: a file of another kind has a schema too.
func TestOpenRefusesAnotherFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, FileName)
	other, err := boltfile.Open(path, boltfile.Options{
		Migrations: []func(*bbolt.Tx) error{boltfile.CreateBuckets("chunks")}, Bucket: "chunks",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = Open(dir, Options{})
	if want := path + " is a database of another program; "; !strings.HasPrefix(forum.Explain(err), want) {
		t.Errorf("Open: %v, want %q", err, want)
	}
}
