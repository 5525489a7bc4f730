//go:build unix

package pair

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// lockDir locks dir against other processes that look for files there and open them. Errors:
// errLocked if another process holds the lock for longer than lockTimeout; those of os.Open.
func lockDir(dir string) (unlock func(), err error) {
	d, err := os.OpenFile(dir, os.O_RDONLY|unix.O_DIRECTORY, 0)
	if err != nil {
		return nil, err
	}
	unlock = func() { _ = d.Close() }
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		err := unix.Flock(int(d.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return unlock, nil // some file systems cannot lock directories
		}
		if time.Since(began) > lockTimeout {
			unlock()
			return nil, errLocked
		}
	}
}

// syncDir makes the names in dir durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
