package boltfile

import (
	"bytes"
	"fmt"

	"go.etcd.io/bbolt"
)

// Bucket is a bucket whose rows end with checksums, see seal. Every read of a row checks them.
// A row under a wrong key or in a wrong bucket counts as damaged too.
type Bucket struct {
	bolt *bbolt.Bucket // nil if the bucket is lost
	name string
	seal seal
	file *File
}

// Fill sets how full pages are left when they are split, from 0 to 1.
func (b *Bucket) Fill(percent float64) {
	if b.bolt != nil {
		b.bolt.FillPercent = percent
	}
}

// Get returns the value of key, or nil if there is none. The value is in the file's memory:
// callers must not change it, nor keep it after the transaction. Errors: Internal, with a
// RowError in its chain, if the row is damaged, or a row next to the place where it would be,
// or a page on the way there.
func (b *Bucket) Get(key []byte) ([]byte, error) { return b.Cursor().Get(key) }

// GetPart is Get for the bytes of a value between two positions, as far as they exist. It reads
// no more of a long value than the blocks with these bytes.
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

// Put stores value. bbolt refers to value until the transaction ends. If value has spare
// capacity, the checksums are written there.
func (b *Bucket) Put(key, value []byte) error {
	return b.bolt.Put(key, b.seal.add(key, value))
}

// Delete deletes key, if it exists. It reads no row.
func (b *Bucket) Delete(key []byte) error { return b.bolt.Delete(key) }

// Keys returns up to limit keys that begin with prefix, from first on, in order. It reads no
// values, so the keys are not checked: use them only to delete.
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

// contain turns a panic of bbolt on the way to a row into an error for that row. It leaves
// pages that cannot be read to View.
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
