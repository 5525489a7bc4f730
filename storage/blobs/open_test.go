package blobs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"sshforum/forum"
	"sshforum/storage/boltfile"
)

func TestOpenMakesFile(t *testing.T) {
	dir := t.TempDir()
	store(t, open(t, dir, Options{}), noise(1))
	if info, err := os.Stat(filepath.Join(dir, FileName)); err != nil || info.Mode() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

// TestOpenRefusesTheForumsFile, which has a schema too.
func TestOpenRefusesTheForumsFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, FileName)
	other, err := boltfile.Open(path, boltfile.Options{
		Migrations: []func(*bbolt.Tx) error{boltfile.CreateBuckets("blobs", "messages")}, Bucket: "messages",
	})
	if err != nil {
		t.Fatal(err)
	}
	closeNow(t, other)
	_, err = Open(dir, Options{})
	if want := path + " is a database of another program; "; !strings.HasPrefix(forum.Explain(err), want) {
		t.Errorf("Open: %v, want %q", err, want)
	}
}

// TestOpenWithoutDirectory: that is made by the one who opens the forum's rows.
func TestOpenWithoutDirectory(t *testing.T) {
	if _, err := Open(filepath.Join(t.TempDir(), "missing"), Options{}); !errors.Is(err, fs.ErrNotExist) || forum.KindOf(err) != forum.Unavailable {
		t.Errorf("Open: %v", err)
	}
}

// TestAdviceWithoutAddressSpace asks for a mapping that no system grants first.
func TestAdviceWithoutAddressSpace(t *testing.T) {
	s := open(t, t.TempDir(), Options{hooks: boltfile.Hooks{MapSizes: []int{1<<48 - 1, 1 << 30}}})
	store(t, s, noise(1000))
	if s.advised.size != 1<<30 {
		t.Errorf("advice was given for %d bytes", s.advised.size)
	}
}

// TestFileOutgrowsItsMapping: it is mapped again, with the same advice.
func TestFileOutgrowsItsMapping(t *testing.T) {
	s := open(t, t.TempDir(), Options{hooks: boltfile.Hooks{MapSizes: []int{0}}})
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
