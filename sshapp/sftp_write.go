package sshapp

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/pkg/sftp"

	"sshforum/forum"
)

// Filewrite implements sftp.FileWriter.
func (f *files) Filewrite(r *sftp.Request) (io.WriterAt, error) { return f.OpenFile(r) }

// OpenFile implements sftp.OpenFileWriter: a handle to write, and perhaps to read back.
func (f *files) OpenFile(r *sftp.Request) (_ sftp.WriterAtReaderAt, err error) {
	defer f.contain(&err)
	if err := f.open(); err != nil {
		return nil, err
	}
	u, err := f.begin(r.Filepath, r.Pflags())
	if err != nil {
		f.closed()
		return nil, f.fail(err)
	}
	return u, nil
}

// writable is a handle on what is being written.
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

func (f *files) begin(path string, flags sftp.FileOpenFlags) (w writable, err error) {
	n, err := resolve(path)
	switch {
	case err != nil:
		return nil, err
	case n.kind == keysNode:
		w, err = f.openKeys(path, flags)
	case n.kind == fileNode:
		w, err = f.openFile(path, n, flags)
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

// written forgets a handle that is closed.
func (f *files) written(path string, w writable) {
	f.closed()
	f.forget(path, w)
	f.changed(path)
}

func (f *files) forget(path string, w writable) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if key := fileKey(path); f.writing[key] == w {
		delete(f.writing, key)
	}
}

// isWriting returns the handle that a path is being written by, if one is.
func (f *files) isWriting(path string) (writable, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	w, ok := f.writing[fileKey(path)]
	return w, ok
}

func (f *files) openFile(path string, n node, flags sftp.FileOpenFlags) (writable, error) {
	if !flags.Creat {
		if _, err := f.service.File(f.ctx, f.actor, n.place, n.name); err != nil {
			return nil, err
		}
	}
	keep := !flags.Trunc && !flags.Excl
	begun, err := f.service.Upload(f.ctx, f.actor, n.place, n.name, forum.UploadOptions{
		Replace: !flags.Excl, Keep: keep, Resume: keep && f.resumes(path, flags),
	})
	if err != nil {
		return nil, err
	}
	return &upload{Upload: begun, files: f, path: path, appends: flags.Append}, nil
}

// resumes reports whether a handle is to go on with an unfinished upload rather than to
// change a file: clients ask by STAT how much there is of it (OpenSSH, lftp, curl), or
// open to write alone and ask then (PuTTY).
func (f *files) resumes(path string, flags sftp.FileOpenFlags) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.resume == fileKey(path) || !flags.Read && !flags.Append
}

// upload is a handle on a file on its way in. Its filter has no more than one write to it
// under way.
type upload struct {
	*forum.Upload
	files   *files
	path    string
	appends bool

	mu     sync.Mutex
	cut    bool
	failed error // what the last write was told
	once   sync.Once
}

// WriteAt implements io.WriterAt. A handle that appends writes to the end there is, whatever
// the offset: clients count from the beginning, from the end, or not at all
// (draft-ietf-secsh-filexfer-02, section 6.3).
func (u *upload) WriteAt(p []byte, at int64) (n int, err error) {
	defer u.files.contain(&err)
	if u.appends {
		at, err = u.Size()
	}
	if err == nil {
		n, err = u.Upload.WriteAt(p, at)
	}
	return n, u.fail(err)
}

// ReadAt implements io.ReaderAt.
func (u *upload) ReadAt(p []byte, at int64) (n int, err error) {
	defer u.files.contain(&err)
	n, err = u.Upload.ReadAt(p, at)
	if err == io.EOF {
		return n, err
	}
	return n, u.fail(err)
}

// Truncate makes the file size bytes long.
func (u *upload) Truncate(size int64) error { return u.fail(u.Upload.Truncate(size)) }

// fail is files.fail, but says the same thing once: clients have many writes under way.
func (u *upload) fail(err error) error {
	if err == nil {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.failed == nil || u.failed.Error() != forum.Printable(forum.Explain(err)) {
		u.failed = u.files.fail(err)
	}
	return u.failed
}

// TransferError is called by package sftp before Close when the session ends with the
// handle open: the file is not complete.
func (u *upload) TransferError(error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.cut = true
}

// Close completes the file, or leaves what there is of one that was cut off. Its error
// is all a client learns of a quota or a disk that was full at the end.
func (u *upload) Close() (err error) {
	defer u.files.contain(&err)
	u.once.Do(func() {
		defer u.files.written(u.path, u)
		u.mu.Lock()
		cut := u.cut
		u.mu.Unlock()
		ctx := context.WithoutCancel(u.files.ctx)
		if cut {
			err = u.Leave(ctx, true)
		} else {
			_, err = u.Complete(ctx)
		}
		err = u.fail(err)
	})
	return err
}

// setTimes keeps the modification time that a client gives a file after it sent it.
func (f *files) setTimes(path string, n node, modified time.Time) error {
	if u, ok := f.isWriting(path); ok {
		u.SetModified(modified)
		return nil
	}
	if n.kind != fileNode {
		return nil
	}
	return f.service.SetModified(f.ctx, f.actor, n.place, n.name, modified)
}

// fsync makes durable what was written to a path so far (fsync@openssh.com).
func (f *files) fsync(path string) error {
	u, ok := f.isWriting(path)
	if !ok {
		return nil
	}
	return f.fail(u.Sync(f.ctx))
}
