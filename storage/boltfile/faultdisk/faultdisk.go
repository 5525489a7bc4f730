//go:build linux

// Package faultdisk lets the disk under an open file fail, for tests: the file's
// descriptor is made to lead elsewhere, so that real writes and syncs fail. It knows
// when a commit happens and nothing of what is in it.
package faultdisk

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"sshforum/storage/boltfile"
)

// Fault is what a disk does from a moment on.
type Fault struct {
	path  string
	flags int
}

// Writes lets every write fail. path is any file.
func Writes(path string) Fault { return Fault{path, os.O_RDONLY} }

// Sync lets every sync fail, and loses what was written before.
func Sync() Fault { return Fault{os.DevNull, os.O_RDWR} }

// Full lets every write find no space. A file that must grow asks for its size first,
// which fails otherwise.
func Full() Fault { return Fault{"/dev/full", os.O_RDWR} }

// Disk is a disk with one file, whose OpenFile and Commit are the hooks of boltfile.
type Disk struct {
	t       testing.TB
	at      int // number of the commit that is to fail, counted from 1
	fault   Fault
	commits int
	fd      int // the file's descriptor
	saved   int // it, as it was before the fault
}

// New returns a disk with the fault that begins at a commit, the first being 1.
func New(t testing.TB, at int, fault Fault) *Disk {
	return &Disk{t: t, at: at, fault: fault}
}

// OpenFile is os.OpenFile.
func (d *Disk) OpenFile(name string, flag int, perm os.FileMode) (*os.File, error) {
	file, err := os.OpenFile(name, flag, perm)
	if err == nil {
		d.fd = int(file.Fd())
	}
	return file, err
}

// Commit commits to the disk as it is then.
func (d *Disk) Commit(tx *boltfile.Tx) error {
	if d.commits++; d.commits == d.at {
		d.fail()
	}
	return tx.Commit()
}

func (d *Disk) fail() {
	saved, err := unix.Dup(d.fd)
	if err != nil {
		d.t.Error(err)
		return
	}
	d.saved = saved
	other, err := os.OpenFile(d.fault.path, d.fault.flags, 0)
	if err != nil {
		d.t.Error(err)
		return
	}
	defer func() { _ = other.Close() }()
	d.lead(int(other.Fd()))
}

// Repair ends the fault.
func (d *Disk) Repair() {
	d.lead(d.saved)
	if err := unix.Close(d.saved); err != nil {
		d.t.Error(err)
	}
}

// lead makes the file's descriptor lead to what another does.
func (d *Disk) lead(to int) {
	if err := unix.Dup3(to, d.fd, unix.O_CLOEXEC); err != nil {
		d.t.Error(err)
	}
}
