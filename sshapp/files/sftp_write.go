package files

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/pkg/sftp"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
)

// Filewrite implements sftp.FileWriter.
func (f *files) Filewrite(r *sftp.Request) (io.WriterAt, error) { return f.OpenFile(r) }

// OpenFile implements sftp.OpenFileWriter. It returns a handle for writing, which can also
// read.
func (f *files) OpenFile(r *sftp.Request) (_ sftp.WriterAtReaderAt, err error) {
	defer f.contain(&err)
	if err := f.openHandle(); err != nil {
		return nil, err
	}
	w, err := f.begin(r.Filepath, r.Pflags())
	if err != nil {
		f.closeHandle()
		return nil, f.fail(err)
	}
	return &writeHandle{written: w, appends: r.Pflags().Append}, nil
}

func (f *files) openFile(path string, n node, flags sftp.FileOpenFlags) (writable, error) {
	if !flags.Creat {
		if _, err := f.service.File(f.ctx, f.actor, n.place, n.name); err != nil {
			return nil, err
		}
	}
	keep := !flags.Trunc && !flags.Excl
	begun, err := f.service.Upload(f.ctx, f.actor, n.place, n.name, rules.UploadOptions{
		Replace: !flags.Excl, Keep: keep, Resume: keep && f.resumes(path, flags),
	})
	if err != nil {
		return nil, err
	}
	return &upload{Upload: begun, files: f}, nil
}

// resumes reports whether a new handle goes on with an unfinished upload, rather than changing
// a file. Clients ask by STAT how much of it there is (OpenSSH, lftp, curl), or open only for
// writing and ask then (PuTTY).
func (f *files) resumes(path string, flags sftp.FileOpenFlags) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.resume == fileKey(path) || !flags.Read && !flags.Append
}

// upload is a file that a session uploads.
type upload struct {
	*rules.Upload
	files *files

	mu     sync.Mutex
	cut    bool
	failed error // error of the last failed write
}

// WriteAt implements io.WriterAt.
func (u *upload) WriteAt(p []byte, at int64) (int, error) {
	n, err := u.Upload.WriteAt(p, at)
	return n, u.fail(err)
}

// ReadAt implements io.ReaderAt.
func (u *upload) ReadAt(p []byte, at int64) (int, error) {
	n, err := u.Upload.ReadAt(p, at)
	if err == io.EOF {
		return n, err
	}
	return n, u.fail(err)
}

// Truncate makes the file size bytes long.
func (u *upload) Truncate(size int64) error { return u.fail(u.Upload.Truncate(size)) }

// fail is files.fail, except that it writes the same sentence only once: clients have many
// writes under way.
func (u *upload) fail(err error) error {
	if err == nil {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.failed == nil || u.failed.Error() != forum.Printable(command.Explain(err)) {
		u.failed = u.files.fail(err)
	}
	return u.failed
}

// TransferError is called by package sftp before Close if the session ends while the handle is
// open: the file is not complete.
func (u *upload) TransferError(error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.cut = true
}

// Close completes the file, or keeps the part if the file was cut off.
func (u *upload) Close() error {
	u.mu.Lock()
	cut := u.cut
	u.mu.Unlock()
	ctx := context.WithoutCancel(u.files.ctx)
	if cut {
		return u.fail(u.Leave(ctx, true))
	}
	_, err := u.Complete(ctx)
	return u.fail(err)
}

// setTimes sets the modification time, which clients send after the file.
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

// fsync makes the bytes written to a path so far durable (fsync@openssh.com).
func (f *files) fsync(path string) error {
	u, ok := f.isWriting(path)
	if !ok {
		return nil
	}
	return f.fail(u.Sync(f.ctx))
}
