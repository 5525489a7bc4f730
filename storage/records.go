package storage

import "iter"

// records are the rows of a bucket in which each row stands for one noun. The row has no field
// for what its key contains.
type records[Key, Noun, Row any] struct {
	bucket bucket
	key    func(Key) []byte
	parse  func([]byte) (Key, bool)
	row    func(Noun) Row
	noun   func(Row, Key) Noun
}

func (rs records[Key, Noun, Row]) find(r *reader, key Key) (noun Noun, ok bool) {
	row, ok := load[Row](r, rs.bucket, rs.key(key))
	if !ok {
		return noun, false
	}
	return rs.noun(row, key), true
}

func (rs records[Key, Noun, Row]) put(t *tx, key Key, noun Noun) {
	store(t, rs.bucket, rs.key(key), rs.row(noun))
}

func (rs records[Key, Noun, Row]) drop(t *tx, key Key) { t.drop(rs.bucket, rs.key(key)) }

// from yields the nouns whose keys begin with prefix, in order, from key first on.
func (rs records[Key, Noun, Row]) from(r *reader, first, prefix []byte) iter.Seq[Noun] {
	return func(yield func(Noun) bool) { r.scan(rs.bucket, first, prefix, rs.each(r, yield)) }
}

// within yields the nouns whose keys begin with prefix, in order.
func (rs records[Key, Noun, Row]) within(r *reader, prefix []byte) iter.Seq[Noun] {
	return rs.from(r, prefix, prefix)
}

// back is within in the opposite order.
func (rs records[Key, Noun, Row]) back(r *reader, prefix []byte) iter.Seq[Noun] {
	return rs.below(r, successor(prefix), prefix)
}

// below is back from the last key below a bound; nil is above all keys.
func (rs records[Key, Noun, Row]) below(r *reader, below, prefix []byte) iter.Seq[Noun] {
	return func(yield func(Noun) bool) { r.scanBelow(rs.bucket, below, prefix, rs.each(r, yield)) }
}

// none yields nothing.
func none[Noun any](func(Noun) bool) {}

func (rs records[Key, Noun, Row]) each(r *reader, yield func(Noun) bool) func(k, v []byte) bool {
	return func(k, v []byte) bool {
		key, ok := rs.parse(k)
		if !ok {
			r.fail(rs.bucket, k, errMalformed)
			return false
		}
		row, ok := decode[Row](r, rs.bucket, k, v)
		return ok && yield(rs.noun(row, key))
	}
}
