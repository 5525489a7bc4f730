package sshapp

import (
	"context"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/pkg/sftp"

	"sshforum/forum"
)

// Filewrite implements sftp.FileWriter.
func (f *files) Filewrite(r *sftp.Request) (io.WriterAt, error) { return f.OpenFile(r) }

// OpenFile implements sftp.OpenFileWriter: a handle to write, and perhaps to read back.
func (f *files) OpenFile(r *sftp.Request) (sftp.WriterAtReaderAt, error) {
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

// writable is what an open file of ours can do.
type writable interface {
	sftp.WriterAtReaderAt
	sftp.TransferError
	io.Closer
}

func (f *files) begin(path string, flags sftp.FileOpenFlags) (writable, error) {
	n, err := resolve(path)
	switch {
	case err != nil:
		return nil, err
	case n.kind == keysNode:
		return f.openKeys(flags)
	case n.kind != fileNode:
		return nil, forum.Errorf(forum.Denied, "%s cannot be written", forum.Printable(path))
	}
	if !flags.Creat {
		if _, err := f.service.File(f.ctx, f.actor, n.place, n.name); err != nil {
			return nil, err
		}
	}
	begun, err := f.service.Upload(f.ctx, f.actor, n.place, n.name, forum.UploadOptions{Replace: !flags.Excl, Keep: !flags.Trunc})
	if err != nil {
		return nil, err
	}
	u := &upload{Upload: begun, files: f, path: path}
	if flags.Append {
		if u.base, err = begun.Size(); err != nil {
			return nil, err
		}
	}
	f.mu.Lock()
	f.uploads[path] = u
	f.mu.Unlock()
	return u, nil
}

// upload is a handle on a file on its way in.
type upload struct {
	*forum.Upload
	files *files
	path  string
	base  int64 // where an appending handle began

	mu   sync.Mutex
	cut  bool
	once sync.Once
}

// WriteAt writes at an offset; an appending handle never before the old end, whether its
// client counts from there or from 0 (draft-ietf-secsh-filexfer-02, section 6.3).
func (u *upload) WriteAt(p []byte, at int64) (int, error) {
	if at < u.base {
		at += u.base
	}
	n, err := u.Upload.WriteAt(p, at)
	return n, u.files.fail(err)
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
	u.once.Do(func() {
		u.files.closed()
		u.files.mu.Lock()
		if u.files.uploads[u.path] == u {
			delete(u.files.uploads, u.path)
		}
		u.files.mu.Unlock()
		ctx := context.WithoutCancel(u.files.ctx)
		u.mu.Lock()
		cut := u.cut
		u.mu.Unlock()
		if cut {
			err = u.Leave(ctx, true)
		} else {
			_, err = u.Complete(ctx)
		}
		err = u.files.fail(err)
	})
	return err
}

// openUpload returns the handle that is open on a path, if one is.
func (f *files) openUpload(path string) (*upload, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	u, ok := f.uploads[path]
	return u, ok
}

// maxKeysText bounds an authorized_keys file, in bytes.
const maxKeysText = 256 << 10

// keysUpload is a handle on authorized_keys: it is read when it is closed.
type keysUpload struct {
	files *files

	mu   sync.Mutex
	text []byte
	cut  bool
	once sync.Once
}

func (f *files) openKeys(flags sftp.FileOpenFlags) (writable, error) {
	k := &keysUpload{files: f}
	if flags.Trunc {
		return k, nil
	}
	text, err := f.keysText()
	k.text = []byte(text)
	return k, err
}

func (k *keysUpload) WriteAt(p []byte, at int64) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if at < 0 || at > maxKeysText-int64(len(p)) {
		return 0, k.files.fail(forum.Errorf(forum.Limited, "authorized_keys has at most %d bytes.", maxKeysText))
	}
	if grow := int(at) + len(p) - len(k.text); grow > 0 {
		k.text = append(k.text, make([]byte, grow)...)
	}
	return copy(k.text[at:], p), nil
}

func (k *keysUpload) ReadAt(p []byte, at int64) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return strings.NewReader(string(k.text)).ReadAt(p, at)
}

func (k *keysUpload) TransferError(error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.cut = true
}

// Close makes the lines the account's keys, all of them or none.
func (k *keysUpload) Close() (err error) {
	k.once.Do(func() {
		k.files.closed()
		k.mu.Lock()
		defer k.mu.Unlock()
		if k.cut {
			return
		}
		keys, parseErr := parseKeys(string(k.text))
		if err = parseErr; err == nil {
			err = k.files.service.SetKeys(context.WithoutCancel(k.files.ctx), k.files.actor, keys)
		}
		err = k.files.fail(err)
	})
	return err
}

// parseKeys reads an authorized_keys file: a key on each line, blank lines and comments
// passed over. Options before a key are not taken. Errors: Invalid, with the line.
func parseKeys(text string) ([]forum.Key, error) {
	var keys []forum.Key
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		k, err := forum.ParseKey(line)
		if err != nil {
			return nil, forum.Errorf(forum.Invalid, "authorized_keys line %d: %s Nothing was changed.", number, forum.Explain(err))
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// setTimes keeps the modification time that a client gives a file after it sent it.
func (f *files) setTimes(path string, n node, modified time.Time) error {
	if u, ok := f.openUpload(path); ok {
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
	u, ok := f.openUpload(path)
	if !ok {
		return nil
	}
	return f.fail(u.Sync(f.ctx))
}
