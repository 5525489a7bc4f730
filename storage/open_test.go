package storage

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sshforum/forum"
	"sshforum/storage/boltfile"
)

func TestMake(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, FileName)
	mark := boltfile.Mark{Forum: [16]byte{1}, Pairing: forum.Pairing{2}}
	if err := Make(path, mark); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if i, err := Inspect(path, Options{}); err != nil || i.Mark != mark {
		t.Errorf("%+v, %v, want %+v", i, err, mark)
	}
	do(t, open(t, dir, Options{}), addUser(1))
}

func TestOpenRelativePath(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("data", 0o700); err != nil {
		t.Fatal(err)
	}
	do(t, open(t, "data", Options{}), addUser(1))
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
	other := boltfile.Options{Migrations: []func(*boltfile.Tx) error{boltfile.CreateBuckets("chunks")}, Bucket: "chunks", Buckets: []string{"chunks"}}
	if err := boltfile.Make(path, other, func(*boltfile.Tx) error { return nil }); err != nil {
		t.Fatal(err)
	}
	_, err := Open(dir, Options{})
	if want := path + " is the wrong file of a forum; "; !strings.HasPrefix(forum.Explain(err), want) {
		t.Errorf("Open: %v, want %q", err, want)
	}
}
