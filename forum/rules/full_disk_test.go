package rules_test

import (
	"path/filepath"
	"testing"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/storage/blobs"
	"sshforum/storage/boltfile"
)

// Where the disk is full an upload is given up, with all of it that is durable, however
// it ends: others need the room.
func TestUploadToAFullDiskIsGivenUp(t *testing.T) {
	for _, test := range []struct {
		what string
		end  func(u *rules.Upload) error
	}{
		{"completed", func(u *rules.Upload) error { _, err := u.Complete(ctx); return err }},
		{"cut off", func(u *rules.Upload) error { return u.Leave(ctx, true) }},
	} {
		dir, keptFree := t.TempDir(), int64(0)
		if err := blobs.Make(filepath.Join(dir, blobs.FileName), boltfile.Mark{}); err != nil {
			t.Fatal(err)
		}
		var disk *blobs.Store
		f := thread3331(t, func(c *rules.Config) {
			disk = must[*blobs.Store](t)(blobs.Open(dir, blobs.Options{MinFree: keptFree}))
			c.Blobs = disk
		})
		begun := begin(t, f, "Yoda", in3331, "report.pdf", "half of it", rules.UploadOptions{})
		if err := begun.Leave(ctx, true); err != nil {
			t.Fatal(err)
		}
		if err := disk.Close(); err != nil {
			t.Fatal(err)
		}
		keptFree = 1 << 62 // more than there is
		f.Reopen()
		u := must[*rules.Upload](t)(f.Service.Upload(ctx, f.As("Yoda"), in3331, "report.pdf", rules.UploadOptions{Keep: true}))
		putOperatorMessage(t, u, ", and the rest", 10)
		wants(t, test.end(u), forum.Unavailable, "The server's disk is full; no file can be stored until space is freed.")
		missing(t, f, "Yoda", in3331, "report.pdf")
		uses(t, f, 0)
		err := disk.All(func(id forum.BlobID) bool {
			t.Errorf("%s: the content %s is left", test.what, id)
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := disk.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
