package boltfile

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"time"
)

// page is one page, or several consecutive ones that form one.
//
// It begins with its number (8 bytes), kind (2), number of elements (2), and number of further
// pages that belong to it (4). Elements of 16 bytes follow. An element of a branch has the
// position of the key, counted from the element (4), the length of the key (4), and the page
// below (8). An element of a leaf has flags (4), the position of the key (4), the length of the
// key (4), and the length of the value, which follows the key (4). Keys and values follow each
// other without gaps. The value of a bucket is the page of its root (8), a sequence (8), and,
// if that page is 0, the content of its only page: bbolt 1.5.0, internal/common/page.go and
// bucket.go.
type page struct {
	file  io.ReaderAt // for the bytes behind begin
	at    int64
	size  int64
	begin []byte

	id       uint64
	kind     uint16
	elements int64
	more     uint32

	next int64 // position of the next element's key
}

const (
	pageHeader  = 16
	elementSize = 16

	branchPage = 1
	leafPage   = 2

	bucketFlag   = 1
	bucketHeader = 16
)

func (p *page) parse() error {
	b, err := p.bytes(0, pageHeader)
	if err != nil {
		return err
	}
	p.id = binary.NativeEndian.Uint64(b)
	p.kind = binary.NativeEndian.Uint16(b[8:])
	p.elements = int64(binary.NativeEndian.Uint16(b[10:]))
	p.more = binary.NativeEndian.Uint32(b[12:])
	p.next = pageHeader + p.elements*elementSize
	return nil
}

// bytes returns n bytes of the page from a position on.
func (p *page) bytes(from, n int64) ([]byte, error) {
	switch end := from + n; {
	case end > p.size:
		return nil, damaged("page %d has an element beyond its end", p.id)
	case end <= int64(len(p.begin)):
		return p.begin[from:end], nil
	}
	b := make([]byte, n)
	_, err := p.file.ReadAt(b, p.at+from)
	return b, err
}

// element returns the four numbers of an element, and its position in the page.
func (p *page) element(i int64) (e [4]uint32, at int64, err error) {
	at = pageHeader + i*elementSize
	b, err := p.bytes(at, elementSize)
	if err != nil {
		return e, at, err
	}
	for i := range e {
		e[i] = binary.NativeEndian.Uint32(b[4*i:])
	}
	return e, at, nil
}

// nextBytes returns the n bytes at a position, which must be the position of the next key.
func (p *page) nextBytes(at, n int64) ([]byte, error) {
	if at != p.next {
		return nil, damaged("page %d has an element at the wrong place", p.id)
	}
	p.next += n
	return p.bytes(at, n)
}

// branch returns an element of a branch. Elements must be read in order.
func (p *page) branch(i int64) (key []byte, below uint64, err error) {
	e, at, err := p.element(i)
	if err != nil {
		return nil, 0, err
	}
	b, err := p.bytes(at+8, 8)
	if err != nil {
		return nil, 0, err
	}
	key, err = p.nextBytes(at+int64(e[0]), int64(e[1]))
	return key, binary.NativeEndian.Uint64(b), err
}

// leaf returns an element of a leaf, with the value only if it is a bucket. Elements must be
// read in order.
func (p *page) leaf(i int64) (key, bucket []byte, err error) {
	e, at, err := p.element(i)
	if err != nil {
		return nil, nil, err
	}
	at += int64(e[1])
	if key, err = p.nextBytes(at, int64(e[2])); err != nil {
		return nil, nil, err
	}
	at += int64(e[2])
	size := int64(e[3])
	p.next += size
	switch {
	case p.next > p.size:
		return nil, nil, damaged("page %d has a value beyond its end", p.id)
	case e[0] > bucketFlag:
		return nil, nil, damaged("page %d has an element of no kind", p.id)
	case e[0]&bucketFlag == 0:
		return key, nil, nil
	case size < bucketHeader:
		return nil, nil, damaged("page %d has a bucket of %d bytes", p.id, size)
	default:
		bucket, err = p.bytes(at, size)
		return key, bucket, err
	}
}

// verifier checks every page of a file except those inside long values: that its header is
// right, that it is reached once, and that keys are in order. bbolt trusts the pages: a damaged
// one can make it read anywhere in memory, or in circles.
type verifier struct {
	file    io.ReaderAt
	head    head
	reached []uint64                // a bit for each page that was reached
	onRead  func(bytes int64) error // an error ends the check
	buffers [][]byte                // a buffer for each level of the tree
}

// verify checks the whole file, whose length is size bytes.
func (f *File) verify(file io.ReaderAt, size int64) error {
	whole, any := heads(file)
	switch {
	case len(whole) == 0 && (any || hasTraces(file)):
		return damaged("its beginning is lost")
	case len(whole) == 0:
		return errForeign
	}
	h := whole[0]
	switch {
	case h.pages > math.MaxInt64/maxPageSize || int64(h.pages)*h.pageSize > size:
		return damaged("its end is lost: %d bytes are left", size)
	case len(whole) == 1:
		f.lostHead = damaged("one of its two heads is lost, and with it perhaps what was stored last")
	}
	if f.lostHead != nil && !f.options.OneHead {
		return f.lostHead
	}
	met := &progress{log: f.log, path: f.path, total: size, shown: time.Now()}
	if f.options.ReadAhead {
		readAhead(*met)
	}
	return newVerifier(file, h, func(bytes int64) error {
		met.add(bytes)
		return nil
	}).tree(h.root, 0, nil, nil)
}

