package blobs

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	bbolterrors "go.etcd.io/bbolt/errors"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/storage/boltfile"
	"sshforum/storage/boltfile/faultdisk"
)

// openOn opens the store in dir on a disk that can fail.
func openOn(t *testing.T, disk *faultdisk.Disk, dir string) *Store {
	t.Helper()
	s, err := openOrMake(dir, Options{hooks: boltfile.Hooks{OpenFile: disk.OpenFile, Commit: disk.Commit}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestEveryCommitFails makes each commit of a scenario fail in turn: its writes, or its sync
// with the writes lost. The store refuses later writes and stays readable; opened again, it has
// everything that was acknowledged.
func TestEveryCommitFails(t *testing.T) {
	const syncs = 4
	piece := noise(2 * chunkSize)
	for name, fault := range map[string]func(path string) faultdisk.Fault{
		"write": faultdisk.Writes,
		"sync":  func(string) faultdisk.Fault { return faultdisk.Sync() },
	} {
		t.Run(name, func(t *testing.T) {
			for n := 1; n <= syncs+1; n++ {
				dir := t.TempDir()
				disk := faultdisk.New(t, n+1, fault(filepath.Join(dir, FileName)))
				failing := openOn(t, disk, dir)
				other := store(t, failing, piece) // the first commit
				w := create(t, failing, rules.NewBlobID())
				acked := 0
				for i := range syncs {
					if _, err := w.WriteAt(piece, int64(i*len(piece))); err != nil {
						break
					}
					if err := w.Sync(t.Context()); err != nil {
						break
					}
					acked += len(piece)
				}
				_, err := w.Finish(t.Context())
				if failed := n <= syncs; failed != (forum.KindOf(err) == forum.Unavailable) || !failed && err != nil {
					t.Errorf("commit %d fails: Finish: %v", n, err)
				}
				w.Close()
				if want := min(n-1, syncs) * len(piece); acked != want {
					t.Errorf("commit %d fails: %d bytes were acknowledged, not %d", n, acked, want)
				}
				expect(t, failing, other, piece)
				if n <= syncs {
					remove(failing, other) // it cannot be
					expect(t, failing, other, piece)
					for what, err := range map[string]error{
						"the upload":     second(w.WriteAt(piece, 0)),
						"another upload": second(finished(failing)),
					} {
						if err == nil {
							t.Errorf("commit %d failed and %s goes on", n, what)
						}
					}
					disk.Repair()
				}
				closeNow(t, failing)
				s := open(t, dir, Options{})
				expect(t, s, other, piece)
				content := []byte(strings.Repeat(string(piece), acked/len(piece)))
				if acked > 0 {
					expect(t, s, w.id, content)
				} else if _, err := s.Size(w.id); forum.KindOf(err) != forum.NotFound {
					t.Errorf("a blob of which nothing was acknowledged: %v", err)
				}
			}
		})
	}
}

// finished makes a small blob.
func finished(s *Store) (forum.BlobID, error) {
	id := rules.NewBlobID()
	w, err := s.Create(id)
	if err != nil {
		return id, err
	}
	defer w.Close()
	if _, err := w.WriteAt([]byte("content"), 0); err != nil {
		return id, err
	}
	_, err = w.Finish(context.Background())
	return id, err
}

// TestDiskFull: a commit that finds no space is undone and ends its upload. When there is space
// again, the upload can be resumed.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	remove(s, store(t, s, noise(3<<20)))
	closeNow(t, s)
	// The file has free pages, so it need not grow.
	disk := faultdisk.New(t, 2, faultdisk.Full())
	s = openOn(t, disk, dir)
	content := noise(4 * chunkSize)
	w := create(t, s, rules.NewBlobID())
	writeAt(t, w, content[:chunkSize+10], 0)
	syncNow(t, w)
	writeAt(t, w, content[chunkSize+10:], chunkSize+10)
	_, err := w.Finish(t.Context())
	if forum.KindOf(err) != forum.Unavailable || !strings.Contains(forum.Explain(err), "disk is full") {
		t.Errorf("a commit on a full disk: %v", err)
	}
	if err := w.Close(); forum.KindOf(err) != forum.Unavailable {
		t.Errorf("the upload was closed: %v", err)
	}
	disk.Repair()
	expect(t, s, w.id, content[:chunkSize+10])
	w = resume(t, s, w.id)
	writeAt(t, w, content[w.Size():], w.Size())
	finish(t, w, content)
	checkAndClose(t, s)
	expect(t, open(t, dir, Options{}), w.id, content)
}

// TestTooLittleSpace: if the disk has less than MinFree, uploads get only the space of removed
// blobs.
func TestTooLittleSpace(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	old := store(t, s, noise(20<<20))
	kept := store(t, s, noise(1<<20))
	closeNow(t, s)
	s = open(t, dir, Options{MinFree: math.MaxInt64})
	before := fileSize(t, dir)
	wantFull := func(what string, err error) {
		t.Helper()
		if forum.KindOf(err) != forum.Unavailable || !strings.Contains(forum.Explain(err), "disk is full") {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err := finished(s)
	wantFull("without space", err)
	if errors.Is(err, bbolterrors.ErrMaxSizeReached) {
		t.Error("it was tried, and a commit that fails is expensive")
	}
	s.Remove(old) // an upload waits for the space
	content := noise(7 << 20)
	expect(t, s, store(t, s, content), content)
	w := create(t, s, rules.NewBlobID())
	wantFull("more than was removed", second(w.WriteAt(noise(30<<20), 0)))
	wantFull("its end", w.Close())
	if after := fileSize(t, dir); after != before {
		t.Errorf("the file grew from %d to %d bytes", before, after)
	}
	if len(read(t, s, kept)) != 1<<20 {
		t.Error("another blob changed")
	}
}

// TestFragmentsDoNotFit: the store continues if the file has space, but not in one piece, and
// may not grow.
func TestFragmentsDoNotFit(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	const blobs = 2000
	err := s.update(0, func(tx *boltfile.Tx) error {
		content := noise(3000)
		for i := range blobs {
			id := forum.BlobID{byte(i >> 8), byte(i)}
			if err := put(tx, id, row{size: int64(len(content))}); err != nil {
				return err
			}
			if err := chunksOf(tx).Put(chunkKey(id, 0), content); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var removed []forum.BlobID
	for i := range blobs {
		if i%8 < 4 {
			removed = append(removed, forum.BlobID{byte(i >> 8), byte(i)})
		}
	}
	remove(s, removed...)
	closeNow(t, s)
	s = open(t, dir, Options{MinFree: math.MaxInt64})
	before := fileSize(t, dir)
	upload := func(id forum.BlobID, size int) error {
		w := create(t, s, id)
		defer w.Close()
		writeAt(t, w, noise(size), 0)
		return second(w.Finish(t.Context()))
	}
	large := 0
	for err = nil; err == nil; large++ {
		err = upload(forum.BlobID{0xff, byte(large)}, chunkSize)
	}
	if !errors.Is(err, bbolterrors.ErrMaxSizeReached) || forum.KindOf(err) != forum.Unavailable {
		t.Errorf("what does not fit: %v", err)
	}
	if err := upload(forum.BlobID{0, 1, 1}, 10); err != nil {
		t.Errorf("what fits: %v", err)
	}
	if n, want := count(t, s), blobs-len(removed)+large; n != want {
		t.Errorf("%d blobs, not %d", n, want)
	}
	if after := fileSize(t, dir); after != before {
		t.Errorf("the file grew from %d to %d bytes", before, after)
	}
}

// TestCommitPanics: bbolt panics when it meets a damaged page.
func TestCommitPanics(t *testing.T) {
	commits := 0
	dir := t.TempDir()
	s := open(t, dir, Options{hooks: boltfile.Hooks{Commit: func(tx *boltfile.Tx) error {
		if commits++; commits == 2 {
			panic("damaged page")
		}
		return tx.Commit()
	}}})
	id, err := finished(s)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := finished(s); forum.KindOf(err) != forum.Unavailable {
			t.Errorf("a commit that panics, and the next: %v", err)
		}
	}
	expect(t, s, id, []byte("content"))
	checkAndClose(t, s)
	if _, err := finished(open(t, dir, Options{})); err != nil {
		t.Error(err)
	}
}

// TestFileIsCutOff: a page that the disk cannot deliver fails one reader, not the process.
func TestFileIsCutOff(t *testing.T) {
	dir := t.TempDir()
	s, err := openOrMake(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	id := store(t, s, noise(10<<20))
	r, err := s.Open(id)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(dir, FileName), 1<<20); err != nil {
		t.Fatal(err)
	}
	if _, err := r.ReadAt(make([]byte, r.Size()), 0); err == nil || forum.KindOf(err) != forum.Internal {
		t.Errorf("read from a file that was cut off: %v", err)
	}
	if _, err := s.Sums(t.Context(), id); err == nil || forum.KindOf(err) != forum.Internal {
		t.Errorf("sums from a file that was cut off: %v", err)
	}
}

// The test binary runs itself for tests that need a process of their own.
const (
	childRole = "BLOBS_TEST_ROLE"
	childDir  = "BLOBS_TEST_DIR"
)

// startChild runs the test binary in a role on the store in dir, and returns its lines.
func startChild(t *testing.T, role, dir string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childRole+"="+role, childDir+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

// childUpload uploads for ever, to the ids that it is given, and prints what was acknowledged:
// the number of the id and the number of bytes.
func childUpload(dir string) int {
	s, err := openOrMake(dir, Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	for n := 0; ; n++ {
		w, err := s.Create(forum.BlobID{byte(n >> 8), byte(n)})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		for i := range int64(n % 7) {
			w.WriteAt(killedPiece(n, int(i)), i*killedSize)
			if i%2 == 1 {
				if err := w.Sync(context.Background()); err != nil {
					return 1
				}
				fmt.Println(n, i+1)
			}
		}
		if _, err := w.Finish(context.Background()); err != nil {
			return 1
		}
		fmt.Println(n, n%7)
		w.Close()
	}
}

const killedSize = 100_000

// killedPiece is the ith piece of the nth blob of a process that is killed.
func killedPiece(n, i int) []byte {
	return []byte(strings.Repeat(fmt.Sprintf("%09d\n", n*1000+i), killedSize/10))
}

// TestKilled kills a process that uploads, several times, and finds all that was
// acknowledged, and nothing that is not as it was written.
func TestKilled(t *testing.T) {
	for round := range 5 {
		dir := t.TempDir()
		cmd, lines := startChild(t, "upload", dir)
		acked := make(map[int]int)
		for lines.Scan() {
			var n, pieces int
			if _, err := fmt.Sscan(lines.Text(), &n, &pieces); err != nil {
				t.Fatal(err)
			}
			acked[n] = pieces
			if len(acked) == 30+11*round {
				cmd.Process.Kill()
			}
		}
		cmd.Wait()
		s := open(t, dir, Options{})
		for n, pieces := range acked {
			got := string(read(t, s, forum.BlobID{byte(n >> 8), byte(n)}))
			if len(got) < pieces*killedSize {
				t.Errorf("%d bytes of blob %d, %d pieces of which were acknowledged", len(got), n, pieces)
			}
			for i := 0; i*killedSize < len(got); i++ {
				piece := got[i*killedSize : min((i+1)*killedSize, len(got))]
				if !strings.HasPrefix(string(killedPiece(n, i)), piece) {
					t.Errorf("piece %d of blob %d is not as it was written", i, n)
				}
			}
		}
		closeNow(t, s)
	}
}

// TestDamagedChunkOfAnother: an upload that meets a damaged row ends. Other uploads in the same
// commit continue.
func TestDamagedChunkOfAnother(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	damaged := store(t, s, noise(2*chunkSize))
	rot(t, filepath.Join(dir, FileName), damaged)
	cut := resume(t, s, damaged)
	if err := cut.Truncate(chunkSize / 2); err != nil {
		t.Fatal(err)
	}
	content := noise(10)
	sound := create(t, s, rules.NewBlobID())
	writeAt(t, sound, content, 0)
	var parts []*part
	for _, u := range []*upload{sound, cut} {
		u.mu.Lock()
		u.syncing = true
		u.mu.Unlock()
		p, _ := u.take(batchChunks, false)
		parts = append(parts, p)
	}
	s.commit(parts)
	if err := sound.Sync(t.Context()); err != nil {
		t.Errorf("the upload beside it: %v", err)
	}
	if err := cut.Sync(t.Context()); forum.KindOf(err) != forum.Internal {
		t.Errorf("the upload whose content is damaged: %v", err)
	}
	cut.Close()
	finish(t, sound, content)
	expect(t, s, sound.id, content)
	closeNow(t, s) // before it is checked and is not sound
}

// TestUploadNextToADamagedRow: a damaged row of one blob does not prevent the upload of a blob
// whose id is next to it.
func TestUploadNextToADamagedRow(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	damaged := store(t, s, noise(10))
	rotRow(t, filepath.Join(dir, FileName), damaged[:])
	if _, err := s.Create(damaged); forum.KindOf(err) != forum.Internal {
		t.Errorf("the damaged blob's id: %v", err)
	}
	content := noise(10)
	for _, step := range []byte{0, 2} { // below and above it
		id := damaged
		id[len(id)-1] += step - 1
		w := create(t, s, id)
		writeAt(t, w, content, 0)
		finish(t, w, content)
		expect(t, s, id, content)
	}
	closeNow(t, s)
}

// rot changes the content of a blob's first chunk, wherever it is in the file.
func rot(t *testing.T, path string, id forum.BlobID) {
	t.Helper()
	rotRow(t, path, chunkKey(id, 0))
}

// rotRow changes the bytes that follow a key, wherever it is in the file.
func rotRow(t *testing.T, path string, key []byte) {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := range file {
		if bytes.HasPrefix(file[at:], key) {
			file[at+len(key)]++
		}
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt(file, 0)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}
