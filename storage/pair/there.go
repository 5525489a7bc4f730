package pair

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"sshforum/forum"
)

var errDangling = errors.New("a link that leads nowhere")

// mustHaveBoth returns an error if dir lacks one of the forum's files.
func mustHaveBoth(dir string) error {
	rows, err := stateOf(rowsPath(dir))
	if err != nil {
		return err
	}
	contents, err := stateOf(contentsPath(dir))
	if err != nil {
		return err
	}
	if rows == there && contents == absent {
		if err := finishFounding(dir); err != nil {
			return err
		}
		if contents, err = stateOf(contentsPath(dir)); err != nil {
			return err
		}
	}
	switch {
	case rows == absent && contents == absent:
		return noForum(dir)
	case rows != there:
		return refuse("%s is %s; restore it from a backup, or name an empty directory with --data to begin a new forum.", rowsPath(dir), rows)
	case contents != there:
		return &forum.Error{
			Kind: forum.Unavailable, Err: errNoContents,
			Msg: fmt.Sprintf("%s is %s; restore it from a backup, or run sshforum pair to go on without the contents of files.", contentsPath(dir), contents),
		}
	}
	return nil
}

func noForum(dir string) error {
	return forum.Errorf(forum.NotFound, "There is no forum in %s; name the forum's directory with --data, or start sshforum to found one.", dir)
}

// fileState is the state of a file.
type fileState string

const (
	there  fileState = "there"
	absent fileState = "missing"
	empty  fileState = "empty"
)

func stateOf(path string) (fileState, error) {
	switch info, err := os.Stat(path); {
	case err == nil && info.Mode().IsRegular() && info.Size() == 0:
		return empty, nil
	case err == nil:
		return there, nil
	case !errors.Is(err, fs.ErrNotExist):
		return "", pathError(path, err)
	}
	if _, err := os.Lstat(path); err == nil {
		return "", pathError(path, errDangling)
	}
	return absent, nil
}

// pathError explains in one sentence why path cannot be used. An error that is already meant
// for people is returned unchanged.
func pathError(path string, err error) error {
	msg := ""
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		msg = path + " cannot be written; give the user that runs sshforum write access to it, or name another data directory."
	case forum.KindOf(err) != forum.Internal:
		return err
	case errors.Is(err, syscall.ENOTDIR):
		msg = path + " is not a directory; name another data directory."
	case errors.Is(err, errDangling):
		msg = path + " is a link that leads nowhere; mount what it leads to, or mend the link."
	default:
		msg = fmt.Sprintf("%s cannot be used (%v); name another data directory.", path, err)
	}
	return &forum.Error{Kind: forum.Unavailable, Msg: msg, Err: err}
}
