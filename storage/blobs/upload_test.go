package blobs

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/storage/boltfile"
)

// gate is a store whose commits wait for a signal.
type gate struct {
	*Store
	pass chan struct{} // one value for each commit
}

func openGate(t *testing.T, o Options) *gate {
	g := &gate{pass: make(chan struct{})}
	o.hooks.Commit = func(tx *boltfile.Tx) error {
		<-g.pass
		return tx.Commit()
	}
	g.Store = open(t, t.TempDir(), o)
	return g
}

// open lets all commits pass from now on.
func (g *gate) open() { close(g.pass) }

func TestConflicts(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	id := rules.NewBlobID()
	w := create(t, s, id)
	unknown := rules.NewBlobID()
	for name, test := range map[string]struct {
		err  error
		want forum.Kind
	}{
		"create while it is written": {second(s.Create(id)), forum.Conflict},
		"sums while it is written":   {second(s.Sums(t.Context(), id)), forum.Conflict},
		"resume unknown":             {second(s.Resume(unknown)), forum.NotFound},
		"open unknown":               {second(s.Open(unknown)), forum.NotFound},
		"sums unknown":               {second(s.Sums(t.Context(), unknown)), forum.NotFound},
	} {
		if forum.KindOf(test.err) != test.want || test.err == nil {
			t.Errorf("%s: %v, want %s", name, test.err, test.want)
		}
	}
	finish(t, w, nil)
	if _, err := s.Create(id); forum.KindOf(err) != forum.Conflict {
		t.Errorf("create what there is: %v", err)
	}
	closeNow(t, resume(t, s, id))
	closeNow(t, create(t, s, unknown))
	if _, err := s.Size(unknown); forum.KindOf(err) != forum.NotFound {
		t.Errorf("the size of what was given up before it began: %v", err)
	}
}

// A writer that resumes an upload takes it over from the present writer, with the beginning
// that has no gap. If several do so at once, one has it in the end, and the others can do
// nothing to it.
func TestResumeTakesOver(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	id, content := rules.NewBlobID(), noise(5*chunkSize)
	uploads := []*upload{create(t, s, id)}
	writeAt(t, uploads[0], content[:3*chunkSize+1000], 0)
	writeAt(t, uploads[0], content[4*chunkSize:], 4*chunkSize)
	var resuming sync.WaitGroup
	resumed := make(chan forum.BlobWriter, 8)
	for range cap(resumed) {
		resuming.Go(func() {
			w, err := s.Resume(id)
			if err != nil {
				t.Error(err)
				return
			}
			resumed <- w
		})
	}
	resuming.Wait()
	close(resumed)
	for w := range resumed {
		uploads = append(uploads, w.(*upload))
	}
	var holder *upload
	for _, u := range uploads {
		if _, err := u.WriteAt(content[:10], 0); err == nil && holder == nil {
			holder = u
			continue
		}
		for name, err := range map[string]error{
			"write": second(u.WriteAt(content, 0)), "read": second(u.ReadAt(make([]byte, 1), 0)), "truncate": u.Truncate(0),
			"sync": u.Sync(t.Context()), "finish": second(u.Finish(t.Context())),
		} {
			if err == nil || forum.KindOf(err) != forum.Conflict {
				t.Errorf("%s by one that was taken over: %v", name, err)
			}
		}
		closeNow(t, u)
	}
	if holder == nil || len(uploads) != 1+cap(resumed) || holder.Size() != 3*chunkSize+1000 {
		t.Fatalf("%d uploads; the one that goes on is %+v", len(uploads), holder)
	}
	writeAt(t, holder, content[holder.Size():], holder.Size())
	finish(t, holder, content)
	expect(t, s, id, content)
}

func second[A any](_ A, err error) error { return err }

