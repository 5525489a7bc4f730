package sshapp

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/pkg/sftp"

	"sshforum/forum"
	"sshforum/forum/command"
)

// Fileread implements sftp.FileReader.
func (f *files) Fileread(r *sftp.Request) (io.ReaderAt, error) {
	if err := f.open(); err != nil {
		return nil, err
	}
	content, err := f.content(r.Filepath)
	if err != nil {
		f.closed()
		return nil, f.fail(err)
	}
	return &openFile{content: content, files: f, close: closerOf(content)}, nil
}

// content opens what a path leads to.
func (f *files) content(path string) (io.ReaderAt, error) {
	n, err := resolve(path)
	if err != nil {
		return nil, err
	}
	switch n.kind {
	case fileNode:
		_, content, err := f.service.OpenFile(f.ctx, f.actor, n.place, n.name)
		return content, err
	case textNode:
		return f.openSnapshot(n)
	case keysNode:
		text, err := f.keysText()
		return strings.NewReader(text), err
	}
	return nil, forum.Errorf(forum.Invalid, "%s is a directory", forum.Printable(path))
}

// openFile is a handle on something to read.
type openFile struct {
	content io.ReaderAt
	files   *files
	close   func() error
	once    sync.Once
}

// ReadAt implements io.ReaderAt.
func (o *openFile) ReadAt(p []byte, at int64) (int, error) {
	n, err := o.content.ReadAt(p, at)
	if err != nil && err != io.EOF {
		err = o.files.fail(err)
	}
	return n, err
}

// Close is called by package sftp when the handle or the session ends.
func (o *openFile) Close() (err error) {
	o.once.Do(func() {
		o.files.closed()
		err = o.files.fail(o.close())
	})
	return err
}

func closerOf(v any) func() error {
	if c, ok := v.(io.Closer); ok {
		return c.Close
	}
	return func() error { return nil }
}

// maxSnapshot bounds the generated files of a session, in bytes; they are in memory.
const maxSnapshot = 32 << 20

// snapshotKept is how long a client has from asking for a size to reading that much.
const snapshotKept = 10 * time.Second

// snapshot is a thread as a file, as it was at one time.
type snapshot struct {
	content  []byte
	modified time.Time
	made     time.Time
	readers  int
}

// snapshot returns the thread as it is now. Clients ask for the size, open the file, ask
// again and read; so there is no new snapshot while one is open, and what is opened is
// what was asked for just before.
func (f *files) snapshot(n node, open bool) (*snapshot, error) {
	path := n.place.Thread + "/" + n.name
	if s, ok := f.oldSnapshot(path, open); ok {
		return s, nil
	}
	content, modified, err := threadFile(f.ctx, f.service, f.actor, n)
	if err != nil {
		return nil, err
	}
	s := &snapshot{content: content, modified: modified, made: f.service.Clock()}
	if open {
		s.readers = 1
	}
	return s, f.keepSnapshot(path, s)
}

// threadFile makes the file that a text node stands for. Errors: NotFound; Limited when it
// is too long to be held.
func threadFile(ctx context.Context, service *forum.Service, actor forum.Actor, n node) (content []byte, modified time.Time, err error) {
	r, err := service.Read(ctx, actor, n.place.Thread, forum.Range{})
	if err != nil {
		return nil, modified, err
	}
	out := &boundedBuffer{}
	err = writeThread(out, r, n.name == threadJSON)
	return out.Bytes(), r.Thread.Active, err
}

func (f *files) oldSnapshot(path string, open bool) (*snapshot, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, ok := f.texts[path]
	if !ok || s.readers == 0 && (!open || f.service.Clock().Sub(s.made) > snapshotKept) {
		return nil, false
	}
	if open {
		s.readers++
	}
	return s, true
}

// keepSnapshot keeps s beside those that are open. Errors: Limited.
func (f *files) keepSnapshot(path string, s *snapshot) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	total := len(s.content)
	for p, old := range f.texts {
		if old.readers == 0 {
			delete(f.texts, p)
		} else if total += len(old.content); total > maxSnapshot {
			return errLongThread
		}
	}
	f.texts[path] = s
	return nil
}

// openSnapshot returns a snapshot to read and then to close.
func (f *files) openSnapshot(n node) (io.ReaderAt, error) {
	s, err := f.snapshot(n, true)
	if err != nil {
		return nil, err
	}
	return &openText{Reader: bytes.NewReader(s.content), close: func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		s.readers--
	}}, nil
}

type openText struct {
	*bytes.Reader
	close func()
}

func (o *openText) Close() error {
	o.close()
	return nil
}

// writeThread writes a thread as the original programs kept theirs, the creator on the
// first line, or as JSON.
func writeThread(w io.Writer, r forum.Reading, asJSON bool) error {
	result := command.ThreadText{Reading: r}
	if asJSON {
		return (&jsonRenderer{out: w}).result(result)
	}
	t := &textRenderer{out: w}
	if err := t.printf("%s\n", forum.Printable(r.Creator)); err != nil {
		return err
	}
	for e, err := range r.Entries {
		if err != nil {
			return err
		}
		if err := t.entry(r.Thread, e); err != nil {
			return err
		}
	}
	return nil
}

// boundedBuffer refuses what is too long to be held.
type boundedBuffer struct{ bytes.Buffer }

func (b *boundedBuffer) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxSnapshot {
		return 0, errLongThread
	}
	return b.Buffer.Write(p)
}

var errLongThread = forum.Errorf(forum.Limited, "The thread is too long for a file; read it with: ssh ... RDT")
