package blobs

import (
	"testing"

	"pgregory.net/rapid"
)

// TestSpans compares a set with one that has a bool for each position.
func TestSpans(t *testing.T) {
	const size = 60
	position := rapid.IntRange(0, size)
	rapid.Check(t, func(t *rapid.T) {
		var s spans
		var in [size]bool
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				from, to := position.Draw(t, "from"), position.Draw(t, "to")
				if from >= to {
					t.Skip("empty")
				}
				s.add(int64(from), int64(to))
				for i := from; i < to; i++ {
					in[i] = true
				}
			},
			"cut": func(t *rapid.T) {
				pos := position.Draw(t, "position")
				s.cut(int64(pos))
				clear(in[pos:])
			},
			"": func(t *rapid.T) {
				prefix := 0
				for prefix < size && in[prefix] {
					prefix++
				}
				if s.prefix != int64(prefix) {
					t.Fatalf("the prefix is %d, not %d", s.prefix, prefix)
				}
				last := s.prefix
				for _, r := range s.rest {
					if r.from <= last || r.to <= r.from {
						t.Fatalf("ranges %v after %d", s.rest, s.prefix)
					}
					last = r.to
				}
				from, to := position.Draw(t, "from"), position.Draw(t, "to")
				all := true
				for i := from; i < to; i++ {
					all = all && in[i]
				}
				if from < to && s.cover(int64(from), int64(to)) != all {
					t.Fatalf("%d to %d covered: %v", from, to, !all)
				}
			},
		})
	})
}

// TestSpansAreBounded: spans beyond the limit are forgotten, and the prefix still grows.
func TestSpansAreBounded(t *testing.T) {
	var s spans
	for i := range int64(10 * maxSpans) {
		s.add(10+2*i, 11+2*i)
	}
	if len(s.rest) != maxSpans {
		t.Errorf("%d ranges", len(s.rest))
	}
	s.add(0, 10+4*maxSpans)
	if want := int64(10 + 4*maxSpans); s.prefix != want || len(s.rest) != 0 {
		t.Errorf("the prefix is %d, not %d, with %d ranges behind", s.prefix, want, len(s.rest))
	}
}
