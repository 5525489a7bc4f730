package blobs

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"sshforum/forum"
	"sshforum/forum/rules"
)

// TestDiskIsReallyFull uploads to a disk of 24 MiB until it is full, and continues after space
// was freed.
func TestDiskIsReallyFull(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=24m"); err != nil {
		t.Skip("a small disk cannot be mounted here:", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	s := open(t, dir, Options{})
	small, kept := noise(10<<20), noise(1<<20)
	first, other := store(t, s, small), store(t, s, kept)
	large := create(t, s, rules.NewBlobID())
	content := noise(30 << 20)
	n, err := large.WriteAt(content, 0)
	if err == nil {
		_, err = large.Finish(t.Context())
	}
	if forum.KindOf(err) != forum.Unavailable || !strings.Contains(forum.Explain(err), "disk is full") {
		t.Errorf("after %d bytes: %v", n, err)
	}
	if err := large.Close(); err == nil {
		t.Error("closed as if nothing had happened")
	}
	expect(t, s, other, kept)
	part := read(t, s, large.id)
	if differ(part, content) != len(part) {
		t.Error("what is durable is not what was written")
	}
	s.Remove(first, large.id)
	expect(t, s, store(t, s, small), small)
	checkAndClose(t, s)
	expect(t, open(t, dir, Options{}), other, kept)
}
