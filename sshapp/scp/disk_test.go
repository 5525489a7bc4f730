package scp

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"
	"time"

	"sshforum/forum"
)

// disk is a tree in a temporary directory.
type disk struct {
	root    *os.Root
	create  func(path string) // is called before each Create
	aborted chan string
}

func newDisk(t *testing.T, dir string) *disk {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return &disk{root: root, create: func(string) {}, aborted: make(chan string, 10)}
}

func (d *disk) IsDir(_ context.Context, p string) (bool, error) {
	info, err := d.root.Stat(path.Clean(p))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && info.IsDir(), err
}

func (d *disk) Mkdir(_ context.Context, p string, mode fs.FileMode) error {
	err := d.root.Mkdir(path.Clean(p), mode|0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

func (d *disk) Create(_ context.Context, p string, f File) (Upload, error) {
	d.create(p)
	if path.Base(p) == "exists.txt" {
		return nil, fails(p)
	}
	part := p + ".part"
	file, err := d.root.Create(part)
	return &diskUpload{File: file, disk: d, part: part, path: p, said: f}, err
}

func (d *disk) Open(_ context.Context, p string) (fs.File, error) {
	f, err := d.root.Open(path.Clean(strings.TrimPrefix(p, "/")))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, forum.Errorf(forum.NotFound, "There is no %s.", p)
	}
	return f, err
}

func (d *disk) Names(_ context.Context, dir string) (names []string) {
	entries, _ := fs.ReadDir(d.root.FS(), path.Clean(dir))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

type diskUpload struct {
	*os.File
	disk       *disk
	part, path string
	said       File
}

func (u *diskUpload) Write(p []byte) (int, error) {
	if path.Base(u.path) == "quota.bin" {
		return 0, fails(u.path)
	}
	return u.File.Write(p)
}

func (u *diskUpload) Commit(context.Context) error {
	modified := u.said.Modified
	if modified.IsZero() {
		modified = time.Now()
	}
	return errors.Join(u.File.Close(), u.disk.root.Chmod(u.part, u.said.Mode),
		u.disk.root.Chtimes(u.part, modified, modified), u.disk.root.Rename(u.part, u.path))
}

func (u *diskUpload) Abort(error) {
	u.File.Close()
	_ = u.disk.root.Remove(u.part)
	u.disk.aborted <- u.path
}
