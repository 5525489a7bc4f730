package files

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/sshapp/render"
	"sshforum/sshapp/scp"
	"sshforum/sshapp/wire"
)

// scp serves the old protocol of `scp -O`; present versions of scp use SFTP.
func (h *Handler) scp(ctx context.Context, sess Session, actor rules.Actor, line string) error {
	request, _, err := scp.ParseCommand(line)
	if err != nil {
		_ = scp.Refuse(sess, err)
		return err
	}
	in, stop := wire.InputUntil(ctx, sess)
	defer stop()
	conversation := struct {
		io.Reader
		io.Writer
	}{in, wire.OutputUntilSignal(ctx, sess)}
	tree := h.copyTree(sess, actor)
	if request.Sink {
		return scp.Receive(ctx, conversation, request, tree)
	}
	err = scp.Send(ctx, conversation, request, tree)
	if ctx.Err() != nil {
		_ = writeError(sess, err) // the protocol has no error message within a file
	}
	return err
}

func (h *Handler) copyTree(sess Session, actor rules.Actor) *copyTree {
	return &copyTree{service: h.cfg.Service, stopping: h.cfg.Stopping, threads: h.threads, openTexts: sess.Limits().texts, actor: actor}
}

// copyTree is the file tree for package scp, to send from and to receive into.
type copyTree struct {
	service   *rules.Service
	stopping  context.Context // nothing is begun after it has ended
	threads   *threadFiles
	openTexts chan struct{} // of the connection: an element for each open file of a thread
	actor     rules.Actor
}

// resolve returns the node of path. Errors: Stopping if the server stops; those of the function
// resolve.
func (c *copyTree) resolve(path string) (node, error) {
	if c.stopping.Err() != nil {
		return node{}, context.Cause(c.stopping)
	}
	return resolve(path)
}

// IsDir implements scp.Target.
func (c *copyTree) IsDir(ctx context.Context, path string) (bool, error) {
	n, err := resolve(path)
	if forum.KindOf(err) == forum.NotFound && err != nil {
		return false, nil
	}
	if n.kind != folderNode {
		return n.kind == rootNode || n.kind == sshNode, err
	}
	if n.place.Thread == "" {
		return true, nil
	}
	_, err = c.service.Thread(ctx, c.actor, n.place.Thread)
	if forum.KindOf(err) == forum.NotFound && err != nil {
		return false, nil
	}
	return err == nil, err
}

// Mkdir implements scp.Target. A directory is a thread.
func (c *copyTree) Mkdir(ctx context.Context, path string, _ fs.FileMode) error {
	n, err := c.resolve(path)
	if err != nil {
		return err
	}
	if n.kind != folderNode || n.place.Thread == "" {
		return forum.Errorf(forum.Denied, "A thread has files, but no directories.")
	}
	_, err = c.service.CreateThread(ctx, c.actor, n.place.Thread)
	if forum.KindOf(err) == forum.Conflict {
		return nil
	}
	return err
}

// Create implements scp.Target.
func (c *copyTree) Create(ctx context.Context, path string, f scp.File) (scp.Upload, error) {
	n, err := c.resolve(path)
	if err != nil {
		return nil, err
	}
	if n.kind != fileNode {
		return nil, forum.Errorf(forum.Denied, "%s is not in a thread; copy to HOST:THREAD/", forum.Printable(path))
	}
	u, err := c.service.Upload(ctx, c.actor, n.place, n.name, rules.UploadOptions{Declared: f.Size, Replace: true})
	if err != nil {
		return nil, err
	}
	u.SetModified(f.Modified)
	return &copyUpload{Upload: u}, nil
}

// copyUpload is an upload whose bytes come in order.
type copyUpload struct {
	*rules.Upload
	at int64
}

func (u *copyUpload) Write(p []byte) (int, error) {
	n, err := u.WriteAt(p, u.at)
	u.at += int64(n)
	return n, err
}

func (u *copyUpload) Commit(ctx context.Context) error {
	_, err := u.Complete(ctx)
	return err
}

func (u *copyUpload) Abort(error) { _ = u.Leave(context.Background(), true) }

// Names implements scp.Source.
func (c *copyTree) Names(ctx context.Context, dir string) (names []string) {
	n, err := resolve(dir)
	if err != nil {
		return nil
	}
	switch n.kind {
	case rootNode:
		threads, _ := c.service.Threads(ctx, c.actor)
		for _, t := range threads {
			names = append(names, t.Title)
		}
	case folderNode:
		files, _ := filesIn(ctx, c.service, c.actor, n.place)
		for _, f := range files {
			names = append(names, f.Name)
		}
	}
	return names
}

// Open implements scp.Source.
func (c *copyTree) Open(ctx context.Context, name string) (fs.File, error) {
	n, err := c.resolve(name)
	if err != nil {
		return nil, err
	}
	switch n.kind {
	case fileNode:
		info, content, err := c.service.OpenFile(ctx, c.actor, n.place, n.name)
		if err != nil {
			return nil, err
		}
		e := entry{name: info.Name, size: content.Size(), mode: 0o644, modified: info.Modified}
		return &copyFile{Reader: io.NewSectionReader(content, 0, content.Size()), info: e, close: content.Close}, nil
	case textNode:
		return c.openText(ctx, n)
	case folderNode:
		return c.openFolder(ctx, n)
	}
	return nil, forum.Errorf(forum.Denied, "%s cannot be copied; copy the threads you want.", forum.Printable(name))
}

func (c *copyTree) openText(ctx context.Context, n node) (fs.File, error) {
	done, err := c.threads.take(ctx, c.openTexts)
	if err != nil {
		return nil, err
	}
	t, err := newThreadFile(ctx, c.service, c.actor, n)
	size := int64(0)
	if err == nil {
		size, err = t.Size()
	}
	if err != nil {
		done()
		return nil, err
	}
	e, content := entry{name: n.name, size: size, mode: 0o644, modified: t.modified()}, t.open(done)
	return &copyFile{Reader: io.NewSectionReader(content, 0, size), info: e, close: content.Close}, nil
}

func (c *copyTree) openFolder(ctx context.Context, n node) (fs.File, error) {
	found, err := filesIn(ctx, c.service, c.actor, n.place)
	if err != nil {
		return nil, err
	}
	entries := make([]fs.DirEntry, len(found))
	for i, f := range found {
		entries[i] = fs.FileInfoToDirEntry(entry{name: f.Name, size: f.Size, mode: 0o644, modified: f.Modified})
	}
	name := n.place.Thread
	if n.place.Own {
		name = strings.TrimPrefix(render.InboxDir, ".")
	}
	return &copyFolder{info: directory(name, c.service.Clock(), 0o755), entries: entries}, nil
}

// copyFile is a file to send.
type copyFile struct {
	io.Reader
	info  entry
	close func() error
}

func (f *copyFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *copyFile) Close() error               { return f.close() }

// copyFolder is a directory to send.
type copyFolder struct {
	info    entry
	entries []fs.DirEntry
}

func (f *copyFolder) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *copyFolder) Close() error               { return nil }
func (f *copyFolder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: f.info.name, Err: errors.ErrUnsupported}
}

func (f *copyFolder) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 {
		n = len(f.entries)
	} else if len(f.entries) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(f.entries))
	batch := f.entries[:n]
	f.entries = f.entries[n:]
	return batch, nil
}
