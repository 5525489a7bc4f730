package files

import (
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/pkg/sftp"

	"sshforum/forum"
)

// Fileread implements sftp.FileReader.
func (f *files) Fileread(r *sftp.Request) (_ io.ReaderAt, err error) {
	defer f.contain(&err)
	if err := f.openHandle(); err != nil {
		return nil, err
	}
	o := &openFile{files: f, path: r.Filepath}
	if _, ok := f.isWriting(r.Filepath); !ok {
		if _, err := o.current(); err != nil {
			f.closeHandle()
			return nil, f.fail(err)
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	key := fileKey(r.Filepath)
	f.reading[key] = append(f.reading[key], o)
	return o, nil
}

// isReading reports whether a path is open for reading.
func (f *files) isReading(path string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.reading[fileKey(path)]) > 0
}

// wasRead forgets a closed handle.
func (f *files) wasRead(o *openFile) {
	f.closeHandle()
	f.mu.Lock()
	defer f.mu.Unlock()
	key := fileKey(o.path)
	left := slices.DeleteFunc(f.reading[key], func(other *openFile) bool { return other == o })
	if f.reading[key] = left; len(left) == 0 {
		delete(f.reading, key)
	}
}

// changed makes the handles that read path go on with its present content.
func (f *files) changed(path string) {
	f.mu.Lock()
	reading := slices.Clone(f.reading[fileKey(path)])
	f.mu.Unlock()
	for _, o := range reading {
		_ = o.drop() // the content was replaced
	}
}

// content opens the content at path.
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

// openFile is a handle for reading. It sees what its own session writes to the path at once, as
// on a disk. It does not keep a content that others replace.
type openFile struct {
	files *files
	path  string
	once  sync.Once

	mu      sync.Mutex
	content io.ReaderAt // nil until needed
}

// current returns the content, and opens it if it is not open.
func (o *openFile) current() (_ io.ReaderAt, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.content != nil {
		return o.content, nil
	}
	content, err := o.files.content(o.path)
	if err == nil {
		o.content = content
	}
	return content, err
}

// drop closes the content.
func (o *openFile) drop() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	content := o.content
	o.content = nil
	return closerOf(content)()
}

// ReadAt implements io.ReaderAt.
func (o *openFile) ReadAt(p []byte, at int64) (n int, err error) {
	defer o.files.contain(&err)
	if w, ok := o.files.isWriting(o.path); ok {
		return w.ReadAt(p, at)
	}
	content, err := o.current()
	if err == nil {
		n, err = content.ReadAt(p, at)
	}
	if err != nil && err != io.EOF {
		err = o.files.fail(err)
	}
	return n, err
}

// Close is called by package sftp when the handle or the session ends.
func (o *openFile) Close() (err error) {
	defer o.files.contain(&err)
	o.once.Do(func() {
		o.files.wasRead(o)
		err = o.files.fail(o.drop())
	})
	return err
}

func closerOf(v any) func() error {
	if c, ok := v.(io.Closer); ok {
		return c.Close
	}
	return func() error { return nil }
}
