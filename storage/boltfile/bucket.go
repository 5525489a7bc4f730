package boltfile

import (
	"bytes"
	"fmt"

	"go.etcd.io/bbolt"
)

// Bucket is a bucket whose rows end with checksums, see seal, which are checked whenever a
// row is read. So what is found under another key, or in another bucket, is damaged too.
type Bucket struct {
	bolt *bbolt.Bucket // nil when it is lost
	name string
	seal seal
	file *File
}

// Fill says how full pages are left, from 0 to 1, when what is written divides them.
func (b *Bucket) Fill(percent float64) {
	if b.bolt != nil {
		b.bolt.FillPercent = percent
	}
}

// Get returns the value of key, or nil when there is none. The value is the file's
// memory: it may not be changed, nor kept after the transaction. Errors: Internal, with a
// RowError in its chain, when the row is damaged, or what is next to the place where it
// would be, or a page on the way there.
func (b *Bucket) Get(key []byte) ([]byte, error) { return b.Cursor().Get(key) }

// GetPart is Get of the bytes of a value between two positions, as far as there are any.
// Of a long value no more is read than that and a little around it.
func (b *Bucket) GetPart(key []byte, from, to int) (part []byte, err error) {
	defer b.contain(key, &err)
	k, row := b.bolt.Cursor().Seek(key)
	if !bytes.Equal(k, key) {
		return b.Get(key)
	}
	part, ok := b.seal.open(key, row, from, to)
	if !ok {
		return nil, b.unsealed(key)
	}
	return part, nil
}

// Put stores value, which bbolt refers to until the transaction ends. Where value has room
// to grow, its checksums are written there.
func (b *Bucket) Put(key, value []byte) error {
	return b.bolt.Put(key, b.seal.add(key, value))
}

// Delete removes key, if there is such a row. It reads none.
func (b *Bucket) Delete(key []byte) error { return b.bolt.Delete(key) }

// Keys returns up to limit keys that begin with prefix, from first on, in order. It reads
// no values, so the keys are not checked: they are for deleting.
func (b *Bucket) Keys(first, prefix []byte, limit int) (keys [][]byte) {
	c := b.bolt.Cursor()
	for k, _ := c.Seek(first); len(keys) < limit && bytes.HasPrefix(k, prefix) && k != nil; k, _ = c.Next() {
		keys = append(keys, k)
	}
	return keys
}

// open returns the value of a row.
func (b *Bucket) open(key, row []byte) ([]byte, error) {
	value, ok := b.seal.open(key, row, 0, len(row))
	if !ok {
		return nil, b.unsealed(key)
	}
	return value, nil
}

// contain makes the error for a row of bbolt's panic on the way there. Pages that cannot be
// read are left to View.
func (b *Bucket) contain(key []byte, err *error) {
	p := recover()
	switch {
	case p == nil:
	case (&Crash{value: p}).unreadable():
		panic(p)
	default:
		*err = b.Damaged(key, fmt.Sprintf("a page on the way there is damaged: %v", p))
	}
}

func (b *Bucket) unsealed(key []byte) error {
	return b.Damaged(key, "it does not match its checksum")
}
