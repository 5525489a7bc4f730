//go:build linux

// Package faultdisk makes the disk under an open file fail, for tests. It redirects the file's
// descriptor, so that real writes and syncs fail. It knows when a commit happens, and nothing
// of its content.
package faultdisk

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"sshforum/storage/boltfile"
)

// Fault is the behaviour of a failing disk.
type Fault struct {
	path  string
	flags int
}

// Writes makes every write fail. path is any file.
func Writes(path string) Fault { return Fault{path, os.O_RDONLY} }

// Sync makes every sync fail, and loses the writes before it.
func Sync() Fault { return Fault{os.DevNull, os.O_RDWR} }

// Full makes every write fail for lack of space. A file that must grow sets its size first,
// which fails with another error.
func Full() Fault { return Fault{"/dev/full", os.O_RDWR} }

// Disk is a disk with one file. Its OpenFile and Commit are hooks for boltfile.
type Disk struct {
	t       testing.TB
	at      int // number of the commit that fails, counted from 1
	fault   Fault
	commits int
	fd      int // the file's descriptor
	saved   int // a duplicate of fd from before the fault
}

// New returns a disk whose fault begins at a commit, counted from 1.
func New(t testing.TB, at int, fault Fault) *Disk {
	return &Disk{t: t, at: at, fault: fault}
}

// OpenFile is os.OpenFile, and stores the descriptor.
func (d *Disk) OpenFile(name string, flag int, perm os.FileMode) (*os.File, error) {
	file, err := os.OpenFile(name, flag, perm)
	if err == nil {
		d.fd = int(file.Fd())
	}
	return file, err
}

// Commit commits tx. If this is the commit that fails, the fault begins first.
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

// lead redirects the file's descriptor to the file of another.
func (d *Disk) lead(to int) {
	if err := unix.Dup3(to, d.fd, unix.O_CLOEXEC); err != nil {
		d.t.Error(err)
	}
}
