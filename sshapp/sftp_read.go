package sshapp

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/pkg/sftp"
	gossh "golang.org/x/crypto/ssh"

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
	return &openFile{ReaderAt: content, files: f, close: closerOf(content)}, nil
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
		s, err := f.snapshot(n)
		if err != nil {
			return nil, err
		}
		return bytes.NewReader(s.content), nil
	case keysNode:
		text, err := f.keysText()
		return strings.NewReader(text), err
	}
	return nil, forum.Errorf(forum.Invalid, "%s is a directory", forum.Printable(path))
}

// openFile is a handle on something to read.
type openFile struct {
	io.ReaderAt
	files *files
	close func() error
	once  sync.Once
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

// maxSnapshot bounds a generated file, in bytes; it is held in memory.
const maxSnapshot = 32 << 20

// snapshot is a thread as a file, as it was when somebody first looked.
type snapshot struct {
	path    string
	thread  forum.Thread
	content []byte
}

// snapshot returns the thread as it is now, or the last one made when nothing has
// happened in the thread since.
func (f *files) snapshot(n node) (*snapshot, error) {
	r, err := f.service.Read(f.ctx, f.actor, n.place.Thread, forum.Range{})
	if err != nil {
		return nil, err
	}
	path := n.place.Thread + "/" + n.name
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.text; s != nil && s.path == path && s.thread == r.Thread {
		return s, nil
	}
	out := &boundedBuffer{}
	if err := writeThread(out, r, n.name == threadJSON); err != nil {
		return nil, err
	}
	f.text = &snapshot{path: path, thread: r.Thread, content: out.Bytes()}
	return f.text, nil
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
		return 0, forum.Errorf(forum.Limited, "The thread is too long for a file; read it with: ssh ... RDT")
	}
	return b.Buffer.Write(p)
}

// keysText writes the account's keys as an authorized_keys file (sshd(8)).
func (f *files) keysText() (string, error) {
	keys, err := f.service.Keys(f.actor)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for _, k := range keys {
		public, err := gossh.ParsePublicKey(k.Blob)
		if err != nil {
			return "", fmt.Errorf("a stored key: %w", err)
		}
		line := strings.TrimSpace(string(gossh.MarshalAuthorizedKey(public)))
		fmt.Fprintln(&text, strings.TrimSpace(line+" "+k.Comment))
	}
	return text.String(), nil
}
