package boltfile

import (
	"encoding/binary"
	"hash/fnv"
	"io"
)

// head is one of the two pages that a bbolt file begins with (bbolt calls them meta pages).
// Commits write them in turns, and the one with the later commit is valid.
//
// Each begins with the 16 bytes of every page, see page. Then follow magic (4 bytes), version
// (4), page size (4), flags (4), page of the root bucket (8) and its sequence (8), page of the
// list of free pages (8), number of pages (8), number of the commit (8), and the FNV-1a of all
// these fields (8), in the byte order of the machine that wrote it: bbolt 1.5.0,
// internal/common/meta.go.
type head struct {
	pageSize int64
	root     uint64
	pages    uint64
	commit   uint64
}

const (
	headMagic   = 0xed0cdaed
	headVersion = 2
	headSummed  = 56
	headSize    = headSummed + 8

	// One head is at the beginning of the file, the other at the second page. The page size may
	// be any of those that bbolt accepts.
	minPageSize = 1 << 10
	maxPageSize = 1 << 24
)

// parseHead parses a head without the first 16 bytes of its page. It reports whether the head
// is valid.
func parseHead(b []byte) (h head, ok bool) {
	if len(b) < headSize || !hasMagic(b) || binary.NativeEndian.Uint32(b[4:]) != headVersion {
		return h, false
	}
	sum := fnv.New64a()
	sum.Write(b[:headSummed])
	return head{
		pageSize: int64(binary.NativeEndian.Uint32(b[8:])),
		root:     binary.NativeEndian.Uint64(b[16:]),
		pages:    binary.NativeEndian.Uint64(b[40:]),
		commit:   binary.NativeEndian.Uint64(b[48:]),
	}, sum.Sum64() == binary.NativeEndian.Uint64(b[headSummed:])
}

func hasMagic(b []byte) bool {
	return len(b) >= 4 && binary.NativeEndian.Uint32(b) == headMagic
}

// heads returns the valid heads of a file, the one with the later commit first. any reports
// whether anything in the file looks like a head.
func heads(file io.ReaderAt) (whole []head, any bool) {
	look := func(at int64) (h head, ok bool) {
		b := make([]byte, headSize)
		n, _ := file.ReadAt(b, at+pageHeader)
		any = any || hasMagic(b[:n])
		h, ok = parseHead(b[:n])
		return h, ok && (at == 0 || at == h.pageSize)
	}
	first, ok := look(0)
	if ok {
		whole = append(whole, first)
	}
	for at := int64(minPageSize); at <= maxPageSize; at *= 2 {
		if ok && at != first.pageSize {
			continue
		}
		if second, ok := look(at); ok {
			whole = append(whole, second)
			break
		}
	}
	if len(whole) == 2 && whole[1].commit > whole[0].commit {
		whole[0], whole[1] = whole[1], whole[0]
	}
	return whole, any
}
