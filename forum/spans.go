package forum

import (
	"cmp"
	"slices"
)

// Span is a range of a thread's entries by their Seqs, including From and To.
type Span struct{ From, To uint64 }

func (s Span) Length() uint64 { return s.To - s.From + 1 }

// maxSpans is the highest number of spans kept for a thread that is read in pieces.
const maxSpans = 32

// Marks has the entries of a thread that somebody has read: all up to Upto, and those of Spans,
// which are above it, in ascending order and not adjacent.
type Marks struct {
	Upto  uint64
	Spans []Span
}

// Has reports whether the entry seq is read.
func (m Marks) Has(seq uint64) bool {
	return seq <= m.Upto || slices.ContainsFunc(m.Spans, func(s Span) bool { return s.From <= seq && seq <= s.To })
}

// With returns m with s read as well. If there are more than maxSpans spans, it forgets the
// shortest, the earliest of several, so that at worst a few entries are shown again.
func (m Marks) With(s Span) Marks {
	s.From = max(s.From, 1)
	if s.To < s.From {
		return m
	}
	spans := make([]Span, 0, len(m.Spans)+1)
	for _, other := range m.Spans {
		if other.To+1 < s.From || s.To+1 < other.From {
			spans = append(spans, other)
			continue
		}
		s = Span{min(s.From, other.From), max(s.To, other.To)}
	}
	if s.From <= m.Upto+1 {
		return Marks{max(m.Upto, s.To), spans}
	}
	at, _ := slices.BinarySearchFunc(spans, s, func(a, b Span) int { return cmp.Compare(a.From, b.From) })
	return Marks{m.Upto, shortened(slices.Insert(spans, at, s))}
}

// Without returns m with the entry seq unread. It may forget a span, like With.
func (m Marks) Without(seq uint64) Marks {
	if !m.Has(seq) {
		return m
	}
	spans := make([]Span, 0, len(m.Spans)+1)
	left := Marks{Upto: min(m.Upto, seq-1)}
	for _, s := range append([]Span{{left.Upto + 1, m.Upto}}, m.Spans...) {
		for _, part := range []Span{{s.From, min(s.To, seq-1)}, {max(s.From, seq+1), s.To}} {
			if part.From <= part.To {
				spans = append(spans, part)
			}
		}
	}
	left.Spans = shortened(spans)
	return left
}

// shortened returns spans without the shortest one if there are too many.
func shortened(spans []Span) []Span {
	if len(spans) <= maxSpans {
		return spans
	}
	shortest := 0
	for i, s := range spans {
		if s.Length() < spans[shortest].Length() {
			shortest = i
		}
	}
	return slices.Delete(spans, shortest, shortest+1)
}

// And returns the entries read by m or by other.
func (m Marks) And(other Marks) Marks {
	m = m.With(Span{1, other.Upto})
	for _, s := range other.Spans {
		m = m.With(s)
	}
	return m
}

// Within returns m without the entries above last.
func (m Marks) Within(last uint64) Marks {
	cut := Marks{Upto: min(m.Upto, last)}
	for _, s := range m.Spans {
		if s.From <= last {
			cut.Spans = append(cut.Spans, Span{s.From, min(s.To, last)})
		}
	}
	return cut
}

func (m Marks) Equal(other Marks) bool {
	return m.Upto == other.Upto && slices.Equal(m.Spans, other.Spans)
}
