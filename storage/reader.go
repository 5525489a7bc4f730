package storage

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"sshforum/forum"
	"sshforum/storage/boltfile"
)

// errMalformed is the fault of a key or a value that does not have the form of its bucket.
var errMalformed = errors.New("malformed")

// reader reads the forum's state in one bbolt transaction. The methods of forum.Reader are each
// in the file of their noun.
type reader struct {
	bolt    *boltfile.Tx
	handles [bucketCount]*boltfile.Bucket
	writes  uint64 // number of puts and deletes so far, in a tx
	fault   error  // the first one; look-ups find nothing from then on
}

// bucket returns the transaction's handle of b, which caches pages.
func (r *reader) bucket(b bucket) *boltfile.Bucket {
	h := r.handles[b]
	if h == nil {
		h = r.bolt.Bucket(b.String())
		if b.is(appended) {
			h.Fill(0.9)
		}
		r.handles[b] = h
	}
	return h
}

// fail sets the fault of the reader to err at key of b, unless it has one. A damaged row names
// its place itself.
func (r *reader) fail(b bucket, key []byte, err error) {
	var row *boltfile.RowError
	switch {
	case r.fault != nil:
	case errors.As(err, &row):
		r.fault = err
	default:
		r.fault = fmt.Errorf("storage: %s %x: %w", b, key, err)
	}
}

// get returns the value of key, or nil if there is none. The value is in the file's memory:
// callers must not change it, nor keep it after the transaction.
func (r *reader) get(b bucket, key []byte) []byte {
	if r.fault != nil {
		return nil
	}
	v, err := r.bucket(b).Get(key)
	if err != nil {
		r.fail(b, key, err)
	}
	return v
}

// getUint returns the number stored under key, or 0 if there is none.
func (r *reader) getUint(b bucket, key []byte) uint64 {
	v := r.get(b, key)
	if v == nil {
		return 0
	}
	n, ok := parseUint(v)
	if !ok {
		r.fail(b, key, errMalformed)
	}
	return n
}

// load decodes the row under key. It reports false if there is none.
func load[Row any](r *reader, b bucket, key []byte) (row Row, ok bool) {
	v := r.get(b, key)
	if v == nil {
		return row, false
	}
	return decode[Row](r, b, key, v)
}

func decode[Row any](r *reader, b bucket, key, value []byte) (row Row, ok bool) {
	if err := decoder.Unmarshal(value, &row); err != nil {
		r.fail(b, key, err)
		return row, false
	}
	return row, true
}

// scan calls fn for the keys of b that begin with prefix, from first on, until fn returns false
// or something fails. fn may write; the scan then seeks its place again.
func (r *reader) scan(b bucket, first, prefix []byte, fn func(k, v []byte) bool) {
	if r.fault != nil {
		return
	}
	c := r.bucket(b).Cursor()
	k, v, err := c.Seek(first)
	for err == nil && k != nil && bytes.HasPrefix(k, prefix) {
		writes := r.writes
		if !fn(k, v) || r.fault != nil {
			return
		}
		last := k
		if r.writes == writes {
			k, v, err = c.Next()
		} else if k, v, err = c.Seek(last); bytes.Equal(k, last) && err == nil {
			k, v, err = c.Next()
		}
	}
	if err != nil {
		r.fail(b, k, err)
	}
}

// scanBack is scan from the last key that begins with prefix to the first.
func (r *reader) scanBack(b bucket, prefix []byte, fn func(k, v []byte) bool) {
	r.scanBelow(b, successor(prefix), prefix, fn)
}

// scanBelow is scanBack from the last key below a bound; nil is above all keys.
func (r *reader) scanBelow(b bucket, below, prefix []byte, fn func(k, v []byte) bool) {
	if r.fault != nil {
		return
	}
	c := r.bucket(b).Cursor()
	k, v, err := c.Below(below)
	for err == nil && k != nil && bytes.HasPrefix(k, prefix) {
		if !fn(k, v) || r.fault != nil {
			return
		}
		if r.writes > 0 {
			k, v, err = c.Below(k)
		} else {
			k, v, err = c.Prev()
		}
	}
	if err != nil {
		r.fail(b, k, err)
	}
}

// successor returns the lowest key above all keys that begin with prefix, or nil if there is
// none.
func successor(prefix []byte) []byte {
	n := len(prefix)
	for n > 0 && prefix[n-1] == 0xff {
		n--
	}
	if n == 0 {
		return nil
	}
	s := bytes.Clone(prefix[:n])
	s[n-1]++
	return s
}

// last returns the number and the time of the last change.
func (r *reader) last() (seq uint64, nanos int64) {
	v := r.get(metaBucket, []byte(journalKey))
	if len(v) != 16 {
		r.fail(metaBucket, []byte(journalKey), errMalformed)
		return 0, 0
	}
	return binary.BigEndian.Uint64(v), int64(binary.BigEndian.Uint64(v[8:]))
}

func (r *reader) Seq() uint64 {
	seq, _ := r.last()
	return seq
}

func (r *reader) Time() time.Time {
	_, nanos := r.last()
	return fromNanos(nanos)
}

var _ forum.Reader = (*reader)(nil)
