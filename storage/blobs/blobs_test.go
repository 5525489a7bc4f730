package blobs

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/storage/boltfile"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		run := map[string]func(dir string) int{"upload": childUpload, "remove": childRemove}[os.Getenv(childRole)]
		os.Exit(run(dir))
	}
	goleak.VerifyTestMain(m)
}

// openOrMake opens the store in dir, and makes it first if there is none.
func openOrMake(dir string, o Options) (*Store, error) {
	path := filepath.Join(dir, FileName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := Make(path, boltfile.Mark{}); err != nil {
			return nil, err
		}
	}
	return Open(dir, o)
}

// open opens a store that is checked and closed at the end of the test.
func open(t testing.TB, dir string, o Options) *Store {
	t.Helper()
	s, err := openOrMake(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { checkAndClose(t, s) })
	return s
}

// checkAndClose does nothing to a store that was closed.
func checkAndClose(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Check(); err != nil && forum.KindOf(err) != forum.Stopping {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func create(t testing.TB, s *Store, id forum.BlobID) *upload {
	t.Helper()
	w, err := s.Create(id)
	if err != nil {
		t.Fatal(err)
	}
	return w.(*upload)
}

func resume(t testing.TB, s *Store, id forum.BlobID) *upload {
	t.Helper()
	w, err := s.Resume(id)
	if err != nil {
		t.Fatal(err)
	}
	return w.(*upload)
}

func writeAt(t testing.TB, w io.WriterAt, p []byte, off int64) {
	t.Helper()
	if n, err := w.WriteAt(p, off); n != len(p) || err != nil {
		t.Fatalf("%d bytes written at %d of %d: %v", n, off, len(p), err)
	}
}

func syncNow(t testing.TB, w forum.BlobWriter) {
	t.Helper()
	if err := w.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func closeNow(t testing.TB, c io.Closer) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
}

// finish finishes and closes a writer and compares the hash with that of the content.
func finish(t testing.TB, w forum.BlobWriter, content []byte) {
	t.Helper()
	sum, err := w.Finish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if sum != sha256.Sum256(content) {
		t.Errorf("the hash of %d bytes is wrong", len(content))
	}
	closeNow(t, w)
}

// store makes a finished blob.
func store(t testing.TB, s *Store, content []byte) forum.BlobID {
	t.Helper()
	id := rules.NewBlobID()
	w := create(t, s, id)
	writeAt(t, w, content, 0)
	finish(t, w, content)
	return id
}

// expect compares a blob with the expected content.
func expect(t testing.TB, s *Store, id forum.BlobID, content []byte) {
	t.Helper()
	got := read(t, s, id)
	if !bytes.Equal(got, content) {
		t.Errorf("the blob has %d bytes, not these %d; they differ from byte %d on", len(got), len(content), differ(got, content))
	}
}

func read(t testing.TB, s *Store, id forum.BlobID) []byte {
	t.Helper()
	r, err := s.Open(id)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, err := io.ReadAll(io.NewSectionReader(r, 0, r.Size()))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// differ returns the first position at which a and b differ: the shorter length if one begins
// with the other.
func differ(a, b []byte) int {
	n := min(len(a), len(b))
	if bytes.Equal(a[:n], b[:n]) {
		return n
	}
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// noise returns n bytes as no other call does, and no zero.
func noise(n int) []byte {
	pool := noisePool()
	b := make([]byte, 0, n)
	for len(b) < n {
		b = append(b, pool[rand.IntN(len(pool)/2):][:min(n-len(b), len(pool)/2)]...)
	}
	return b
}

var noisePool = sync.OnceValue(func() []byte {
	pool := make([]byte, 4<<20)
	rand.NewChaCha8([32]byte{1}).Read(pool)
	for i, c := range pool {
		pool[i] = c | 1
	}
	return pool
})

func sumsOf(content []byte) forum.Sums {
	return forum.Sums{SHA256: sha256.Sum256(content), SHA1: sha1.Sum(content), MD5: md5.Sum(content)}
}

func fileSize(t testing.TB, dir string) int64 {
	t.Helper()
	info, err := os.Stat(filepath.Join(dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

func count(t testing.TB, s *Store) (n int) {
	t.Helper()
	err := s.All(func(forum.BlobID) bool {
		n++
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// remove removes blobs and waits until their space is free.
func remove(s *Store, ids ...forum.BlobID) {
	s.Remove(ids...)
	freed := func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.unfreed) == 0
	}
	for !freed() {
		time.Sleep(time.Millisecond)
	}
}

// inMemory returns how many chunks an upload holds.
func inMemory(u *upload) int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.dirty) + len(u.committing)
}

// TestSizes writes and reads contents of sizes about those of chunks and transactions,
// in one process and in the next.
func TestSizes(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	contents := make(map[forum.BlobID][]byte)
	for _, size := range []int{
		0, 1, chunkSize - 1, chunkSize, chunkSize + 1, 65535, 65536, 65537,
		4<<20 - 1, 4 << 20, 4<<20 + 1, batchChunks*chunkSize - 1, batchChunks * chunkSize, batchChunks*chunkSize + 1, 20<<20 + 7,
	} {
		content := noise(size)
		contents[store(t, s, content)] = content
	}
	for id, content := range contents {
		expect(t, s, id, content)
	}
	closeNow(t, s)
	s = open(t, dir, Options{})
	for id, content := range contents {
		expect(t, s, id, content)
	}
	if n := count(t, s); n != len(contents) {
		t.Errorf("there are %d blobs, not %d", n, len(contents))
	}
}

// TestReadAt reads pieces at and about every border.
func TestReadAt(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	content := noise(5*chunkSize + 100)
	r, err := s.Open(store(t, s, content))
	if err != nil {
		t.Fatal(err)
	}
	size := int64(len(content))
	for _, off := range []int64{0, 1, chunkSize - 1, chunkSize, chunkSize + 1, size - 1, size, size + 1, 1 << 62} {
		for _, n := range []int{0, 1, 2, chunkSize, chunkSize + 1, viewBytes, viewBytes + 1, len(content)} {
			t.Run(fmt.Sprint(off, "+", n), func(t *testing.T) {
				want := content[min(off, size):min(off+int64(n), size)]
				p := make([]byte, n)
				m, err := r.ReadAt(p, off)
				if !bytes.Equal(p[:m], want) {
					t.Errorf("%d bytes, not the %d there are", m, len(want))
				}
				if atEnd := len(want) < n; atEnd != (err == io.EOF) || err != nil && err != io.EOF {
					t.Errorf("%v at the end of %d bytes", err, size)
				}
			})
		}
	}
	if _, err := r.ReadAt(make([]byte, 1), -1); forum.KindOf(err) != forum.Invalid {
		t.Errorf("before the beginning: %v", err)
	}
}

// TestOutOfOrder writes pieces as clients send them, in orders in which they may come.
func TestOutOfOrder(t *testing.T) {
	const piece = 32 << 10
	s := open(t, t.TempDir(), Options{})
	content := noise(12<<20 + 12345)
	pieces := make([]int, (len(content)+piece-1)/piece)
	for i := range pieces {
		pieces[i] = i * piece
	}
	window := func(order []int, size int) {
		for i := range order {
			j := min(i+rand.IntN(size), len(order)-1)
			order[i], order[j] = order[j], order[i]
		}
	}
	for name, arrange := range map[string]func(order []int){
		"in order":      func([]int) {},
		"nearly":        func(order []int) { window(order, 8) },
		"window of 64":  func(order []int) { window(order, 64) },
		"at random":     func(order []int) { window(order, len(order)) },
		"backwards":     slices.Reverse[[]int],
		"two halves":    func(order []int) { slices.Reverse(order); slices.Reverse(order[:len(order)/2]) },
		"first is last": func(order []int) { first := order[0]; copy(order, order[1:]); order[len(order)-1] = first },
	} {
		t.Run(name, func(t *testing.T) {
			order := slices.Clone(pieces)
			arrange(order)
			id := rules.NewBlobID()
			w := create(t, s, id)
			for _, off := range order {
				writeAt(t, w, content[off:min(off+piece, len(content))], int64(off))
				if n := inMemory(w); n > 2*batchChunks {
					t.Fatalf("%d chunks in memory", n)
				}
			}
			finish(t, w, content)
			expect(t, s, id, content)
		})
	}
}

// TestConcurrently writes the pieces of several blobs from several goroutines each.
func TestConcurrently(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	var uploads []*upload
	content := noise(10 << 20)
	for range 3 {
		uploads = append(uploads, create(t, s, rules.NewBlobID()))
	}
	t.Run("all", func(t *testing.T) {
		for _, w := range uploads {
			for worker := range 4 {
				t.Run("", func(t *testing.T) {
					t.Parallel()
					const piece = 32 << 10
					for off := worker * piece; off < len(content); off += 4 * piece {
						writeAt(t, w, content[off:min(off+piece, len(content))], int64(off))
						w.Size()
						w.ReadAt(make([]byte, 100), int64(off))
					}
				})
			}
		}
	})
	for _, w := range uploads {
		finish(t, w, content)
		expect(t, s, w.id, content)
	}
}

func TestSums(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	for _, size := range []int{0, 1, chunkSize, 3<<20 + 1} {
		content := noise(size)
		id := store(t, s, content)
		for range 2 {
			sums, err := s.Sums(t.Context(), id)
			if sums != sumsOf(content) || err != nil {
				t.Errorf("the sums of %d bytes are %v: %v", size, sums, err)
			}
		}
	}
}

// TestSumsOfWhatChanged: sums that were computed while the blob changed are not kept.
func TestSumsOfWhatChanged(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	id := store(t, s, noise(100))
	before, err := s.rowAtRest(id)
	if err != nil {
		t.Fatal(err)
	}
	w := resume(t, s, id)
	content := noise(100)
	writeAt(t, w, content, 0)
	finish(t, w, content)
	if err := s.keepSums(id, before, forum.Sums{}); forum.KindOf(err) != forum.Conflict {
		t.Errorf("sums of what was before: %v", err)
	}
	if sums, err := s.Sums(t.Context(), id); sums != sumsOf(content) || err != nil {
		t.Errorf("the sums are %v: %v", sums, err)
	}
}
