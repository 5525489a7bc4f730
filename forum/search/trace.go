package search

import (
	"sort"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// trace maps places in a folded text to places in the original text. Its pieces are in order;
// the last one is empty and marks the end.
type trace []piece

// piece is a part of a text that is folded by itself.
type piece struct {
	text, folded int  // where it begins in the original text and in the folded one
	plain        bool // folding changed only the case of ASCII letters
}

// foldTraced is fold, with the trace back to text.
func foldTraced(text string) (string, trace) {
	var folded strings.Builder
	var t trace
	for at := 0; at < len(text); {
		n, plain := pieceLen(text[at:])
		t = append(t, piece{at, folded.Len(), plain})
		folded.WriteString(fold(text[at : at+n]))
		at += n
	}
	return folded.String(), append(t, piece{len(text), folded.Len(), false})
}

// pieceLen returns the length of the part of s that can be folded by itself: a run of ASCII
// without its last character, which may change with the next one, or one sequence of characters
// that belong together (UAX #15, section 9).
func pieceLen(s string) (n int, plain bool) {
	for n < len(s) && s[n] < utf8.RuneSelf {
		n++
	}
	switch {
	case n == len(s):
		return n, true
	case n > 1:
		return n - 1, true
	}
	return norm.NFKC.NextBoundaryInString(s, true), false
}

// span returns the part of the original text that became start to end of the folded one.
func (t trace) span(start, end int) Span {
	first, last := t.piece(start), t.piece(end-1)
	s := Span{t[first].text, t[last+1].text}
	if t[first].plain {
		s.Start += start - t[first].folded
	}
	if t[last].plain {
		s.End = t[last].text + end - t[last].folded
	}
	return s
}

// piece returns the index of the piece that has byte at of the folded text.
func (t trace) piece(at int) int {
	return sort.Search(len(t), func(i int) bool { return t[i].folded > at }) - 1
}
