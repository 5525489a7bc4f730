package search

import "slices"

// Terms adds the terms of a text to terms: those of its words, and of the characters
// and pairs of characters of scripts that do not part words.
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

// Sorted puts terms in order, each once.
func Sorted(terms []Term) []Term {
	slices.Sort(terms)
	return slices.Compact(terms)
}
