package rules

import (
	"strings"
	"testing"
)

func TestProse(t *testing.T) {
	for text, want := range map[string]string{
		"hello @yoda":                   "hello @yoda",
		"a `@yoda` b":                   "a   b",
		"`@yoda`@luke":                  " @luke",
		"a ``x ` @yoda`` b":             "a   b",
		"it`s @yoda":                    "it`s @yoda",
		"it``s `@yoda` b":               "it``s   b",
		"a ` b\n@yoda ` c":              "a ` b\n@yoda ` c",
		"> @yoda said\nno":              "\nno",
		"  > @yoda":                     "\n",
		">@yoda":                        "\n",
		"a > @yoda":                     "a > @yoda",
		"```\n@yoda\n```\n@luke":        "\n\n\n@luke",
		"a\n```go\n@yoda\n":             "a\n\n\n",
		"````\n```\n@yoda\n````\n@luke": "\n\n\n\n@luke",
		"```\n@yoda\n``` not the end\n@han\n``` \nx": "\n\n\n\n\nx",
		"```@yoda``` @luke":                          "  @luke",
		"```\n> @yoda\n```\n> @han\n@luke":           "\n\n\n\n@luke",
		"``\n@yoda\n``":                              "``\n@yoda\n``",
	} {
		if got := prose(text); got != want {
			t.Errorf("prose(%q) = %q, want %q", text, got, want)
		}
	}
}

// FuzzProse checks that the prose of a text has the same lines, and nothing that is not in the
// text.
func FuzzProse(f *testing.F) {
	for _, text := range []string{"a `b` ``c` ` d``", "```\na\n````\n> b", "`", "```", "\n\n", ">"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := strings.Split(prose(text), "\n")
		lines := strings.Split(text, "\n")
		for i, line := range got {
			left := lines[min(i, len(lines)-1)]
			for _, part := range strings.Fields(line) {
				_, after, found := strings.Cut(left, part)
				if !found {
					t.Fatalf("prose(%q) has %q in line %d", text, part, i)
				}
				left = after
			}
		}
		if len(got) > len(lines)+1 || len(got) < len(lines) {
			t.Fatalf("prose(%q) = %q", text, got)
		}
	})
}
