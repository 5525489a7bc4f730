package search

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Excerpt is a part of a text in one line.
type Excerpt struct {
	Text string
	Hits []Span // in order, not overlapping
}

// Span is a part of a text, as byte offsets.
type Span struct{ Start, End int }

// Lengths of an excerpt in characters: at most leadRunes before the first hit, and excerptRunes
// in all.
const (
	leadRunes    = 40
	excerptRunes = 160
)

// Excerpt returns the part of text around the first hit of the query, with the hits in it. If
// there is no hit, it returns the beginning of text.
func (q Query) Excerpt(text string) Excerpt {
	hits := q.hits(text)
	from := 0
	if len(hits) > 0 {
		from = back(text, hits[0].Start, leadRunes)
	}
	to := forward(text, from, excerptRunes)
	e := Excerpt{Text: strings.NewReplacer("\n", " ", "\t", " ").Replace(text[from:to])}
	shift := -from
	if from > 0 {
		e.Text, shift = "…"+e.Text, shift+len("…")
	}
	if to < len(text) {
		e.Text += "…"
	}
	for _, hit := range hits {
		if hit.End <= to {
			e.Hits = append(e.Hits, Span{hit.Start + shift, hit.End + shift})
		}
	}
	return e
}

// back returns the start of the rune n runes before at, or of the first word after that rune.
func back(text string, at, n int) int {
	from := at
	for ; n > 0 && from > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(text[:from])
		from -= size
	}
	if blank := strings.IndexAny(text[from:at], " \n\t"); from > 0 && blank >= 0 {
		from += blank + 1
	}
	return from
}

func forward(text string, from, n int) int {
	for i := range text[from:] {
		if n == 0 {
			return from + i
		}
		n--
	}
	return len(text)
}

// hits returns the places in text of the words and phrases of the query.
func (q Query) hits(text string) []Span {
	folded, at := foldTraced(text)
	var all phrase
	units(folded, func(u unit) { all = append(all, u) })
	var hits []Span
	for _, p := range q.phrases {
		for i := p.in(all, 0); i >= 0; i = p.in(all, i+1) {
			hits = append(hits, at.span(all[i].start, all[i+len(p)-1].end))
		}
	}
	return mergeSpans(hits)
}

// mergeSpans sorts spans and merges those that overlap.
func mergeSpans(spans []Span) (parts []Span) {
	slices.SortFunc(spans, func(a, b Span) int { return cmp.Or(a.Start-b.Start, a.End-b.End) })
	for _, s := range spans {
		if last := len(parts) - 1; last >= 0 && s.Start < parts[last].End {
			parts[last].End = max(parts[last].End, s.End)
			continue
		}
		parts = append(parts, s)
	}
	return parts
}
