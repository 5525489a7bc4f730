package postings

import (
	"iter"
	"math/bits"
)

// Size is the maximum number of documents in a segment.
const Size = 1 << docBits

const (
	docBits = 10
	docMask = Size - 1
	words   = Size / 64
)

// Set is a set of documents of one segment.
type Set [words]uint64

// Full returns the set of all documents that a segment can have.
func Full() (s Set) {
	for i := range s {
		s[i] = ^uint64(0)
	}
	return s
}

// Add puts doc in s.
func (s *Set) Add(doc int) { s[doc/64] |= 1 << (doc % 64) }

// Remove takes doc out of s.
func (s *Set) Remove(doc int) { s[doc/64] &^= 1 << (doc % 64) }

// Intersect removes from s all documents that are not in o.
func (s *Set) Intersect(o *Set) {
	for i := range s {
		s[i] &= o[i]
	}
}

// Empty reports whether s has no document.
func (s *Set) Empty() bool { return *s == Set{} }

// Len counts the documents of s.
func (s *Set) Len() (n int) {
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n
}

// Down yields the documents of s, the highest first.
func (s *Set) Down() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := words - 1; i >= 0; i-- {
			for word := s[i]; word != 0; {
				bit := 63 - bits.LeadingZeros64(word)
				if !yield(64*i + bit) {
					return
				}
				word &^= 1 << bit
			}
		}
	}
}

// Up yields the documents of s, the lowest first.
func (s *Set) Up() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i, word := range s {
			for ; word != 0; word &= word - 1 {
				if !yield(64*i + bits.TrailingZeros64(word)) {
					return
				}
			}
		}
	}
}
