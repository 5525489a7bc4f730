package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime/debug"
	"syscall"

	bbolterrors "go.etcd.io/bbolt/errors"

	"sshforum/forum"
)

// ErrLocked is in the chain of Open's error when another process has the store open.
var ErrLocked = errors.New("locked by another process")

// errNewer and errForeign are what a file's schema can be besides readable.
type errNewer struct{ version uint64 }

func (e errNewer) Error() string { return fmt.Sprintf("schema %d", e.version) }

var (
	errForeign   = errors.New("no schema")
	errTruncated = errors.New("shorter than its own pages")
)

// crash is a panic as an error. bbolt panics when it meets a damaged page.
type crash struct {
	value any
	stack []byte
}

func (c *crash) Error() string { return fmt.Sprintf("storage: panic: %v", c.value) }

// contain runs fn and returns its panic as a crash.
func contain(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &crash{value: p, stack: debug.Stack()}
		}
	}()
	return fn()
}

// openError says in one sentence why the store at path cannot be opened.
func openError(path string, err error) error {
	kind, msg := forum.Unavailable, ""
	var newer errNewer
	var damage *crash
	switch {
	case errors.Is(err, bbolterrors.ErrTimeout):
		kind, err = forum.Conflict, errors.Join(ErrLocked, err)
		msg = path + " is in use by another process; stop the sshforum that runs there, or use another data directory."
	case errors.As(err, &newer):
		msg = fmt.Sprintf("%s was written by a newer sshforum (schema %d, this program knows %d); install the newer program.",
			path, newer.version, len(migrations))
	case errors.Is(err, errForeign):
		msg = path + " is a database of another program; move it away, or use another data directory."
	case errors.Is(err, bbolterrors.ErrInvalid), errors.Is(err, bbolterrors.ErrChecksum),
		errors.Is(err, bbolterrors.ErrVersionMismatch), errors.Is(err, errTruncated), errors.As(err, &damage):
		msg = path + " is damaged or no forum database; restore it from a backup."
	case errors.Is(err, fs.ErrPermission), isReadOnly(err):
		msg = fmt.Sprintf("%s cannot be written; give the user that runs sshforum write access to %s and what is in it.",
			path, filepath.Dir(path))
	case errors.Is(err, syscall.ENOTDIR):
		msg = filepath.Dir(path) + " is not a directory; name another data directory."
	case isFull(err):
		msg = "The disk of " + path + " is full; free some space first."
	default:
		msg = fmt.Sprintf("%s cannot be opened (%v); name another data directory.", path, err)
	}
	return &forum.Error{Kind: kind, Msg: msg, Err: err}
}

func errStopping() error {
	return forum.Errorf(forum.Stopping, "The server is shutting down.")
}

func errBusy(err error) error {
	return &forum.Error{Kind: forum.Unavailable, Msg: "The server is too busy to store anything; please try again.", Err: err}
}

func errFull(err error) error {
	return &forum.Error{Kind: forum.Unavailable, Msg: "The server's disk is full; nothing more can be stored until space is freed.", Err: err}
}

func errBroken(err error) error {
	return &forum.Error{Kind: forum.Unavailable, Msg: "The server's disk failed; nothing more can be stored until it is restarted.", Err: err}
}

// unusable translates bbolt's errors for a file that cannot be used any more.
func unusable(err error) error {
	switch {
	case errors.Is(err, bbolterrors.ErrDatabaseNotOpen):
		return errStopping()
	case errors.Is(err, bbolterrors.ErrInvalidMapping):
		return errBroken(err)
	}
	return err
}
