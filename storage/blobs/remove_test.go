package blobs

import (
	"context"
	"io"
	"sync"
	"testing"

	"go.etcd.io/bbolt"

	"sshforum/forum"
)

// scattered makes a blob of so many small chunks.
func scattered(t testing.TB, s *Store, chunks int) forum.BlobID {
	t.Helper()
	id := forum.NewBlobID()
	w := create(t, s, id)
	for i := range chunks {
		writeAt(t, w, []byte("x"), int64(i)*chunkSize)
	}
	syncNow(t, w)
	closeNow(t, w)
	return id
}

// TestSpaceIsUsedAgain: a file in which as much is removed as is written does not grow.
func TestSpaceIsUsedAgain(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	content := noise(20 << 20)
	var id forum.BlobID
	var before int64
	for round := range 12 {
		if round == 2 {
			before = fileSize(t, dir)
		}
		if round > 0 {
			if err := s.Remove(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		id = store(t, s, content)
	}
	if after := fileSize(t, dir); after > before {
		t.Errorf("the file grew from %d to %d bytes", before, after)
	}
	expect(t, s, id, content)
	if n := count(t, s); n != 1 {
		t.Errorf("%d blobs are left", n)
	}
}

// TestRemoveInSteps stops a removal after each of its steps.
func TestRemoveInSteps(t *testing.T) {
	var stop context.CancelFunc // called at the next commit
	s := open(t, t.TempDir(), Options{commit: func(tx *bbolt.Tx) error {
		if stop != nil {
			stop()
		}
		return tx.Commit()
	}})
	kept := store(t, s, noise(100))
	large, small := scattered(t, s, 2*removeStep+10), store(t, s, noise(100))
	ids := []forum.BlobID{forum.NewBlobID(), large, small}
	stopped := 0
	for ; ; stopped++ {
		ctx, cancel := context.WithCancel(t.Context())
		stop = cancel
		err := s.Remove(ctx, ids...)
		cancel()
		if err == nil {
			break
		}
		if forum.KindOf(err) != forum.Unavailable {
			t.Fatal(err)
		}
		for name, err := range map[string]error{
			"open": second(s.Open(large)), "resume": second(s.Resume(large)),
			"size": second(s.Size(large)), "sums": second(s.Sums(t.Context(), large)),
		} {
			if forum.KindOf(err) != forum.NotFound {
				t.Errorf("%s while it is being removed: %v", name, err)
			}
		}
		if err := second(s.Create(large)); forum.KindOf(err) != forum.Conflict {
			t.Errorf("created while it is being removed: %v", err)
		}
		if n := count(t, s); n != 3 {
			t.Errorf("%d blobs after step %d", n, stopped+1)
		}
		if err := s.Check(); err != nil {
			t.Error(err)
		}
	}
	if stopped != 2 {
		t.Errorf("it was stopped %d times", stopped)
	}
	if count(t, s) != 1 || chunksIn(t, s) != 1 {
		t.Errorf("%d blobs and %d chunks are left", count(t, s), chunksIn(t, s))
	}
	if len(read(t, s, kept)) != 100 {
		t.Error("another blob changed")
	}
}

// TestTruncateInSteps cuts off more than a transaction deletes.
func TestTruncateInSteps(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	id := scattered(t, s, 2*removeStep+10)
	w := resume(t, s, id)
	if err := w.Truncate(chunkSize + 1); err != nil {
		t.Fatal(err)
	}
	writeAt(t, w, []byte("end"), 3*chunkSize)
	want := make([]byte, 3*chunkSize+3)
	want[0], want[chunkSize] = 'x', 'x'
	copy(want[3*chunkSize:], "end")
	got := make([]byte, len(want))
	if _, err := w.ReadAt(got, 0); err != nil || differ(got, want) != len(want) {
		t.Errorf("it reads wrong from byte %d on: %v", differ(got, want), err)
	}
	finish(t, w, want)
	expect(t, s, id, want)
	if n := chunksIn(t, s); n != 3 {
		t.Errorf("%d chunks are left", n)
	}
}

// TestRemovePassesOver what is being written, and what was never there.
func TestRemovePassesOver(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	content := noise(chunkSize + 1)
	w := create(t, s, forum.NewBlobID())
	writeAt(t, w, content, 0)
	syncNow(t, w)
	ids := []forum.BlobID{w.id}
	for range 2 * removeStep {
		ids = append(ids, forum.NewBlobID())
	}
	if err := s.Remove(t.Context(), ids...); err != nil {
		t.Fatal(err)
	}
	expect(t, s, w.id, content)
	if _, err := w.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Remove(t.Context(), ids...); err != nil {
		t.Fatal(err)
	}
	expect(t, s, w.id, content) // until it is closed
	closeNow(t, w)
	if err := s.Remove(t.Context(), ids...); err != nil || count(t, s) != 0 {
		t.Errorf("%d blobs are left: %v", count(t, s), err)
	}
}

// TestReadWhileRemoved: a reader gets the content or an error, never something else.
func TestReadWhileRemoved(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	content := noise(3 << 20)
	for range 5 {
		id := store(t, s, content)
		r, err := s.Open(id)
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				for {
					got := make([]byte, len(content))
					n, err := r.ReadAt(got, 0)
					if differ(got[:n], content) != n {
						t.Error("read what never was there")
					}
					if err != nil && err != io.EOF {
						if forum.KindOf(err) != forum.NotFound {
							t.Error(err)
						}
						return
					}
				}
			})
		}
		if err := s.Remove(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		store(t, s, noise(3<<20)) // into the space
		wg.Wait()
	}
}

// TestAll lists more blobs than are read at once, and changes the store meanwhile.
func TestAll(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	const blobs = 2500
	err := s.update(0, func(tx *bbolt.Tx) error {
		for range blobs {
			if err := put(tx, forum.NewBlobID(), row{}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[forum.BlobID]bool)
	err = s.All(func(id forum.BlobID) bool {
		if seen[id] {
			t.Errorf("%s came twice", id)
		}
		seen[id] = true
		if len(seen)%500 == 0 {
			err = s.Remove(t.Context(), id)
		}
		return err == nil
	})
	if err != nil || len(seen) != blobs {
		t.Errorf("%d blobs of %d: %v", len(seen), blobs, err)
	}
	n := 0
	err = s.All(func(forum.BlobID) bool {
		n++
		return n < 3
	})
	if n != 3 || err != nil {
		t.Errorf("it was stopped at the third and came to %d: %v", n, err)
	}
	if n := count(t, s); n != blobs-blobs/500 {
		t.Errorf("%d blobs are left", n)
	}
}
