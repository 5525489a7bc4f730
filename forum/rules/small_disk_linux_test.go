package rules_test

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"sshforum/forum"
	"sshforum/forum/rules"
)

// onASmallDisk runs a test whose files are on a disk of so many MiB.
func onASmallDisk(t *testing.T, mebibytes int, test func(t *testing.T)) {
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", mebibytes)); err != nil {
		t.Skip("a small disk cannot be mounted here:", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	t.Setenv("TMPDIR", dir)
	t.Run("on a small disk", test)
}

// TestOfManyUploadsAtOnceThoseThatFitTheDiskSucceed: there is room for two of the twelve.
func TestOfManyUploadsAtOnceThoseThatFitTheDiskSucceed(t *testing.T) {
	for name, declared := range map[string]bool{"announced": true, "not announced": false} {
		t.Run(name, func(t *testing.T) {
			onASmallDisk(t, 64, func(t *testing.T) {
				const piece = 256 << 10
				f := thread3331(t, func(c *rules.Config) {
					c.Quotas = rules.Quotas{File: 1 << 40, Thread: 1 << 40, Person: 1 << 40, Total: 1 << 40}
				})
				room, _ := f.Blobs.Room()
				size := room * 2 / 5 / piece * piece
				o := rules.UploadOptions{}
				if declared {
					o.Declared = size
				}
				under := make(map[string]*rules.Upload)
				for i := range 12 {
					name := fmt.Sprint("file", i)
					u, err := f.Service.Upload(ctx, f.As("Yoda"), in3331, name, o)
					if forum.KindOf(err) == forum.Unavailable && declared {
						continue
					}
					if err != nil {
						t.Fatal(err)
					}
					under[name] = u
				}
				for at := int64(0); at < size; at += piece {
					for name, u := range under {
						_, err := u.WriteAt([]byte(strings.Repeat(name, piece)[:piece]), at)
						if err != nil && !strings.Contains(forum.Explain(err), "The server's disk is full; no file can be stored until space is freed.") {
							t.Fatal(err)
						}
					}
				}
				for _, u := range under {
					_, _ = u.Complete(ctx)
				}
				if got := listed(t, f, "Yoda", in3331); len(got) != 2 {
					t.Errorf("of twelve files of which two fit, there are %q", got)
				}
				uses(t, f, 2*size)
			})
		})
	}
}

// TestOneUploadFillsTheDisk: nobody else needs the room.
func TestOneUploadFillsTheDisk(t *testing.T) {
	onASmallDisk(t, 32, func(t *testing.T) {
		f := thread3331(t)
		room, _ := f.Blobs.Room()
		upload(t, f, "Yoda", in3331, "large", strings.Repeat("x", int(room*9/10)))
		uses(t, f, room*9/10)
	})
}
