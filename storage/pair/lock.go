package pair

import (
	"errors"
	"io/fs"
	"time"

	"sshforum/forum"
)

// lockTimeout is how long Open and Found wait for each other.
const lockTimeout = time.Second

var errLocked = errors.New("locked by another process")

// whileLocked runs fn while no other process founds or opens the forum in dir.
func whileLocked(dir string, fn func() error) error {
	unlock, err := lockDir(dir)
	switch {
	case errors.Is(err, errLocked):
		return forum.Errorf(forum.Conflict, "%s is in use by another process; wait for the sshforum that starts there, or use another data directory.", dir)
	case errors.Is(err, fs.ErrNotExist):
		if _, err := stateOf(dir); err != nil {
			return err
		}
		return noForum(dir)
	case err != nil:
		return pathError(dir, err)
	}
	defer unlock()
	return fn()
}
