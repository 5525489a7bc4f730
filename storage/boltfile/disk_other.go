//go:build !unix

package boltfile

import (
	"errors"
	"math"
	"syscall"
)

// mapSizes returns the sizes of the file's mapping to try. Windows makes a file as long as its
// mapping, so it begins without spare room.
func mapSizes() []int { return []int{0} }

func freeBytes(string) (int64, error) { return math.MaxInt64, nil }

func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) }