// TestHostilePositions: writes at positions that no file can have are refused completely, and
// take no memory.
func TestHostilePositions(t *testing.T) {
	const limit = 10 << 20
	s := open(t, t.TempDir(), Options{MaxSize: limit})
	w := create(t, s, rules.NewBlobID())
	p := make([]byte, 32<<10)
	for _, test := range []struct {
		off  int64
		want forum.Kind
	}{
		{-1, forum.Invalid}, {math.MinInt64, forum.Invalid},
		{limit, forum.Limited}, {limit - 1, forum.Limited}, {limit - int64(len(p)) + 1, forum.Limited},
		{1 << 40, forum.Limited}, {math.MaxInt64, forum.Limited}, {math.MaxInt64 - 1000, forum.Limited},
	} {
		n, err := w.WriteAt(p, test.off)
		if n != 0 || err == nil || forum.KindOf(err) != test.want {
			t.Errorf("write at %d: %d bytes, %v; want %s", test.off, n, err, test.want)
		}
	}
	for size, want := range map[int64]forum.Kind{-1: forum.Invalid, limit + 1: forum.Limited, math.MaxInt64: forum.Limited} {
		if err := w.Truncate(size); err == nil || forum.KindOf(err) != want {
			t.Errorf("truncated to %d: %v, want %s", size, err, want)
		}
	}
	if inMemory(w) != 0 || w.Size() != 0 {
		t.Errorf("%d chunks in memory of %d bytes", inMemory(w), w.Size())
	}
	writeAt(t, w, p, limit-int64(len(p)))
	if w.Size() != limit {
		t.Errorf("the size is %d", w.Size())
	}
	finish(t, w, make([]byte, limit))
}

// chunksIn returns how many chunks the store has.
func chunksIn(t testing.TB, s *Store) (n int) {
	t.Helper()
	err := s.view(func(tx *boltfile.Tx) error {
		n = tx.Bolt.Bucket([]byte(chunksBucket)).Stats().KeyN
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestHoles: gaps read as zeroes and take no space.
func TestHoles(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	id := rules.NewBlobID()
	content := make([]byte, 50<<20)
	for _, at := range []int{0, 100, chunkSize - 1, 20<<20 + 5, len(content) - 10} {
		copy(content[at:], "here")
	}
	w := create(t, s, id)
	for _, at := range []int64{int64(len(content)) - 10, chunkSize - 1, 20<<20 + 5, 0, 100} {
		writeAt(t, w, []byte("here"), at)
	}
	if err := w.Truncate(int64(len(content))); err != nil {
		t.Fatal(err)
	}
	finish(t, w, content)
	expect(t, s, id, content)
	if n := chunksIn(t, s); n != 4 {
		t.Errorf("%d chunks are stored", n)
	}
}

// TestMemoryIsBounded writes here and there in many blobs with room for few chunks.
func TestMemoryIsBounded(t *testing.T) {
	const room = 20
	s := open(t, t.TempDir(), Options{Memory: room * chunkSize})
	var uploads []*upload
	for range 30 {
		uploads = append(uploads, create(t, s, rules.NewBlobID()))
	}
	const pieces = 40
	var wg sync.WaitGroup
	for i, w := range uploads {
		wg.Go(func() {
			for n := range pieces {
				if _, err := w.WriteAt([]byte{byte(i), byte(n)}, int64(n)*chunkSize); err != nil {
					t.Error(err)
				}
				held := 0
				for _, u := range uploads {
					held += inMemory(u)
				}
				// Not one moment: a chunk may be counted before and after it changed hands.
				if held > 3*room {
					t.Errorf("about %d chunks in memory", held)
				}
			}
		})
	}
	wg.Wait()
	for i, w := range uploads {
		content := make([]byte, (pieces-1)*chunkSize+2)
		for n := range pieces {
			copy(content[n*chunkSize:], []byte{byte(i), byte(n)})
		}
		finish(t, w, content)
	}
	if !s.memory.TryAcquire(room) {
		t.Error("places in memory were lost")
	}
	if s.memory.TryAcquire(1) {
		t.Error("places in memory were won")
	}
}

// TestWritersWaitForTheDisk: an upload that is faster than the disk stops at two batches; other
// uploads do not wait.
func TestWritersWaitForTheDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := openGate(t, Options{})
		w := create(t, g.Store, rules.NewBlobID())
		content := noise(200 * chunkSize)
		done := make(chan struct{})
		go func() {
			defer close(done)
			writeAt(t, w, content, 0)
		}()
		synctest.Wait()
		if n := inMemory(w); n < batchChunks+ripeChunks || n > 2*batchChunks {
			t.Errorf("%d chunks in memory", n)
		}
		if size := w.Size(); size < ripeChunks*chunkSize || size > 2*batchChunks*chunkSize {
			t.Errorf("%d bytes were taken", size)
		}
		got := make([]byte, 100)
		if _, err := w.ReadAt(got, chunkSize); err != nil || differ(got, content[chunkSize:]) != len(got) {
			t.Errorf("what is being committed reads wrong: %v", err)
		}
		other := create(t, g.Store, rules.NewBlobID())
		writeAt(t, other, content[:10*chunkSize], 0)
		g.open()
		<-done
		finish(t, w, content)
		finish(t, other, content[:10*chunkSize])
	})
}

