//go:build unix

package boltfile

import (
	"errors"
	"math"
	"syscall"

	"golang.org/x/sys/unix"
)

// mapSizes returns the sizes of the file's mapping to try, the largest first. They use only
// address space.
func mapSizes() []int {
	var sizes []int
	for _, size := range []int64{64 << 30, 8 << 30, 1 << 30, 0} {
		if size <= math.MaxInt {
			sizes = append(sizes, int(size))
		}
	}
	return sizes
}

// freeBytes returns how many bytes a process without privileges may still write to dir's disk.
func freeBytes(dir string) (int64, error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return 0, err
	}
	return int64(fs.Bavail) * int64(fs.Bsize), nil
}

func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
