//go:build unix

package blobs

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

func adviseNormal(m mapping) error {
	data := *(*unsafe.Pointer)(unsafe.Pointer(&m.data)) // not in Go's heap, so it does not move
	return unix.Madvise(unsafe.Slice((*byte)(data), m.size), unix.MADV_NORMAL)
}