// TestAllAtOnce does everything to one upload from several goroutines.
func TestAllAtOnce(t *testing.T) {
	const size = 5 * chunkSize
	s := open(t, t.TempDir(), Options{Memory: 4 * chunkSize})
	w := create(t, s, rules.NewBlobID())
	var wg sync.WaitGroup
	for _, do := range []func() error{
		func() error { return second(w.WriteAt(noise(rand.IntN(size)), rand.Int64N(size))) },
		func() error { return second(w.WriteAt(noise(10), rand.Int64N(size))) },
		func() error { return w.Truncate(rand.Int64N(size)) },
		func() error { return w.Sync(t.Context()) },
		func() error {
			if _, err := w.ReadAt(make([]byte, size), 0); err != io.EOF && err != nil {
				return err
			}
			return nil
		},
	} {
		wg.Go(func() {
			for range 100 {
				if err := do(); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	content := make([]byte, w.Size())
	if _, err := w.ReadAt(content, 0); err != nil {
		t.Fatal(err)
	}
	syncNow(t, w)
	expect(t, s, w.id, content)
	finish(t, w, content)
}

// TestSyncIsLeft: a Sync whose ctx ends undoes nothing.
func TestSyncIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := openGate(t, Options{})
		w := create(t, g.Store, rules.NewBlobID())
		content := noise(3 * chunkSize)
		writeAt(t, w, content, 0)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := w.Sync(ctx); forum.KindOf(err) != forum.Unavailable || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a Sync that was left: %v", err)
		}
		if _, err := w.Finish(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a Finish that was left: %v", err)
		}
		if _, err := w.WriteAt(content, 0); err != forum.ErrBlobClosed {
			t.Errorf("written after Finish: %v", err)
		}
		g.open()
		finish(t, w, content)
		expect(t, g.Store, w.id, content)
	})
}

// TestOneCommitEach: a write and a Finish right after it cost one commit.
func TestOneCommitEach(t *testing.T) {
	commits := 0
	s := open(t, t.TempDir(), Options{hooks: boltfile.Hooks{Commit: func(tx *boltfile.Tx) error {
		commits++
		return tx.Commit()
	}}})
	for range 10 {
		store(t, s, noise(1000))
	}
	if commits != 10 {
		t.Errorf("%d commits", commits)
	}
}

// TestUploadsShareACommit: those that wait for a commit are in the next one together.
func TestUploadsShareACommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := openGate(t, Options{})
		var wg sync.WaitGroup
		wg.Go(func() { store(t, g.Store, noise(1000)) })
		synctest.Wait() // its commit is under way
		for range 20 {
			wg.Go(func() { store(t, g.Store, noise(1000)) })
		}
		synctest.Wait()
		g.pass <- struct{}{}
		g.pass <- struct{}{}
		wg.Wait()
		g.open()
	})
}

// TestSyncsThatDoNotFitTogether are in one commit each.
func TestSyncsThatDoNotFitTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := openGate(t, Options{})
		first := create(t, g.Store, rules.NewBlobID())
		var wg sync.WaitGroup
		wg.Go(func() { syncNow(t, first) })
		synctest.Wait() // its commit is under way
		for range 3 {
			w := create(t, g.Store, rules.NewBlobID())
			content := noise(40 * chunkSize)
			writeAt(t, w, content, 0)
			wg.Go(func() { finish(t, w, content) })
		}
		synctest.Wait()
		for range 4 {
			g.pass <- struct{}{}
		}
		wg.Wait()
		g.open()
		closeNow(t, first)
	})
}

