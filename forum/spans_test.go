package forum

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Marks to which spans were added in any order are the union of these spans, as long as there
// are not too many.
func TestMarksAreTheUnionOfWhatWasShown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m Marks
		read := make(map[uint64]bool)
		for range rapid.IntRange(0, 40).Draw(t, "spans") {
			s := Span{From: rapid.Uint64Range(1, 60).Draw(t, "from")}
			s.To = s.From + rapid.Uint64Range(0, 9).Draw(t, "more")
			m = m.With(s)
			for seq := s.From; seq <= s.To; seq++ {
				read[seq] = true
			}
			for seq := range uint64(80) {
				if m.Has(seq+1) != read[seq+1] {
					t.Fatalf("after %v: %d read: %v, want %v; marks %+v", s, seq+1, m.Has(seq+1), read[seq+1], m)
				}
			}
			checkOrder(t, m)
		}
	})
}

// Without removes exactly one entry, as long as there are not too many spans.
func TestMarksWithout(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Marks{Upto: rapid.Uint64Range(0, 9).Draw(t, "upto")}
		for range rapid.IntRange(0, 9).Draw(t, "spans") {
			from := rapid.Uint64Range(1, 60).Draw(t, "from")
			m = m.With(Span{from, from + rapid.Uint64Range(0, 9).Draw(t, "more")})
		}
		seq := rapid.Uint64Range(1, 70).Draw(t, "seq")
		without := m.Without(seq)
		for other := range uint64(80) {
			if other++; without.Has(other) != (m.Has(other) && other != seq) {
				t.Fatalf("%+v without %d is %+v", m, seq, without)
			}
		}
		checkOrder(t, without)
		if again := without.With(Span{seq, seq}); m.Has(seq) && !again.Equal(m) {
			t.Fatalf("%+v without %d and with it is %+v", m, seq, again)
		}
	})
}

// checkOrder fails the test unless spans ascend and are not adjacent to each other or to Upto.
func checkOrder(t *rapid.T, m Marks) {
	end := m.Upto
	for _, s := range m.Spans {
		if s.From <= end+1 || s.To < s.From {
			t.Fatalf("marks out of order: %+v", m)
		}
		end = s.To
	}
}

// If there are too many spans, only the shortest is forgotten.
func TestMarksForgetTheShortest(t *testing.T) {
	var m Marks
	for i := range uint64(maxSpans) {
		m = m.With(Span{10 * (i + 1), 10*(i+1) + 2})
	}
	full := m
	m = m.With(Span{1000, 1000})
	if !m.Equal(full) {
		t.Errorf("a shorter span pushed out a longer one: %+v", m)
	}
	m = m.With(Span{1000, 1009})
	if m.Has(10) || !m.Has(20) || !m.Has(1009) || len(m.Spans) != maxSpans {
		t.Errorf("a longer span did not take the first shortest one's place: %+v", m)
	}
	if m = m.With(Span{1, 9}); m.Upto != 9 || len(m.Spans) != maxSpans {
		t.Errorf("what begins the thread is no span: %+v", m)
	}
}

func TestMarksWithin(t *testing.T) {
	m := Marks{Upto: 9, Spans: []Span{{11, 12}, {14, 20}, {30, 31}}}
	if got := m.Within(15); got.Upto != 9 || !slices.Equal(got.Spans, []Span{{11, 12}, {14, 15}}) {
		t.Errorf("marks of a shorter thread: %+v", got)
	}
	if got := m.Within(3); got.Upto != 3 || got.Spans != nil {
		t.Errorf("marks of a much shorter thread: %+v", got)
	}
}
