package boltfile

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"

	bbolterrors "go.etcd.io/bbolt/errors"

	"sshforum/forum"
)

// ErrLocked is in the chain of Open's error if another process has the file open.
var ErrLocked = errors.New("locked by another process")

// The reasons why a file cannot be used, besides damage.
var (
	errEmpty     = errors.New("no bytes")
	errForeign   = errors.New("no schema")
	errOtherKind = errors.New("the schema of another kind of file")
)

type errNewer struct{ version, known uint64 }

func (e errNewer) Error() string { return fmt.Sprintf("schema %d", e.version) }

// damage describes the damage of a file that is a database.
type damage string

func (d damage) Error() string { return string(d) }

func damaged(format string, args ...any) error { return damage(fmt.Sprintf(format, args...)) }

// openError explains in one sentence why the file at path cannot be opened.
func openError(path string, err error) error {
	kind, msg := forum.Unavailable, ""
	var newer errNewer
	var lost damage
	var crash *Crash
	switch {
	case errors.Is(err, bbolterrors.ErrTimeout):
		kind, err = forum.Conflict, errors.Join(ErrLocked, err)
		msg = path + " is in use by another process; stop the sshforum that runs there, or use another data directory."
	case errors.As(err, &newer):
		msg = fmt.Sprintf("%s was written by a newer sshforum (schema %d, this program knows %d); install the newer program.",
			path, newer.version, newer.known)
	case errors.As(err, &lost):
		return DamagedError(path, lost)
	case errors.As(err, &crash):
		return DamagedError(path, crash)
	case errors.Is(err, errEmpty), errors.Is(err, fs.ErrNotExist):
		msg = path + " is missing or empty; restore it from a backup."
	case errors.Is(err, errForeign):
		msg = path + " is not a forum database, or is damaged beyond recognition; restore it from a backup, or use another data directory."
	case errors.Is(err, errOtherKind):
		msg = path + " is the wrong file of a forum; put the file of that name there."
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
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

// DamagedError returns the error for a damaged file at path; how describes the damage.
func DamagedError(path string, how error) error {
	return &forum.Error{
		Kind: forum.Unavailable, Err: how,
		Msg: fmt.Sprintf("%s is damaged (%v); restore it from a backup.", path, how),
	}
}

// StoppingError returns the error for a file that is closed or being closed.
func StoppingError() error {
	return forum.Errorf(forum.Stopping, "The server is shutting down.")
}

// FullError returns the error for a file on a full disk.
func (f *File) FullError(err error) error {
	return &forum.Error{
		Kind: forum.Unavailable, Err: err,
		Msg: fmt.Sprintf("The server's disk is full; %s can be stored until space is freed.", f.options.Refused),
	}
}

func (f *File) brokenError(err error) error {
	return &forum.Error{
		Kind: forum.Unavailable, Err: err,
		Msg: fmt.Sprintf("The server's disk failed; %s can be stored until it is restarted.", f.options.Refused),
	}
}

// unusable translates bbolt's errors for a file that can no longer be used.
func (f *File) unusable(err error) error {
	switch {
	case errors.Is(err, bbolterrors.ErrDatabaseNotOpen):
		return StoppingError()
	case errors.Is(err, bbolterrors.ErrInvalidMapping):
		return f.brokenError(err)
	}
	return err
}
