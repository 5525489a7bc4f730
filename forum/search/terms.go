package search

import "slices"

// Terms appends the terms of a text to terms: those of its words, and of the characters and
// pairs of characters in scripts without spaces between words.
func Terms(terms []Term, text string) []Term {
	var last unit
	units(fold(text), func(u unit) {
		terms = append(terms, u.term)
		if u.joined {
			terms = append(terms, u.pair(last))
		}
		last = u
	})
	return terms
}

// Sorted returns terms in order, without repetition.
func Sorted(terms []Term) []Term {
	slices.Sort(terms)
	return slices.Compact(terms)
}
