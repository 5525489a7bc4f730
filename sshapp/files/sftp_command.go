package files

import (
	"errors"
	"time"

	"github.com/pkg/sftp"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
)

// Filecmd implements sftp.FileCmder.
func (f *files) Filecmd(r *sftp.Request) (err error) {
	defer f.contain(&err)
	do, ok := fileCommands[r.Method]
	if !ok {
		return errUnsupported
	}
	n, err := resolve(r.Filepath)
	if err != nil {
		return f.fail(err)
	}
	return f.fail(do(f, r, n))
}

var fileCommands = map[string]func(*files, *sftp.Request, node) error{
	"Setstat": (*files).setstat,
	"Rename":  func(f *files, r *sftp.Request, n node) error { return f.rename(r, n, false) },
	"Remove":  (*files).remove,
	"Mkdir":   (*files).mkdir,
	"Rmdir":   (*files).rmdir,
}

// PosixRename implements sftp.PosixRenameFileCmder: it replaces the person's own file at the
// target.
func (f *files) PosixRename(r *sftp.Request) (err error) {
	defer f.contain(&err)
	n, err := resolve(r.Filepath)
	if err == nil {
		err = f.rename(r, n, true)
	}
	return f.fail(err)
}

// setstat sets the modification time and the size. It ignores permissions and owners, which the
// forum decides: asking for others on one's own file must not fail an upload.
func (f *files) setstat(r *sftp.Request, n node) error {
	flags, attributes := r.AttrFlags(), r.Attributes()
	if attributes == nil { // package sftp returns nil for attributes that are cut off
		return forum.Errorf(forum.Invalid, "The attributes of %s cannot be read.", forum.Printable(r.Filepath))
	}
	if _, err := f.stat(r.Filepath, n, f.whole); err != nil {
		return err
	}
	if err := f.mayChange(r.Filepath, n); err != nil {
		return err
	}
	if flags.Size {
		if err := f.truncate(r.Filepath, n, int64(attributes.Size)); err != nil {
			return err
		}
	}
	if flags.Acmodtime {
		return f.setTimes(r.Filepath, n, time.Unix(int64(attributes.Mtime), 0))
	}
	return nil
}

// mayChange returns an error unless the person may change the attributes of n. Attributes of
// directories and of the keys, which clients set as they copy, are ignored. Errors: Denied if
// the file is made by the forum or belongs to somebody else.
func (f *files) mayChange(path string, n node) error {
	_, own := f.isWriting(path)
	switch {
	case n.kind == textNode:
		return forum.Errorf(forum.Denied, "%s is made by the forum and cannot be changed", forum.Printable(path))
	case n.kind == fileNode && !own:
		return f.service.MayChange(f.ctx, f.actor, n.place, n.name)
	}
	return nil
}

func (f *files) truncate(path string, n node, size int64) error {
	if w, ok := f.isWriting(path); ok {
		return w.Truncate(size)
	}
	if n.kind != fileNode {
		return cannotBeWritten(path, n)
	}
	info, err := f.service.File(f.ctx, f.actor, n.place, n.name)
	if err != nil {
		return err
	}
	u, err := f.service.Upload(f.ctx, f.actor, n.place, n.name, rules.UploadOptions{Replace: true, Keep: true})
	if err != nil {
		return err
	}
	defer f.changed(path)
	if err := u.Truncate(size); err != nil {
		return errors.Join(err, u.Leave(f.ctx, false))
	}
	if info.Part {
		return u.Leave(f.ctx, true)
	}
	_, err = u.Complete(f.ctx)
	return err
}

func (f *files) rename(r *sftp.Request, from node, replace bool) error {
	to, err := resolve(r.Target)
	switch {
	case err != nil:
		return err
	case from.kind != fileNode || to.kind != fileNode || from.place != to.place:
		return forum.Errorf(forum.Denied, "A file can be renamed only within its thread.")
	}
	return f.service.RenameFile(f.ctx, f.actor, from.place, from.name, to.name, replace)
}

func (f *files) remove(r *sftp.Request, n node) error {
	if n.kind != fileNode {
		return forum.Errorf(forum.Denied, "%s cannot be removed", forum.Printable(r.Filepath))
	}
	err := f.service.RemoveFile(f.ctx, f.actor, n.place, n.name)
	if w, ok := f.isWriting(r.Filepath); ok && err == nil {
		w.forget()
	}
	return err
}

// mkdir creates a thread. If the thread exists, only the program gets the error, not the
// person: copying a directory, and ssh-copy-id, begin with this request.
func (f *files) mkdir(r *sftp.Request, n node) error {
	if n.kind != folderNode || n.place.Thread == "" {
		if _, err := f.stat(r.Filepath, n, f.whole); err == nil {
			return errExists(r.Filepath + " exists")
		}
		return forum.Errorf(forum.Denied, "A thread has files, but no directories.")
	}
	_, err := f.service.CreateThread(f.ctx, f.actor, n.place.Thread)
	if forum.KindOf(err) == forum.Conflict {
		return errExists(command.Explain(err))
	}
	return err
}

func errExists(text string) error {
	return &sftpError{text: forum.Printable(text), status: sftp.ErrSSHFxFailure}
}

// rmdir removes an empty thread.
func (f *files) rmdir(r *sftp.Request, n node) error {
	if n.kind != folderNode || n.place.Thread == "" {
		return forum.Errorf(forum.Denied, "%s cannot be removed", forum.Printable(r.Filepath))
	}
	_, err := f.service.RemoveEmptyThread(f.ctx, f.actor, n.place.Thread)
	return err
}

// statBlock is the unit of StatVFS, in bytes.
const statBlock = 4096

// StatVFS implements sftp.StatVFSFileCmder: the person's quota, not the disk.
func (f *files) StatVFS(*sftp.Request) (_ *sftp.StatVFS, err error) {
	defer f.contain(&err)
	used, total, err := f.service.Quota(f.actor)
	if err != nil {
		return nil, f.fail(err)
	}
	free := uint64(max(total-used, 0) / statBlock)
	return &sftp.StatVFS{
		Bsize: statBlock, Frsize: statBlock, Blocks: uint64(total / statBlock), Bfree: free, Bavail: free, Namemax: 255,
	}, nil
}
