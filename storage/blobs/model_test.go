package blobs

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"testing"

	"pgregory.net/rapid"

	"sshforum/forum"
	"sshforum/forum/rules"
)

// model is a blob as it should be, beside a store that is short of memory, so that
// chunks are stored before they are whole.
type model struct {
	dir string
	s   *Store
	id  forum.BlobID
	w   forum.BlobWriter // nil when the blob is not being written

	content  []byte
	written  []bool   // which bytes were written or synced, not left out
	synced   int      // the size that was synced last
	versions [][]byte // the contents since then, of which a crash may leave parts
}

const modelSize = 5*chunkSize + 1000

// TestModel does the acts of clients to a blob in any order, with crashes between them.
func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "blobs")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		m := &model{dir: dir, id: rules.NewBlobID()}
		m.open(t)
		defer func() { m.s.Close() }()
		m.begin(t)
		t.Repeat(map[string]func(*rapid.T){
			"":          m.check,
			"write":     m.write,
			"append":    m.append,
			"truncate":  m.truncate,
			"sync":      m.sync,
			"finish":    m.finish,
			"close":     m.close,
			"take over": m.takeOver,
			"crash":     m.crash,
			"remove":    m.remove,
			"discard":   m.discard,
		})
		if err := m.s.Check(); err != nil {
			t.Fatal(err)
		}
	})
}

func (m *model) open(t *rapid.T) {
	s, err := openOrMake(m.dir, Options{Memory: 3 * chunkSize, MaxSize: modelSize})
	if err != nil {
		t.Fatal(err)
	}
	m.s = s
}

