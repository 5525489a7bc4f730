package blobs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/storage/boltfile"
)

// scattered makes a blob of n small chunks.
func scattered(t testing.TB, s *Store, chunks int) forum.BlobID {
	t.Helper()
	id := rules.NewBlobID()
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
			remove(s, id)
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

// held is a store whose commits, after hold, each wait for a value.
type held struct {
	*Store
	pass chan struct{}
}

func openHeld(t *testing.T, dir string, o Options) *held {
	t.Helper()
	h := new(held)
	o.hooks.Commit = func(tx *boltfile.Tx) error {
		if h.pass != nil {
			<-h.pass
		}
		return tx.Commit()
	}
	h.Store = open(t, dir, o)
	return h
}

func (h *held) hold() { h.pass = make(chan struct{}) }

// TestRemoveWaitsForNothing: blobs are gone before anything is committed. Uploads and the
// freeing of blobs take turns.
func TestRemoveWaitsForNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openHeld(t, t.TempDir(), Options{})
		large := scattered(t, s.Store, 2*removeStep+10)
		s.hold()
		var wg sync.WaitGroup
		w := create(t, s.Store, rules.NewBlobID())
		writeAt(t, w, noise(100), 0)
		synced := false
		s.Remove(large)
		s.Remove(large) // which is known
		synctest.Wait() // the first step is under way
		wg.Go(func() { syncNow(t, w); synced = true })
		synctest.Wait()
		if n := count(t, s.Store); n != 0 {
			t.Errorf("%d blobs after the removal", n)
		}
		if err := second(s.Open(large)); forum.KindOf(err) != forum.NotFound {
			t.Errorf("opened after the removal: %v", err)
		}
		want := []struct {
			chunks int
			synced bool
		}{{2*removeStep + 10, false}, {removeStep + 10, false}, {removeStep + 11, true}, {11, true}, {1, true}}
		for i, want := range want {
			if i > 0 {
				s.pass <- struct{}{}
				synctest.Wait()
			}
			if n := chunksIn(t, s.Store); n != want.chunks || synced != want.synced {
				t.Errorf("after %d commits: %d chunks are left, not %d; the upload is durable: %v", i, n, want.chunks, synced)
			}
		}
		wg.Wait()
		if len(s.unfreed) > 0 || s.removed(large) {
			t.Error("the committer does not know that it is done")
		}
		close(s.pass)
		closeNow(t, w)
	})
}

// TestUploadGetsWhatWasRemoved: on a disk with too little space an upload waits until
// there is enough of it.
func TestUploadGetsWhatWasRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openHeld(t, t.TempDir(), Options{MinFree: math.MaxInt64})
		const blobs, size = 2000, 6000 // of which a step frees less than the upload needs
		ids := make([]forum.BlobID, blobs)
		err := s.update(0, func(tx *boltfile.Tx) error {
			for i := range ids {
				ids[i] = forum.BlobID{byte(i >> 8), byte(i), 1}
				err := errors.Join(put(tx, ids[i], row{size: size}), chunksOf(tx).Put(chunkKey(ids[i], 0), noise(size)))
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		s.hold()
		s.Remove(ids...)
		synctest.Wait() // the first step is under way
		var wg sync.WaitGroup
		content := noise(3 << 20)
		var id forum.BlobID
		wg.Go(func() { id = store(t, s.Store, content) })
		synctest.Wait()
		close(s.pass)
		wg.Wait()
		expect(t, s.Store, id, content)
	})
}

// TestRemoveStopped copies the file after each step of a removal, as a crash leaves it: the
// rest of the blob is found, and another Remove continues.
func TestRemoveStopped(t *testing.T) {
	dir := t.TempDir()
	var copies []string // the directories; nil until the removal
	s := open(t, dir, Options{hooks: boltfile.Hooks{Commit: func(tx *boltfile.Tx) error {
		err := tx.Commit()
		if copies != nil {
			at := t.TempDir()
			content, readErr := os.ReadFile(filepath.Join(dir, FileName))
			err = errors.Join(err, readErr, os.WriteFile(filepath.Join(at, FileName), content, 0o600))
			copies = append(copies, at)
		}
		return err
	}}})
	content := noise(100)
	kept := store(t, s, content)
	large, small := scattered(t, s, 2*removeStep+10), store(t, s, content)
	ids := []forum.BlobID{rules.NewBlobID(), large, small}
	copies = []string{}
	remove(s, ids...)
	if n := count(t, s); n != 1 || chunksIn(t, s) != 1 {
		t.Errorf("%d blobs and %d chunks are left", n, chunksIn(t, s))
	}
	if len(copies) != 3 {
		t.Fatalf("it took %d steps", len(copies))
	}
	for step, dir := range copies {
		s := open(t, dir, Options{})
		want := 3
		if step == 2 {
			want = 1
		}
		if n := count(t, s); n != want {
			t.Errorf("%d blobs after step %d", n, step+1)
		}
		for name, err := range map[string]error{
			"open": second(s.Open(large)), "resume": second(s.Resume(large)),
			"size": second(s.Size(large)), "sums": second(s.Sums(t.Context(), large)),
		} {
			if forum.KindOf(err) != forum.NotFound {
				t.Errorf("%s after step %d: %v", name, step+1, err)
			}
		}
		remove(s, ids...)
		if n := count(t, s); n != 1 || chunksIn(t, s) != 1 {
			t.Errorf("%d blobs and %d chunks are left", n, chunksIn(t, s))
		}
		expect(t, s, kept, content)
	}
}