func newVerifier(file io.ReaderAt, h head, met func(bytes int64) error) *verifier {
	return &verifier{file: file, head: h, reached: make([]uint64, h.pages/64+1), onRead: met}
}

// tree checks a page and all pages below it. Their keys must be at or above low, and below high
// unless high is nil.
func (v *verifier) tree(id uint64, level int, low, high []byte) error {
	p, err := v.page(id, level)
	if err != nil {
		return err
	}
	if err := v.onRead(p.size); err != nil {
		return err
	}
	err = v.elements(p, level, low, high)
	if err == nil && p.size-p.next >= v.head.pageSize {
		err = damaged("page %d takes more pages than it needs", p.id) // the others would be freed with it
	}
	return err
}

func (v *verifier) elements(p *page, level int, low, high []byte) error {
	switch p.kind {
	case branchPage:
		return v.branch(p, level, low, high)
	case leafPage:
		return v.leaf(p, level, low, high)
	}
	return damaged("page %d has an unknown kind", p.id)
}

// page reads the beginning of a page, and marks it as reached.
func (v *verifier) page(id uint64, level int) (*page, error) {
	if id < 2 || id >= v.head.pages {
		return nil, damaged("there is no page %d", id)
	}
	for len(v.buffers) <= level {
		v.buffers = append(v.buffers, make([]byte, v.head.pageSize))
	}
	p := &page{file: v.file, at: int64(id) * v.head.pageSize, size: v.head.pageSize, begin: v.buffers[level]}
	if _, err := v.file.ReadAt(p.begin, p.at); err != nil {
		return nil, err
	}
	if err := p.parse(); err != nil {
		return nil, err
	}
	last := id + uint64(p.more)
	if p.id != id || last >= v.head.pages {
		return nil, damaged("page %d is invalid", id)
	}
	p.size *= int64(p.more) + 1
	for n := id; n <= last; n++ {
		word, bit := &v.reached[n/64], uint64(1)<<(n%64)
		if *word&bit != 0 {
			return nil, damaged("page %d is used twice", n)
		}
		*word |= bit
	}
	return p, nil
}

func (v *verifier) branch(p *page, level int, low, high []byte) error {
	if p.elements == 0 {
		return damaged("page %d leads nowhere", p.id)
	}
	key, below, err := p.branch(0)
	if err != nil || !first(low, key) || !inOrder(low, key, high) {
		return orderError(p, err)
	}
	for i := int64(1); i < p.elements; i++ {
		next, nextBelow, err := p.branch(i)
		if err != nil || bytes.Equal(next, key) || !inOrder(key, next, high) {
			return orderError(p, err)
		}
		if err := v.tree(below, level+1, key, next); err != nil {
			return err
		}
		key, below = next, nextBelow
	}
	return v.tree(below, level+1, key, high)
}

func (v *verifier) leaf(p *page, level int, low, high []byte) error {
	if p.elements == 0 && low != nil {
		return damaged("page %d has lost what was in it", p.id)
	}
	for i := range p.elements {
		key, bucket, err := p.leaf(i)
		if err != nil || i == 0 && !first(low, key) || i > 0 && bytes.Equal(key, low) || !inOrder(low, key, high) {
			return orderError(p, err)
		}
		if bucket != nil {
			err = v.bucket(p, level, bucket)
		}
		if err != nil {
			return err
		}
		low = key
	}
	return nil
}

// bucket checks a bucket that is an element of p.
func (v *verifier) bucket(p *page, level int, value []byte) error {
	if root := binary.NativeEndian.Uint64(value); root != 0 {
		return v.tree(root, level+1, nil, nil)
	}
	inline := &page{begin: value[bucketHeader:], size: int64(len(value) - bucketHeader)}
	if err := inline.parse(); err != nil || inline.kind != leafPage || inline.more != 0 {
		return damaged("page %d has an invalid bucket", p.id)
	}
	inline.id = p.id
	return v.elements(inline, level, nil, nil)
}

// first reports whether key may be the first key of a page to which a branch leads by low, or
// of a root if low is nil. If they differed, a write to the page would make the branch lead
// there twice.
func first(low, key []byte) bool { return low == nil || bytes.Equal(low, key) }

func inOrder(low, key, high []byte) bool {
	return len(key) > 0 && bytes.Compare(low, key) <= 0 && (high == nil || bytes.Compare(key, high) < 0)
}

// orderError returns err, or, if err is nil, the error for keys of p that are out of order.
func orderError(p *page, err error) error {
	if err != nil {
		return err
	}
	return damaged("page %d has keys out of order", p.id)
}
