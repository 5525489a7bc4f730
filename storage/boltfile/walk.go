package boltfile

import (
	"bytes"
	"errors"

	"go.etcd.io/bbolt"
)

// Place is the position of a walk along all rows of a file: after the row with a key, or before
// the first row of the bucket if the key is nil. The zero Place is before the first bucket.
type Place struct {
	Bucket string
	Key    []byte
}

// Walk checks rows from a place on, until it has read limit bytes of one bucket, or the rest of
// that bucket. It logs each row that does not match its checksum. It returns the number of
// bytes read, and the place to continue at, which is the zero Place after the last row. Errors:
// those of View.
func (f *File) Walk(from Place, limit int64) (next Place, read int64, err error) {
	err = f.View(func(tx *Tx) error {
		return Contain(func() error {
			next, read = tx.walk(from, limit)
			return nil
		})
	})
	return next, read, err
}

func (tx *Tx) walk(from Place, limit int64) (next Place, read int64) {
	root := tx.Bolt.Cursor()
	name, _ := root.Seek([]byte(from.Bucket))
	if name == nil {
		return Place{}, 0
	}
	at := Place{Bucket: string(name)}
	if at.Bucket == from.Bucket {
		at.Key = from.Key
	}
	key, read := tx.Bucket(at.Bucket).walk(at.Key, limit, func(*RowError) {})
	if key != nil {
		return Place{at.Bucket, bytes.Clone(key)}, read
	}
	if name, _ = root.Next(); name == nil {
		return Place{}, read
	}
	return Place{Bucket: string(name)}, read
}

// walk checks rows after a key. It returns the key of the last row that it read, or nil at the
// end.
func (b *Bucket) walk(after []byte, limit int64, damaged func(*RowError)) (last []byte, read int64) {
	c := b.bolt.Cursor()
	last = after
	for k, row := start(c, after); k != nil; k, row = c.Next() {
		if read >= limit {
			return last, read
		}
		if bytes.Compare(last, k) >= 0 && last != nil || len(k) > bbolt.MaxKeySize {
			reportRow(damaged, b.Damaged(k, "it is out of order"))
			return nil, read // there may be no end
		}
		if _, err := b.open(k, row); err != nil {
			reportRow(damaged, err)
		}
		read += int64(len(k) + len(row))
		last = k
	}
	return nil, read
}

func reportRow(damaged func(*RowError), err error) {
	var row *RowError
	if errors.As(err, &row) {
		damaged(row)
	}
}

// start moves c to the first row after a key, or to the first row if the key is nil.
func start(c *bbolt.Cursor, after []byte) (k, row []byte) {
	if k, row = c.Seek(after); bytes.Equal(k, after) && after != nil {
		return c.Next()
	}
	return k, row
}
