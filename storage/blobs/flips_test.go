package blobs

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/storage/boltfile"
)

// flipping is a store in whose file single bits are flipped.
type flipping struct {
	t        *testing.T
	path     string
	file     []byte
	contents map[forum.BlobID][]byte

	refused, told, healed int
}

func newFlipping(t *testing.T) *flipping {
	f := &flipping{t: t, path: filepath.Join(t.TempDir(), FileName), contents: make(map[forum.BlobID][]byte)}
	s := open(t, filepath.Dir(f.path), Options{})
	for _, content := range [][]byte{noise(10), noise(5000), noise(3*chunkSize + 7), make([]byte, 4*chunkSize)} {
		f.contents[store(t, s, content)] = content
	}
	w := create(t, s, rules.NewBlobID())
	sparse := make([]byte, 6*chunkSize)
	copy(sparse[2*chunkSize:], noise(chunkSize))
	writeAt(t, w, sparse[2*chunkSize:3*chunkSize], 2*chunkSize)
	writeAt(t, w, []byte{0}, int64(len(sparse)-1))
	finish(t, w, sparse)
	f.contents[w.id] = sparse
	var used int64 // the rest is to grow into
	err := s.view(func(tx *boltfile.Tx) error {
		used = tx.Bolt.Size()
		return nil
	})
	closeNow(t, s)
	file, readErr := os.ReadFile(f.path)
	if err := errors.Join(err, readErr); err != nil {
		t.Fatal(err)
	}
	f.file = file[:used]
	return f
}

// flip flips a bit, reads all, uploads all again, and reads all that is healed by that.
func (f *flipping) flip(bit int) {
	damaged := bytes.Clone(f.file)
	damaged[bit/8] ^= 1 << (bit % 8)
	if err := os.WriteFile(f.path, damaged, 0o600); err != nil {
		f.t.Fatal(err)
	}
	s, err := Open(filepath.Dir(f.path), Options{})
	if err != nil {
		f.refused++
		if forum.KindOf(err) != forum.Unavailable {
			f.t.Errorf("bit %d: %v", bit, err)
		}
		return
	}
	defer closeNow(f.t, s)
	for id, content := range f.contents {
		if err := f.read(s, bit, id, content); err == nil {
			continue
		}
		f.told++
		if err := s.Heal(f.t.Context(), id, store(f.t, s, content)); err != nil {
			f.t.Logf("bit %d: not healed: %v", bit, err)
			continue
		}
		if err := f.read(s, bit, id, content); err != nil {
			f.t.Errorf("bit %d: after it was healed: %v", bit, err)
		}
		f.healed++
	}
}

// read fails the test if a read returns other bytes than the content without an error.
func (f *flipping) read(s *Store, bit int, id forum.BlobID, content []byte) error {
	r, err := s.Open(id)
	if err == nil {
		got := make([]byte, len(content)+1)
		var n int
		if n, err = r.ReadAt(got, 0); err == io.EOF {
			err = nil
		}
		if err == nil && !bytes.Equal(got[:n], content) {
			f.t.Errorf("bit %d: %d bytes of %d are read, and are others", bit, n, len(content))
		}
	}
	var how *boltfile.RowError
	if err != nil && !errors.As(err, &how) {
		f.t.Errorf("bit %d: %v", bit, err)
	}
	return err
}

// TestFlippedBits: a flipped bit prevents opening the file, or is an error for readers of its
// row, or changes nothing. Uploading the same content heals it.
func TestFlippedBits(t *testing.T) {
	f := newFlipping(t)
	random := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		f.flip(random.IntN(8 * len(f.file)))
		page := random.IntN(len(f.file)/os.Getpagesize()) * os.Getpagesize()
		f.flip(8*page + random.IntN(8*100)) // where bbolt keeps its own
	}
	t.Logf("%d times refused, %d errors, %d of them healed", f.refused, f.told, f.healed)
	if f.refused < 5 || f.told < 200 || f.healed < f.told*9/10 {
		t.Errorf("%d times refused, %d errors, %d of them healed", f.refused, f.told, f.healed)
	}
}

// TestHealWhatIsLost: a missing content is stored again, an undamaged one is not changed, and
// one that is being removed does not come back.
func TestHealWhatIsLost(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	content := noise(2*chunkSize + 5)
	from, lost := store(t, s, content), rules.NewBlobID()
	if err := s.Heal(t.Context(), lost, from); err != nil {
		t.Fatal(err)
	}
	expect(t, s, lost, content)
	commits := s.Commits()
	if err := s.Heal(t.Context(), lost, from); err != nil || s.Commits() != commits {
		t.Errorf("what is sound: %v, %d commits", err, s.Commits()-commits)
	}
	s.mu.Lock()
	s.busy[lost] = nil
	s.mu.Unlock()
	if err := s.Heal(t.Context(), lost, from); err != nil || s.Commits() != commits {
		t.Errorf("what is being removed: %v, %d commits", err, s.Commits()-commits)
	}
	s.release(lost)
}

// TestHealWhatIsFreedMeanwhile: a blob that is removed and freed while it is compared with an
// upload is not lost, and is not written again.
func TestHealWhatIsFreedMeanwhile(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	content := noise(2*chunkSize + 5)
	from, freed := store(t, s, content), store(t, s, content)
	h := &healing{store: s, id: freed, from: from}
	if err := s.view(h.load); err != nil || h.removed || h.rowLost {
		t.Fatalf("%v, %+v", err, h)
	}
	remove(s, freed)
	if err := h.step(0); err != nil || !h.removed || h.healed > 0 {
		t.Errorf("%v, %+v", err, h)
	}
	if err := s.Check(); err != nil {
		t.Error(err)
	}
}