var (
	keptID, removedID = forum.BlobID{1}, forum.BlobID{2}
	keptContent       = strings.Repeat("kept ", 50_000)
)

// childRemove has a blob and a large one, removes that, and stops in the middle.
func childRemove(dir string) int {
	removing, steps := false, 0
	s, err := openOrMake(dir, Options{hooks: boltfile.Hooks{Commit: func(tx *boltfile.Tx) error {
		if removing {
			if steps++; steps == 2 {
				fmt.Println("removed")
				time.Sleep(time.Hour) // it is killed
			}
		}
		return tx.Commit()
	}}})
	for id, content := range map[forum.BlobID]string{keptID: keptContent, removedID: strings.Repeat("x", 3*removeStep*chunkSize)} {
		var w forum.BlobWriter
		if err == nil {
			w, err = s.Create(id)
		}
		if err == nil {
			_, err = w.WriteAt([]byte(content), 0)
		}
		if err == nil {
			_, err = w.Finish(context.Background())
		}
		if err == nil {
			err = w.Close()
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	removing = true
	s.Remove(removedID)
	<-s.stopped
	return 1
}

// TestKilledWhileRemoving: blobs that were not freed yet are found after a restart, and freed.
func TestKilledWhileRemoving(t *testing.T) {
	dir := t.TempDir()
	cmd, lines := startChild(t, "remove", dir)
	if !lines.Scan() || lines.Text() != "removed" {
		t.Fatalf("the other process said %q", lines.Text())
	}
	cmd.Process.Kill()
	cmd.Wait()
	s := open(t, dir, Options{})
	if n := chunksIn(t, s); count(t, s) != 2 || n <= removeStep {
		t.Errorf("%d blobs and %d chunks are left of a removal that was cut off", count(t, s), n)
	}
	expect(t, s, keptID, []byte(keptContent))
	remove(s, removedID)
	if n := chunksIn(t, s); count(t, s) != 1 || n != 4 {
		t.Errorf("%d blobs and %d chunks are left", count(t, s), n)
	}
	expect(t, s, keptID, []byte(keptContent))
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

// TestRemovePassesOver: Remove ignores blobs that are being written, and ids without a blob.
func TestRemovePassesOver(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	content := noise(chunkSize + 1)
	w := create(t, s, rules.NewBlobID())
	writeAt(t, w, content, 0)
	syncNow(t, w)
	ids := []forum.BlobID{w.id}
	for range 2 * removeStep {
		ids = append(ids, rules.NewBlobID())
	}
	remove(s, ids...)
	expect(t, s, w.id, content)
	if _, err := w.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	remove(s, ids...)
	expect(t, s, w.id, content) // until it is closed
	closeNow(t, w)
	remove(s, ids...)
	if n := count(t, s); n != 0 {
		t.Errorf("%d blobs are left", n)
	}
}

// TestReadWhileRemoved: a reader gets the content or an error, and never other bytes.
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
		remove(s, id)
		store(t, s, noise(3<<20)) // into the space
		wg.Wait()
	}
}

// TestAllNeverHasWhatWasRemoved looks at the first blob until the space of all others,
// which were removed before, is free.
func TestAllNeverHasWhatWasRemoved(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	var ids []forum.BlobID
	for range 1000 {
		ids = append(ids, rules.NewBlobID())
	}
	slices.SortFunc(ids, func(a, b forum.BlobID) int { return bytes.Compare(a[:], b[:]) })
	err := s.update(0, func(tx *boltfile.Tx) (err error) {
		for _, id := range ids {
			err = errors.Join(err, put(tx, id, row{}))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Remove(ids[1:]...)
	n := 0
	err = s.All(func(forum.BlobID) bool {
		n++
		for deadline := time.Now().Add(time.Minute); s.removed(ids[999]) && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
		return true
	})
	if err != nil || n != 1 {
		t.Errorf("%d blobs are there: %v", n, err)
	}
}

func TestAll(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	const blobs = 2500
	err := s.update(0, func(tx *boltfile.Tx) error {
		for range blobs {
			if err := put(tx, rules.NewBlobID(), row{}); err != nil {
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
			s.Remove(id)
		}
		return true
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
	for deadline := time.Now().Add(time.Minute); count(t, s) != blobs-blobs/500; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d blobs are left", count(t, s))
		}
	}
}
