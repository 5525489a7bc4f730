package scp

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"
	"testing/fstest"

	"sshforum/forum"
)

// memory is a tree in memory that logs all calls. Some names fail: see refuses.
type memory struct {
	tree fstest.MapFS
	log  []string
}

// newMemory returns a tree with the empty directory 3331.
func newMemory() *memory {
	return &memory{tree: fstest.MapFS{"3331": &fstest.MapFile{Mode: fs.ModeDir | 0o755}}}
}

// refuses are the names that fail, and where.
var refuses = map[string]error{
	"exists.txt": forum.Errorf(forum.Conflict, "exists.txt already exists in Thread 3331"),   // at Create
	"locked":     forum.Errorf(forum.Denied, "Thread locked is not yours."),                  // at Mkdir
	"quota.bin":  forum.Errorf(forum.Limited, "Your quota is used up; remove a file first."), // at Write
	"commit.bin": fmt.Errorf("disk on fire at /srv/secret"),                                  // at Commit
}

func fails(name string) error { return refuses[path.Base(name)] }

func (m *memory) note(format string, args ...any) {
	m.log = append(m.log, fmt.Sprintf(format, args...))
}

func (m *memory) IsDir(_ context.Context, p string) (bool, error) {
	if p == "private" {
		return false, forum.Errorf(forum.Denied, "private is not yours.")
	}
	p = path.Clean(p)
	at := m.tree[p]
	return p == "." || at != nil && at.Mode.IsDir(), nil
}

func (m *memory) Mkdir(_ context.Context, p string, mode fs.FileMode) error {
	m.note("mkdir %s %04o", p, mode)
	if path.Base(p) == "locked" {
		return fails(p)
	}
	if m.tree[p] == nil {
		m.tree[p] = &fstest.MapFile{Mode: fs.ModeDir | mode}
	}
	return nil
}

func (m *memory) Create(_ context.Context, p string, f File) (Upload, error) {
	since := ""
	if !f.Modified.IsZero() {
		since = " " + f.Modified.UTC().Format("2006-01-02T15:04:05.000000")
	}
	m.note("create %s %d %04o%s", p, f.Size, f.Mode, since)
	if path.Base(p) == "exists.txt" {
		return nil, fails(p)
	}
	return &memoryUpload{memory: m, path: p, file: f}, nil
}

type memoryUpload struct {
	*memory
	path string
	file File
	data []byte
}

func (u *memoryUpload) Write(b []byte) (int, error) {
	if path.Base(u.path) == "quota.bin" {
		return 0, fails(u.path)
	}
	u.data = append(u.data, b...)
	return len(b), nil
}

func (u *memoryUpload) Commit(context.Context) error {
	u.note("commit %s %s", u.path, clip(string(u.data)))
	if path.Base(u.path) == "commit.bin" {
		return fails(u.path)
	}
	u.tree[u.path] = &fstest.MapFile{Data: u.data, Mode: u.file.Mode, ModTime: u.file.Modified}
	return nil
}

func (u *memoryUpload) Abort(cause error) { u.note("abort %s: %s", u.path, forum.KindOf(cause)) }

// Open opens a file or directory of the tree. Reading rotten.bin fails after 4 bytes.
func (m *memory) Open(_ context.Context, p string) (fs.File, error) {
	f, err := m.tree.Open(path.Clean(p))
	if err != nil {
		return nil, forum.Errorf(forum.NotFound, "There is no %s.", p)
	}
	m.note("open %s", p)
	if path.Base(p) == "rotten.bin" {
		f = &rotten{f, io.LimitReader(f, 4)}
	}
	return &noted{f, m, p}, nil
}

// Names is not in the log: it opens nothing.
func (m *memory) Names(_ context.Context, dir string) (names []string) {
	entries, _ := m.tree.ReadDir(path.Clean(dir))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

type rotten struct {
	fs.File
	good io.Reader
}

func (r *rotten) Read(p []byte) (int, error) {
	n, err := r.good.Read(p)
	if err == io.EOF {
		err = forum.Errorf(forum.Unavailable, "The disk is worn out; tell the operator.")
	}
	return n, err
}

// noted is a file whose closing is in the log.
type noted struct {
	fs.File
	memory *memory
	path   string
}

func (n *noted) Close() error {
	n.memory.note("close %s", n.path)
	return n.File.Close()
}

func (n *noted) ReadDir(count int) ([]fs.DirEntry, error) {
	if path.Base(n.path) == "torn" {
		return nil, forum.Errorf(forum.Unavailable, "The disk is worn out; tell the operator.")
	}
	return n.File.(fs.ReadDirFile).ReadDir(count)
}