// begin begins or resumes the blob.
func (m *model) begin(t *rapid.T) {
	w, err := m.s.Resume(m.id)
	if forum.KindOf(err) == forum.NotFound {
		w, err = m.s.Create(m.id)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.s.Create(m.id); forum.KindOf(err) != forum.Conflict {
		t.Fatalf("created while it is written: %v", err)
	}
	m.w = w
}

func (m *model) needWriter(t *rapid.T) {
	if m.w == nil {
		t.Skip("not being written")
	}
}

// position draws one that is often at a border.
func position(t *rapid.T, label string) int {
	if rapid.Bool().Draw(t, label+" at border") {
		return max(0, min(modelSize, rapid.IntRange(0, 5).Draw(t, label+" chunk")*chunkSize+rapid.IntRange(-2, 2).Draw(t, label)))
	}
	return rapid.IntRange(0, modelSize).Draw(t, label)
}

func (m *model) write(t *rapid.T) {
	m.needWriter(t)
	from, to := position(t, "from"), position(t, "to")
	m.writeAt(t, min(from, to), max(from, to))
}

func (m *model) append(t *rapid.T) {
	m.needWriter(t)
	from := len(m.content)
	m.writeAt(t, from, min(modelSize, from+rapid.IntRange(1, 2*chunkSize).Draw(t, "bytes")))
}

func (m *model) writeAt(t *rapid.T, from, to int) {
	p := noise(to - from)
	if n, err := m.w.WriteAt(p, int64(from)); n != len(p) || err != nil {
		t.Fatalf("%d bytes written: %v", n, err)
	}
	if len(p) > 0 {
		m.resize(max(to, len(m.content)))
		copy(m.content[from:], p)
		for i := range p {
			m.written[from+i] = true
		}
	}
	m.versions = append(m.versions, bytes.Clone(m.content))
}

func (m *model) resize(size int) {
	m.content = append(m.content, make([]byte, max(0, size-len(m.content)))...)[:size]
	m.written = append(m.written, make([]bool, max(0, size-len(m.written)))...)[:size]
}

func (m *model) truncate(t *rapid.T) {
	m.needWriter(t)
	size := position(t, "size")
	if err := m.w.Truncate(int64(size)); err != nil {
		t.Fatal(err)
	}
	m.resize(size)
	m.synced = min(m.synced, size)
	m.versions = append(m.versions, bytes.Clone(m.content))
}

func (m *model) sync(t *rapid.T) {
	m.needWriter(t)
	if err := m.w.Sync(context.Background()); err != nil {
		t.Fatal(err)
	}
	m.isDurable(t)
}

// isDurable compares the durable content with the model, and reduces the model to it, as a
// crash does.
func (m *model) isDurable(t *rapid.T) {
	size, err := m.s.durable(m.id)
	if err != nil {
		if forum.KindOf(err) == forum.NotFound && len(m.content) == 0 {
			return
		}
		t.Fatal(err)
	}
	got := make([]byte, size)
	if _, err := m.s.read(m.id, got, 0); err != nil && size > 0 {
		t.Fatal(err)
	}
	if !bytes.Equal(got, m.content) {
		t.Fatalf("%d bytes are durable, not these %d; they differ from byte %d on", len(got), len(m.content), differ(got, m.content))
	}
	m.synced, m.versions = len(got), [][]byte{got}
	for i := range m.written {
		m.written[i] = true
	}
}

func (m *model) finish(t *rapid.T) {
	m.needWriter(t)
	sum, err := m.w.Finish(context.Background())
	if err != nil || sum != sumsOf(m.content).SHA256 {
		t.Fatalf("finish: the hash is %x: %v", sum, err)
	}
	m.isDurable(t)
	if _, err := m.w.WriteAt([]byte{1}, 0); err != forum.ErrBlobClosed {
		t.Fatalf("written after Finish: %v", err)
	}
	if err := m.w.Close(); err != nil {
		t.Fatal(err)
	}
	sums, err := m.s.Sums(context.Background(), m.id)
	if err != nil || sums != sumsOf(m.content) {
		t.Fatalf("the sums are %v: %v", sums, err)
	}
	m.begin(t)
}

// close keeps the beginning that was written without a gap.
func (m *model) close(t *rapid.T) {
	m.needWriter(t)
	if err := m.w.Close(); err != nil {
		t.Fatal(err)
	}
	m.resize(min(len(m.content), max(m.synced, m.prefix())))
	m.isDurable(t)
	m.begin(t)
}

// takeOver resumes the upload of a writer that is not closed. That writer must get an error.
func (m *model) takeOver(t *rapid.T) {
	m.needWriter(t)
	before := m.w
	m.begin(t)
	if _, err := before.WriteAt([]byte{1}, 0); forum.KindOf(err) != forum.Conflict {
		t.Fatalf("written after another took over: %v", err)
	}
	m.resize(min(len(m.content), max(m.synced, m.prefix())))
	m.isDurable(t)
}

func (m *model) prefix() int {
	for i, written := range m.written {
		if !written {
			return i
		}
	}
	return len(m.written)
}

// crash closes the store under the upload, and reads the durable content.
func (m *model) crash(t *rapid.T) {
	m.needWriter(t)
	if err := m.s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := m.w.WriteAt([]byte{1}, 0); forum.KindOf(err) != forum.Stopping {
		t.Fatalf("written to a store that is closed: %v", err)
	}
	m.w.Close()
	m.open(t)
	m.begin(t)
	got := make([]byte, m.w.Size())
	if _, err := m.w.ReadAt(got, 0); err != nil {
		t.Fatal(err)
	}
	m.isAfterCrash(t, got)
	m.content, m.versions = got, nil
	m.written = make([]bool, len(got))
	m.isDurable(t)
}

// isAfterCrash fails unless got is as long as was synced, has no gap, and each byte is
// one that was there since.
func (m *model) isAfterCrash(t *rapid.T, got []byte) {
	if len(got) < m.synced || len(got) > max(m.synced, m.prefix(), m.longest()) {
		t.Fatalf("%d bytes after a crash; %d were synced, %d written without a gap", len(got), m.synced, m.prefix())
	}
	for i, b := range got {
		found := false
		for _, v := range m.versions {
			found = found || i < len(v) && v[i] == b || i >= len(v) && b == 0
		}
		if !found {
			t.Fatalf("byte %d after a crash was never there", i)
		}
	}
}

// longest returns the length of the longest content that a Truncate since may have cut.
func (m *model) longest() (n int) {
	for i := 1; i < len(m.versions); i++ {
		if len(m.versions[i]) < len(m.versions[i-1]) {
			n = max(n, len(m.versions[i-1]))
		}
	}
	return n
}

func (m *model) remove(t *rapid.T) {
	m.needWriter(t)
	m.s.Remove(m.id)
	m.check(t) // it is being written
	if rapid.Bool().Draw(t, "keep") {
		return
	}
	if err := m.w.Close(); err != nil {
		t.Fatal(err)
	}
	remove(m.s, m.id)
	m.beginAnew(t)
}

// discard ends the writing. Nothing of the blob is left, however much of it was durable.
func (m *model) discard(t *rapid.T) {
	m.needWriter(t)
	m.w.Discard()
	if _, err := m.w.WriteAt([]byte{1}, 0); !errors.Is(err, forum.ErrBlobClosed) {
		t.Fatalf("written after Discard: %v", err)
	}
	for m.s.removed(m.id) {
		runtime.Gosched()
	}
	m.beginAnew(t)
}

// beginAnew begins the blob after it was removed.
func (m *model) beginAnew(t *rapid.T) {
	if _, err := m.s.Open(m.id); forum.KindOf(err) != forum.NotFound {
		t.Fatalf("opened after it was removed: %v", err)
	}
	m.content, m.written, m.synced, m.versions = nil, nil, 0, nil
	m.begin(t)
}

// check reads through the writer and beside it.
func (m *model) check(t *rapid.T) {
	r, err := m.s.Open(m.id)
	if err != nil {
		t.Fatal(err)
	}
	m.checkReader(t, m.w)
	m.checkReader(t, r)
	size, err := m.s.Size(m.id)
	if want := min(len(m.content), max(m.synced, m.prefix())); size != int64(want) || err != nil {
		t.Fatalf("who resumes would go on at %d, not %d: %v", size, want, err)
	}
}

func (m *model) checkReader(t *rapid.T, r interface {
	io.ReaderAt
	Size() int64
}) {
	if r.Size() != int64(len(m.content)) {
		t.Fatalf("the size is %d, not %d", r.Size(), len(m.content))
	}
	from := position(t, "read")
	got := make([]byte, 2*chunkSize)
	n, err := r.ReadAt(got, int64(from))
	want := m.content[min(from, len(m.content)):min(from+len(got), len(m.content))]
	if !bytes.Equal(got[:n], want) || (err == io.EOF) != (n < len(got)) {
		t.Fatalf("%d bytes at %d, want %d; they differ from byte %d on: %v", n, from, len(want), differ(got[:n], want), err)
	}
}
