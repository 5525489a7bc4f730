package rules

import (
	"slices"
	"strings"
	"testing"
)

func TestNamesAreFound(t *testing.T) {
	for text, want := range map[string][]string{
		"@yoda":                             {"yoda"},
		"hello @yoda, and @Luke!":           {"yoda", "Luke"},
		"(@yoda) \"@luke\" @leia: @han's":   {"yoda", "luke", "leia", "han"},
		"@yoda.":                            {"yoda.", "yoda"},
		"@yoda...":                          {"yoda...", "yoda..", "yoda.", "yoda"},
		"@yoda-san":                         {"yoda-san", "yoda"},
		"@r2.d2 @c_3po":                     {"r2.d2", "c_3po"},
		"mail yoda@dagobah.example":         nil,
		"mail yoda.@dagobah.example":        nil,
		"https://medium.example/@yoda":      nil,
		"@ @@ @. @!":                        {"."},
		"@yoda@dagobah":                     {"yoda"},
		"line\n@yoda":                       {"yoda"},
		"@ルークさん":                            {"ルークさん", "ルークさ", "ルーク", "ルー", "ル"},
		"こんにちは@luke":                        {"luke"},
		"@yodaさん":                           {"yodaさん", "yodaさ", "yoda"},
		"@" + strings.Repeat("a", 33):       nil,
		"@" + strings.Repeat("a", 32) + "-": {strings.Repeat("a", 32)},
	} {
		var got []string
		for word := range mentionCandidates(text) {
			got = slices.AppendSeq(got, namesIn(word))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestExcerpt(t *testing.T) {
	for text, want := range map[string]string{
		"short":                         "short",
		"two\n\tlines":                  "two lines",
		strings.Repeat("x", 60):         strings.Repeat("x", 60),
		strings.Repeat("x", 61):         strings.Repeat("x", 60) + "…",
		strings.Repeat("日本", 40):        strings.Repeat("日本", 30) + "…",
		"a" + strings.Repeat(" ", 5000): "a…",
		strings.Repeat("é\n", 2000):     strings.Repeat("é ", 29) + "é…",
	} {
		if got := excerpt(text); got != want {
			t.Errorf("the excerpt of %.20q... is %q, want %q", text, got, want)
		}
	}
}
