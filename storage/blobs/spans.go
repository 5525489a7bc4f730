package blobs

import (
	"encoding/binary"
	"slices"
)

// maxSpans bounds the ranges that are remembered of a content that is written in random order.
// Ranges beyond it are forgotten; then a resumed upload may begin earlier than necessary.
const maxSpans = 1024

// spans is a set of positions: all below prefix, and the ranges in rest.
type spans struct {
	prefix int64
	rest   []span // in order, neither touching each other nor prefix
}

// span is the positions p with from <= p < to.
type span struct{ from, to int64 }

// add adds the positions p with from <= p < to.
func (s *spans) add(from, to int64) {
	if from > s.prefix {
		s.insert(span{from, to})
		return
	}
	s.prefix = max(s.prefix, to)
	for len(s.rest) > 0 && s.rest[0].from <= s.prefix {
		s.prefix = max(s.prefix, s.rest[0].to)
		s.rest = slices.Delete(s.rest, 0, 1)
	}
}

func (s *spans) insert(n span) {
	first := s.find(n.from)
	last := first
	for ; last < len(s.rest) && s.rest[last].from <= n.to; last++ {
		n.from, n.to = min(n.from, s.rest[last].from), max(n.to, s.rest[last].to)
	}
	if last > first || len(s.rest) < maxSpans {
		s.rest = slices.Replace(s.rest, first, last, n)
	}
}

// find returns the index of the first range that ends at pos or after it.
func (s *spans) find(pos int64) int {
	i, _ := slices.BinarySearchFunc(s.rest, pos, func(r span, pos int64) int {
		if r.to < pos {
			return -1
		}
		return 1
	})
	return i
}

// cover reports whether all positions p with from <= p < to are in the set.
func (s *spans) cover(from, to int64) bool {
	if to <= s.prefix {
		return true
	}
	i := s.find(to)
	return i < len(s.rest) && s.rest[i].from <= from
}

// cut removes all positions from pos on.
func (s *spans) cut(pos int64) {
	s.prefix = min(s.prefix, pos)
	i := s.find(pos)
	if i < len(s.rest) && s.rest[i].from < pos {
		s.rest[i].to = pos
		i++
	}
	s.rest = s.rest[:i]
}

// clone returns a copy of s.
func (s *spans) clone() spans { return spans{s.prefix, slices.Clone(s.rest)} }

// encode appends s to b as varints: prefix, and for each range its distance from the end of the
// one before, and its length.
func (s *spans) encode(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(s.prefix))
	end := s.prefix
	for _, r := range s.rest {
		b = binary.AppendUvarint(b, uint64(r.from-end))
		b = binary.AppendUvarint(b, uint64(r.to-r.from))
		end = r.to
	}
	return b
}

// decodeSpans parses the encoding of encode.
func decodeSpans(b []byte) (s spans, ok bool) {
	next := func() int64 {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > maxSize || size > 1 && b[size-1] == 0 { // not the shortest form of the number
			b, ok = nil, false
			return 0
		}
		b = b[size:]
		return int64(n)
	}
	ok = true
	s.prefix = next()
	for end := s.prefix; len(b) > 0 && len(s.rest) < maxSpans; {
		gap, size := next(), next()
		if gap == 0 || size == 0 {
			return spans{}, false
		}
		end += gap + size
		s.rest = append(s.rest, span{end - size, end})
	}
	return s, ok && len(b) == 0
}
