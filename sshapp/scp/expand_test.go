package scp

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sshforum/forum"
	"sshforum/forum/forumtest"
)

func TestMatch(t *testing.T) {
	for _, test := range []struct {
		pattern string
		is, not []string
	}{
		{"*", []string{"", "a", "a.b", "日本"}, []string{".a", "."}},
		{"?", []string{"a", "é", "日"}, []string{"", "ab", "."}},
		{"*.pdf", []string{"a.pdf", "a.b.pdf"}, []string{".pdf", "a.pdf.", "pdf", "A.PDF"}},
		{"a*b*c", []string{"abc", "aXbYc", "abbcc", "abcbc"}, []string{"ab", "acb", "abcd"}},
		{".*", []string{".a", "."}, []string{"a"}},
		{`\.*`, []string{".a"}, []string{"a"}},
		{"?a", []string{"ba"}, []string{".a"}},
		{"[.]a", nil, []string{".a", "[.]a"}},
		{"[!a]a", []string{"ba"}, []string{".a", "aa"}},
		{"[abc]", []string{"a", "c"}, []string{"d", "", "ab"}},
		{"[a-c]x", []string{"ax", "cx"}, []string{"dx", "-x"}},
		{"[c-a]", nil, []string{"a", "b", "c"}},
		{"[!a-c]", []string{"d", "-"}, []string{"a", ""}},
		{"[^a-c]", []string{"d", "^"}, []string{"a"}},
		{"[]a]", []string{"]", "a"}, []string{"b", "[]a]"}},
		{"[!]a]", []string{"b"}, []string{"]", "a"}},
		{"[a-]", []string{"a", "-"}, []string{"b"}},
		{"[-a]", []string{"a", "-"}, []string{"b"}},
		{`[a\-c]`, []string{"a", "-", "c"}, []string{"b"}},
		{`[\!a]`, []string{"!", "a"}, []string{"b"}},
		{`[a\]b]`, []string{"a", "]", "b"}, []string{"c"}},
		{"[[:digit:]]*", []string{"1", "2a"}, []string{"a", ""}},
		{"[[:upper:]é]", []string{"A", "Ä", "é"}, []string{"a", "1"}},
		{"[![:space:]]", []string{"a"}, []string{" "}},
		{"[[:none:]]", []string{":]", "n]", "[]"}, []string{"a"}}, // a set of [:none and a bracket
		{"[a", []string{"[a"}, []string{"a"}},
		{"[", []string{"["}, []string{""}},
		{"a[!", []string{"a[!"}, []string{"ab"}},
		{`\[a]`, []string{"[a]"}, []string{"a"}},
		{`\*`, []string{"*"}, []string{"a"}},
		{`a\\b`, []string{`a\b`}, []string{"ab"}},
		{`a\`, []string{`a\`}, []string{"a"}},
		{"", []string{""}, []string{"a", "."}},
	} {
		p := compile(test.pattern)
		for _, name := range test.is {
			if !p.match(name) {
				t.Errorf("%q does not match %q", test.pattern, name)
			}
		}
		for _, name := range test.not {
			if p.match(name) {
				t.Errorf("%q matches %q", test.pattern, name)
			}
		}
	}
}

// folders has the names in two directories.
var folders = map[string][]string{
	"3331/": {"b.pdf", "a.pdf", "a1.pdf", "a[1].pdf", "*", "c d", ".new.pdf", "-rf", "café"},
	"a*/":   {"x.pdf"},
	"":      {"3331", "lobby", "a*"},
}

func expand(t *testing.T, line string) ([]string, error) {
	t.Helper()
	words, err := SplitWords(line)
	if err != nil {
		t.Fatal(err)
	}
	return Expand(t.Context(), words, func(_ context.Context, dir string) []string { return folders[dir] })
}

func TestExpand(t *testing.T) {
	for line, want := range map[string][]string{
		"3331/*.pdf":          {"3331/a.pdf", "3331/a1.pdf", "3331/a[1].pdf", "3331/b.pdf"},
		"3331/?.pdf 3331/c*":  {"3331/a.pdf", "3331/b.pdf", "3331/c d", "3331/café"},
		"3331/b.pdf 3331/*":   {"3331/b.pdf", "3331/*", "3331/-rf", "3331/a.pdf", "3331/a1.pdf", "3331/a[1].pdf", "3331/b.pdf", "3331/c d", "3331/café"},
		"3331/a[1].pdf":       {"3331/a1.pdf"},
		"'3331/a[1].pdf'":     {"3331/a[1].pdf"},
		`3331/a\[1].pdf`:      {"3331/a[1].pdf"},
		`3331/a"[1]"*`:        {"3331/a[1].pdf"},
		`3331/a\[?].pdf`:      {"3331/a[1].pdf"},
		"3331/a[2].pdf":       {"3331/a[2].pdf"}, // no match: the word itself
		`3331/\*`:             {"3331/*"},
		"'3331/*'":            {"3331/*"},
		`"3331/"*' 'd`:        {"3331/c d"},
		"3331/.*":             {"3331/.new.pdf"},
		"3331/café*":         {"3331/café"},
		"none/*":              {"none/*"},
		"a*/*":                {"a*/x.pdf"}, // only the last element is a pattern
		"*/x.pdf":             {"*/x.pdf"},
		"3331/ 3331 ~ $x {a}": {"3331/", "3331", "/", "$x", "{a}"},
		"l*":                  {"lobby"},
		"*":                   {"3331", "a*", "lobby"},
		"":                    nil,
	} {
		if got, err := expand(t, line); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v; want %q", line, got, err, want)
		}
	}
}

func TestExpandIsBounded(t *testing.T) {
	for what, line := range map[string]string{
		"a long pattern":     "3331/" + strings.Repeat("*a", maxPattern/2) + "*",
		"a long set":         "3331/[" + strings.Repeat("a-b", maxPattern/3) + "]",
		"many patterns":      strings.Repeat("3331/[!x]*[!y]*[!z] ", 1<<19),
		"many open brackets": strings.Repeat("none/"+strings.Repeat("[", maxPattern)+" ", 200),
	} {
		if _, err := expand(t, line); forum.KindOf(err) != forum.Limited || err == nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	many := make([]string, maxMatched+1)
	for i := range many {
		many[i] = "x"
	}
	words, _ := SplitWords("3331/*")
	if _, err := Expand(t.Context(), words, func(context.Context, string) []string { return many }); forum.KindOf(err) != forum.Limited || err == nil {
		t.Errorf("many matches: %v", err)
	}
	ctx, stop := context.WithCancelCause(t.Context())
	stopping := errors.New("stopping")
	stop(stopping)
	if _, err := Expand(ctx, words, func(context.Context, string) []string { return nil }); err != stopping {
		t.Errorf("stopped: %v", err)
	}
}

// A shell decides which names a pattern matches.
func TestPatternsAreThoseOfAShell(t *testing.T) {
	forumtest.NeedsProgram(t, "sh")
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "d"), 0o755); err != nil {
		t.Fatal(err)
	}
	all := []string{"a", "b", "ab", "ba", "aab", "a-b", "a]b", "[a]", "a*b", "a b", ".a", ".ab", "!a", `a\b`, "1", "A", "a1A"}
	for _, name := range all {
		if err := os.WriteFile(filepath.Join(dir, "d", name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	piece := rapid.SampledFrom([]string{"a", "b", "*", "?", "[", "]", "[!", "-", "[[:alpha:]]", "[[:digit:]", `\`, "'*'", `"?"`, `"["`, "' '", "!", ".", "1", "A"})
	rapid.Check(t, func(t *rapid.T) {
		line := "d/" + strings.Join(rapid.SliceOfN(piece, 0, 7).Draw(t, "pattern"), "")
		words, err := SplitWords(line)
		if err != nil {
			t.Skip("not a whole line")
		}
		got, err := Expand(context.Background(), words, func(context.Context, string) []string { return all })
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("sh", "-c", `printf '%s\0' end `+line)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "LC_ALL=C")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("sh: %v", err)
		}
		want := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")[1:]
		want = slices.DeleteFunc(want, func(p string) bool { return p == "d/." || p == "d/.." }) // which no tree of ours lists
		if len(want) == 0 {
			want = texts(words)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%s stands for %q, want %q", line, got, want)
		}
	})
}

// FuzzExpand: any line stands for itself or for names that are there, in time.
func FuzzExpand(f *testing.F) {
	for _, line := range []string{"3331/*.pdf", `3331/a[1]"*"?`, "3331/[!]a-c[:digit:]]", "*", "3331/[", `3331/\*\\`, "3331/café*"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		words, err := SplitWords(line)
		if err != nil {
			return
		}
		paths, err := expand(t, line)
		if err != nil && forum.KindOf(err) != forum.Limited {
			t.Fatal(err)
		}
		asked := texts(words)
		for _, p := range paths {
			at := strings.LastIndexByte(p, '/') + 1
			if !slices.Contains(asked, p) && !slices.Contains(folders[p[:at]], p[at:]) {
				t.Errorf("%q stands for %q", line, p)
			}
		}
	})
}
