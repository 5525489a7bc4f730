package sshapp

import (
	"io"
	"strings"
	"sync"

	"github.com/pkg/sftp"

	"sshforum/forum"
)

// Fileread implements sftp.FileReader.
func (f *files) Fileread(r *sftp.Request) (_ io.ReaderAt, err error) {
	defer f.contain(&err)
	if err := f.open(); err != nil {
		return nil, err
	}
	content, err := f.content(r.Filepath)
	if err != nil {
		f.closed()
		return nil, f.fail(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reading[fileKey(r.Filepath)]++
	return &openFile{content: content, files: f, path: r.Filepath, close: closerOf(content)}, nil
}

// isReading reports whether a path is open to be read.
func (f *files) isReading(path string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reading[fileKey(path)] > 0
}

// wasRead forgets a handle that is closed.
func (f *files) wasRead(path string) {
	f.closed()
	f.mu.Lock()
	defer f.mu.Unlock()
	key := fileKey(path)
	if f.reading[key]--; f.reading[key] == 0 {
		delete(f.reading, key)
	}
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
	path    string
	close   func() error
	once    sync.Once
}

// ReadAt implements io.ReaderAt.
func (o *openFile) ReadAt(p []byte, at int64) (n int, err error) {
	defer o.files.contain(&err)
	n, err = o.content.ReadAt(p, at)
	if err != nil && err != io.EOF {
		err = o.files.fail(err)
	}
	return n, err
}

// Close is called by package sftp when the handle or the session ends.
func (o *openFile) Close() (err error) {
	defer o.files.contain(&err)
	o.once.Do(func() {
		o.files.wasRead(o.path)
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
