package blobs

import "slices"

// maxSpans bounds how many ranges are remembered of a content that is written here and
// there. What does not fit is forgotten, which costs no more than a resumed upload that
// begins earlier than it could.
const maxSpans = 1024

// spans is a set of byte positions: all below prefix, and the ranges in rest.
type spans struct {
	prefix int64
	rest   []span // in order, neither touching each other nor prefix
}

// span is the positions from the first to the one before the second.
type span struct{ from, to int64 }

// add adds the positions from one to the one before another.
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

// cover reports whether all positions from one to the one before another are in the set.
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
