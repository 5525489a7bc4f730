package blobs

import (
	"fmt"
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
	want := boltfile.Mark{Forum: [16]byte{1}, Pairing: forum.Pairing{2}}
	if err := Make(path, want); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if i, err := Inspect(path, Options{}); err != nil || i.Mark != want {
		t.Errorf("%+v, %v, want %+v", i, err, want)
	}
	store(t, open(t, dir, Options{}), noise(1))
}

// TestOpenRefusesTheForumsFile, which has a schema too.
func TestOpenRefusesTheForumsFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, FileName)
	other := boltfile.Options{
		Migrations: []func(*boltfile.Tx) error{boltfile.CreateBuckets("blobs", "messages")}, Bucket: "messages", Buckets: []string{"blobs", "messages"},
	}
	if err := boltfile.Make(path, other, func(*boltfile.Tx) error { return nil }); err != nil {
		t.Fatal(err)
	}
	_, err := Open(dir, Options{})
	if want := path + " is the wrong file of a forum; "; !strings.HasPrefix(forum.Explain(err), want) {
		t.Errorf("Open: %v, want %q", err, want)
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
