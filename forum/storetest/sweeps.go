package storetest

import (
	"maps"
	"testing"
	"time"

	"sshforum/forum"
)

func testUnnamedBlobs(t *testing.T, open Open) {
	f := start(t, open, Options{})
	want := func(swept time.Duration, want map[forum.BlobID]time.Duration) {
		t.Helper()
		f.view(func(r forum.Reader) {
			if got := maps.Collect(r.UnnamedBlobs()); !maps.Equal(got, want) || r.Swept() != swept {
				t.Errorf("after %s: %v, want after %s: %v", r.Swept(), got, swept, want)
			}
			for id := range byte(4) {
				seen, ok := r.UnnamedBlob(forum.BlobID{id})
				if wanted, noted := want[forum.BlobID{id}]; seen != wanted || ok != noted {
					t.Errorf("blob %d: %s, %v", id, seen, ok)
				}
			}
		})
	}
	want(0, nil)
	f.do(Write(func(tx forum.Tx) {
		tx.PutUnnamedBlob(forum.BlobID{1}, 0)
		tx.PutUnnamedBlob(forum.BlobID{2}, time.Hour)
		tx.SetSwept(25 * time.Hour)
	}))
	f.reopen()
	want(25*time.Hour, map[forum.BlobID]time.Duration{{1}: 0, {2}: time.Hour})
	f.do(Write(func(tx forum.Tx) {
		tx.DropUnnamedBlob(forum.BlobID{1})
		tx.DropUnnamedBlob(forum.BlobID{3})
	}))
	want(25*time.Hour, map[forum.BlobID]time.Duration{{2}: time.Hour})
}
