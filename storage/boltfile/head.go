package boltfile

import (
	"encoding/binary"
	"hash/fnv"
	"io"
)

// A head is one of the two pages that a bbolt file begins with. Commits write them in
// turns, and the one of the later commit says what is in the file.
//
// A page begins with 16 bytes, see page; a head goes on with magic (4 bytes), version
// (4), the size of a page (4), flags (4), the root bucket's page (8) and sequence (8),
// the page of the list of free pages (8), how many pages there are (8), the number of
// the commit (8) and the FNV-1a of all that (8), in the byte order of the machine that
// wrote it: bbolt 1.5.0, internal/common/meta.go.
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

	// A head lies at the beginning of the file and at the second page, whose size may be
	// any of bbolt's.
	minPageSize = 1 << 10
	maxPageSize = 1 << 24
)

// parseHead reads what follows a page's first 16 bytes.
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

// heads returns those of a file that are whole, the later commit's first, and reports
// whether anything in it looks like one.
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