// TestTruncateDuringItsCommit: a second cut while the first is being committed.
func TestTruncateDuringItsCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := openGate(t, Options{})
		w := create(t, g.Store, rules.NewBlobID())
		content := noise(5 * chunkSize)
		writeAt(t, w, content, 0)
		var wg sync.WaitGroup
		wg.Go(func() { syncNow(t, w) })
		g.pass <- struct{}{}
		wg.Wait()
		if err := w.Truncate(4 * chunkSize); err != nil {
			t.Fatal(err)
		}
		wg.Go(func() { syncNow(t, w) })
		synctest.Wait()
		if err := w.Truncate(chunkSize); err != nil {
			t.Fatal(err)
		}
		if err := w.Truncate(int64(len(content))); err != nil {
			t.Fatal(err)
		}
		g.open()
		wg.Wait()
		clear(content[chunkSize:])
		finish(t, w, content)
		expect(t, g.Store, w.id, content)
	})
}

// TestCloseKeepsTheBeginning: Close keeps the beginning of an interrupted upload up to the
// first gap, and the chunks behind the gap do not come back.
func TestCloseKeepsTheBeginning(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	id := rules.NewBlobID()
	content := noise(150 * chunkSize)
	w := create(t, s, id)
	const gap = 10*chunkSize + 17
	writeAt(t, w, content[:gap], 0)
	writeAt(t, w, content[gap+1:], gap+1)
	closeNow(t, w)
	expect(t, s, id, content[:gap])
	if chunksIn(t, s) < 60 {
		t.Fatal("nothing was ahead")
	}

	w = resume(t, s, id)
	if w.Size() != gap {
		t.Fatalf("resumed at %d, not %d", w.Size(), gap)
	}
	const last = 140 * chunkSize
	writeAt(t, w, []byte("the end"), last)
	want := make([]byte, last+7)
	copy(want, content[:gap])
	copy(want[last:], "the end")
	finish(t, w, want)
	expect(t, s, id, want)

	w = resume(t, s, id)
	if err := w.Truncate(5); err != nil {
		t.Fatal(err)
	}
	closeNow(t, w)
	expect(t, s, id, want[:5])
	if n := chunksIn(t, s); n != 1 {
		t.Errorf("%d chunks are left", n)
	}
}

// TestDiscardAfterClose: what Close has kept stays.
func TestDiscardAfterClose(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	id := rules.NewBlobID()
	w := create(t, s, id)
	writeAt(t, w, []byte("kept"), 0)
	closeNow(t, w)
	w.Discard()
	expect(t, s, id, []byte("kept"))
}

// TestDurableSizeHasNoGap: while the beginning is missing, the chunks that are stored
// already do not count.
func TestDurableSizeHasNoGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, t.TempDir(), Options{})
		w := create(t, s, rules.NewBlobID())
		content := noise(100 * chunkSize)
		writeAt(t, w, content[10:], 10)
		synctest.Wait()
		if size, err := s.Size(w.id); size != 0 || err != nil || chunksIn(t, s) < ripeChunks {
			t.Errorf("%d bytes are durable, %d chunks are stored: %v", size, chunksIn(t, s), err)
		}
		writeAt(t, w, content[:10], 0)
		syncNow(t, w)
		if size, err := s.Size(w.id); size != int64(len(content)) || err != nil {
			t.Errorf("%d bytes are durable: %v", size, err)
		}
		finish(t, w, content)
	})
}

// TestReaderSeesWhatIsWritten: a reader that was opened before anything was durable reads the
// content while it is written, and after that.
func TestReaderSeesWhatIsWritten(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	content := noise(3 * chunkSize)
	w := create(t, s, rules.NewBlobID())
	r, err := s.Open(w.id)
	if err != nil || r.Size() != 0 {
		t.Fatal(r, err)
	}
	reads := func(want []byte) {
		t.Helper()
		got := make([]byte, len(content))
		if n, err := r.ReadAt(got, 0); !bytes.Equal(got[:n], want) || (err == io.EOF) != (n < len(got)) {
			t.Errorf("reads %d bytes, not these %d: %v", n, len(want), err)
		}
		expect(t, s, w.id, want)
	}
	for _, end := range []int{10, chunkSize + 1, len(content)} {
		from := w.Size()
		writeAt(t, w, content[from:end], from)
		reads(content[:end])
	}
	syncNow(t, w)
	reads(content)
	closeNow(t, w)
	reads(content)
	w = resume(t, s, w.id)
	writeAt(t, w, []byte("again"), 0)
	copy(content, "again")
	reads(content)
	finish(t, w, content)
	reads(content)
}

