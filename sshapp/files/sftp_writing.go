package files

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/pkg/sftp"

	"sshforum/forum"
)

// writable is the target of writes: an upload, or the keys.
type writable interface {
	sftp.WriterAtReaderAt
	sftp.TransferError
	io.Closer
	Size() (int64, error)
	Truncate(size int64) error
	Sync(ctx context.Context) error
	SetModified(t time.Time)
	Modified() time.Time
}

// written is a file that a session is writing at a path. All handles of the session on that
// path write to one file, which is complete when the last handle is closed.
type written struct {
	writable
	files   *files
	path    string
	handles int // opened and closed one after the other, never concurrently
}

// begin returns the file at path for one more handle. Errors: Conflict if flags demand a new
// file and it is being written already; Denied if path cannot be written.
func (f *files) begin(path string, flags sftp.FileOpenFlags) (w *written, err error) {
	w, ok := f.isWriting(path)
	switch {
	case !ok:
		w, err = f.beginAnew(path, flags)
	case flags.Excl:
		err = forum.Errorf(forum.Conflict, "%s is being written already", forum.Printable(path))
	case flags.Trunc:
		err = w.Truncate(0)
	}
	if err != nil {
		return nil, err
	}
	w.handles++
	return w, nil
}

func (f *files) beginAnew(path string, flags sftp.FileOpenFlags) (*written, error) {
	w := &written{files: f, path: path}
	n, err := resolve(path)
	switch {
	case err != nil:
	case n.kind == keysNode:
		w.writable, err = f.openKeys(flags)
	case n.kind == fileNode:
		w.writable, err = f.openFile(path, n, flags)
	default:
		err = cannotBeWritten(path, n)
	}
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.writing[fileKey(path)] = w
	return w, nil
}

func cannotBeWritten(path string, n node) error {
	if n.kind == folderNode && n.place.Thread != "" {
		return forum.Errorf(forum.Denied, "Files go into a thread, as in 3331/%s; mkdir makes one.", forum.Printable(n.place.Thread))
	}
	return forum.Errorf(forum.Denied, "%s cannot be written", forum.Printable(path))
}

// leave ends one handle. The last one closes the file.
func (w *written) leave() error {
	if w.handles--; w.handles > 0 {
		return nil
	}
	defer w.files.changed(w.path)
	defer w.forget()
	return w.Close()
}

// forget notes that the path no longer leads to w.
func (w *written) forget() {
	f := w.files
	f.mu.Lock()
	defer f.mu.Unlock()
	if key := fileKey(w.path); f.writing[key] == w {
		delete(f.writing, key)
	}
}

// isWriting returns the file that this session is writing at path, if there is one.
func (f *files) isWriting(path string) (*written, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	w, ok := f.writing[fileKey(path)]
	return w, ok
}

// writeHandle is one handle on a file that is being written. While a handle with append writes,
// nothing else is done to that file: the filter of its session holds other requests back.
type writeHandle struct {
	*written
	appends bool
	once    sync.Once
}

// WriteAt implements io.WriterAt. A handle with append writes to the present end of the file
// and ignores the offset: clients count it from the beginning, from the end, or not at all
// (draft-ietf-secsh-filexfer-02, section 6.3).
func (h *writeHandle) WriteAt(p []byte, at int64) (n int, err error) {
	defer h.files.contain(&err)
	if h.appends {
		if at, err = h.Size(); err != nil {
			return 0, h.files.fail(err)
		}
	}
	return h.written.WriteAt(p, at)
}

// ReadAt implements io.ReaderAt.
func (h *writeHandle) ReadAt(p []byte, at int64) (n int, err error) {
	defer h.files.contain(&err)
	return h.written.ReadAt(p, at)
}

// Close is called by package sftp when the handle or the session ends. Only its error tells a
// client that the quota or the disk was full at the end.
func (h *writeHandle) Close() (err error) {
	defer h.files.contain(&err)
	h.once.Do(func() {
		defer h.files.closeHandle()
		err = h.leave()
	})
	return err
}
