package boltfile

import (
	"bytes"

	"go.etcd.io/bbolt"
)

// Cursor walks along a bucket in the order of the keys. A nil key means that it is before the
// first row or after the last. Errors: those of Bucket.Get.
type Cursor struct {
	bucket *Bucket
	bolt   *bbolt.Cursor
	at     []byte // the current key, or nil
}

// Cursor returns a new cursor without a position.
func (b *Bucket) Cursor() *Cursor {
	c := &Cursor{bucket: b}
	if b.bolt != nil {
		c.bolt = b.bolt.Cursor()
	}
	return c
}

// Get is Bucket.Get. The position of the cursor is undefined after it.
func (c *Cursor) Get(key []byte) ([]byte, error) {
	k, v, err := c.Seek(key)
	if err != nil || bytes.Equal(k, key) {
		return v, err
	}
	return nil, c.missing(k, key)
}

// Seek moves to key, or to the first key above it if key does not exist.
func (c *Cursor) Seek(key []byte) (k, v []byte, err error) {
	defer c.bucket.contain(key, &err)
	k, row := c.bolt.Seek(key)
	return c.check(k, row, bytes.Compare(k, key) >= 0)
}

// Next moves to the next row.
func (c *Cursor) Next() (k, v []byte, err error) {
	defer c.bucket.contain(c.at, &err)
	k, row := c.bolt.Next()
	return c.check(k, row, bytes.Compare(k, c.at) > 0)
}

// Prev moves to the previous row.
func (c *Cursor) Prev() (k, v []byte, err error) {
	defer c.bucket.contain(c.at, &err)
	k, row := c.bolt.Prev()
	return c.check(k, row, bytes.Compare(k, c.at) < 0)
}

// Below moves to the last row below key; a nil key is above all.
func (c *Cursor) Below(key []byte) (k, v []byte, err error) {
	defer c.bucket.contain(key, &err)
	k, row := c.below(key)
	return c.check(k, row, key == nil || bytes.Compare(k, key) < 0)
}

// below is Below without checks. A transaction keeps the pages whose keys it has deleted: bbolt
// 1.5.0's Prev stops at such a page, and its Last does not return if there are no other pages.
func (c *Cursor) below(key []byte) (k, row []byte) {
	if k, _ = c.bolt.First(); k == nil || key != nil && bytes.Compare(k, key) >= 0 {
		return nil, nil
	}
	if key == nil {
		return c.bolt.Last()
	}
	if k, _ = c.bolt.Seek(key); k == nil {
		return c.bolt.Last()
	}
	for k, row = c.bolt.Prev(); k == nil; {
		k, row = c.bolt.Prev()
	}
	return k, row
}

// check stores the position of the cursor, and opens the row there.
func (c *Cursor) check(k, row []byte, inOrder bool) (key, value []byte, err error) {
	if c.at = k; k == nil {
		return nil, nil, nil
	}
	if !inOrder {
		return nil, nil, c.bucket.Damaged(k, "it is out of order")
	}
	value, err = c.bucket.open(k, row)
	return k, value, err
}

// missing returns an error if key may exist although a seek for it found next. Damage on the
// way to key, or a change of the key itself, puts a row that does not belong there to the left
// or right of the position; so missing checks both neighbours.
func (c *Cursor) missing(next, key []byte) (err error) {
	defer c.bucket.contain(key, &err)
	var k, row []byte
	if next != nil {
		k, row = c.bolt.Prev()
	}
	if k == nil {
		k, row = c.below(key)
	}
	_, _, err = c.check(k, row, bytes.Compare(k, key) < 0)
	return err
}