// If a full disk has ended an upload, its durable content can be read, and Resume begins behind
// it.
func TestReaderOfAFailedUpload(t *testing.T) {
	var full atomic.Bool
	s := open(t, t.TempDir(), Options{hooks: boltfile.Hooks{Commit: func(tx *boltfile.Tx) error {
		if full.Load() {
			return errors.Join(syscall.ENOSPC, tx.Rollback())
		}
		return tx.Commit()
	}}})
	content := noise(chunkSize + 10)
	w := create(t, s, rules.NewBlobID())
	writeAt(t, w, content[:10], 0)
	syncNow(t, w)
	writeAt(t, w, content[10:], 10)
	full.Store(true)
	if _, err := s.Resume(w.id); forum.KindOf(err) != forum.Unavailable || err == nil {
		t.Errorf("resumed though its end is lost: %v", err)
	}
	expect(t, s, w.id, content[:10])
	if size, err := s.Size(w.id); size != 10 || err != nil {
		t.Errorf("who resumes would go on at %d: %v", size, err)
	}
	full.Store(false)
	w = resume(t, s, w.id)
	writeAt(t, w, content[10:], 10)
	finish(t, w, content)
}

// TestHashFollows: a content that is written roughly in order is mostly hashed as it arrives;
// one that is written backwards is hashed again.
func TestHashFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, t.TempDir(), Options{})
		content := noise(5 << 20)
		id := rules.NewBlobID()
		w := create(t, s, id)
		writeAt(t, w, content[chunkSize:3*chunkSize], chunkSize)
		writeAt(t, w, content[:chunkSize], 0)
		if w.hash.size != 3*chunkSize {
			t.Errorf("%d bytes are hashed, not %d", w.hash.size, 3*chunkSize)
		}
		writeAt(t, w, content[3*chunkSize:], 3*chunkSize)
		syncNow(t, w)
		copy(content[1000:], "changed")
		writeAt(t, w, content[1000:1007], 1000)
		finish(t, w, content)

		w = resume(t, s, id)
		more := noise(5 << 20)
		writeAt(t, w, more, int64(len(content)))
		syncNow(t, w)
		synctest.Wait()
		if whole := int64(10<<20) / chunkSize * chunkSize; w.hash.size < whole {
			t.Errorf("%d bytes are hashed of an upload that goes on, not %d", w.hash.size, whole)
		}
		const kept = 3 << 20
		if err := w.Truncate(kept); err != nil {
			t.Fatal(err)
		}
		writeAt(t, w, more, kept)
		finish(t, w, append(content[:kept], more...))
	})
}

// TestStoreClosesUnderUploads: all waiting calls return.
func TestStoreClosesUnderUploads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := openGate(t, Options{Memory: 100 * chunkSize})
		content := noise(200 * chunkSize)
		var wg sync.WaitGroup
		wantStopping := func(what string, do func() error) {
			wg.Go(func() {
				if err := do(); forum.KindOf(err) != forum.Stopping {
					t.Errorf("%s: %v", what, err)
				}
			})
		}
		writing, waiting, idle := create(t, g.Store, rules.NewBlobID()), create(t, g.Store, rules.NewBlobID()), create(t, g.Store, rules.NewBlobID())
		writeAt(t, waiting, content[:10], 0)
		wantStopping("a write", func() error { return second(writing.WriteAt(content, 0)) })
		synctest.Wait() // its commit is under way
		wantStopping("a sync", func() error { return waiting.Sync(t.Context()) })
		wantStopping("another write", func() error { return second(idle.WriteAt(content, 0)) })
		synctest.Wait()
		wg.Go(func() { closeNow(t, g.Store) })
		synctest.Wait()
		g.open()
		wg.Wait()
		for what, err := range map[string]error{
			"create":   second(g.Create(rules.NewBlobID())),
			"resume":   second(g.Resume(rules.NewBlobID())),
			"open":     second(g.Open(rules.NewBlobID())),
			"all":      g.All(func(forum.BlobID) bool { return true }),
			"truncate": idle.Truncate(1),
			"finish":   second(idle.Finish(t.Context())),
			"close":    idle.Close(),
		} {
			if forum.KindOf(err) != forum.Stopping {
				t.Errorf("%s after the store was closed: %v", what, err)
			}
		}
		if err := idle.Close(); err != nil {
			t.Errorf("closed again: %v", err)
		}
	})
}
