package command

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestReadWord(t *testing.T) {
	for _, test := range []struct {
		line, word string
		n          int
		problem    string
	}{
		{"", "", 0, ""},
		{"abc", "abc", 3, ""},
		{"abc def", "abc", 3, ""},
		{"a\tb", "a", 1, ""},
		{"a\nb", "a", 1, ""},
		{"a\r\nb", "a", 1, ""},
		{" a", "", 0, ""},
		{"it's fine", "it's", 4, ""},
		{`5"disk`, `5"disk`, 6, ""},
		{`a\ b`, `a\`, 2, ""},
		{`a\"b`, `a\"b`, 4, ""},
		{`"a b" c`, "a b", 5, ""},
		{`'a b' c`, "a b", 5, ""},
		{`"it's" x`, "it's", 6, ""},
		{`'say "x"'`, `say "x"`, 9, ""},
		{`""`, "", 2, ""},
		{`''`, "", 2, ""},
		{`"a\"b\\c\d"`, `a"b\c\d`, 11, ""},
		{`'a\'`, `a\`, 4, ""},
		{`'a\\b'`, `a\\b`, 6, ""},
		{"\"a\nb\"", "a\nb", 5, ""},
		{"\xff\x00\xc3 b", "\xff\x00\xc3", 3, ""},
		{"\"\xff\xc3\"", "\xff\xc3", 4, ""},
		{"a\u00a0b", "a\u00a0b", 4, ""},
		{`"abc d`, "abc d", 6, `a word that starts with " needs a closing "`},
		{`'tis so`, "tis so", 7, `a word that starts with ' needs a closing '`},
		{`"`, "", 1, `a word that starts with " needs a closing "`},
		{`"a\"`, `a"`, 4, `a word that starts with " needs a closing "`},
		{`"a\`, `a\`, 3, `a word that starts with " needs a closing "`},
		{`"a"b c`, "a", 4, `a closing " must be followed by a space`},
		{`'a''b'`, "a", 6, `a closing ' must be followed by a space`},
	} {
		word, n, err := readWord(test.line)
		problem := ""
		if err != nil {
			problem = err.Error()
		}
		if word != test.word || n != test.n || problem != test.problem {
			t.Errorf("readWord(%q) = %q, %d, %q; want %q, %d, %q",
				test.line, word, n, problem, test.word, test.n, test.problem)
		}
	}
}

func TestSplitVerb(t *testing.T) {
	for _, test := range []struct{ line, verb, rest string }{
		{"", "", ""},
		{"  ", "", ""},
		{"LST", "LST", ""},
		{"lst ", "lst", " "},
		{" \tMSG t  it's  ", "MSG", " t  it's  "},
		{"MSG\nt\nx", "MSG", "\nt\nx"},
		{"LST\r\n", "LST", "\r\n"},
		{"'LST' x", "'LST'", " x"},
		{"\xff\xfe x", "\xff\xfe", " x"},
	} {
		verb, rest := SplitVerb(test.line)
		if verb != test.verb || rest != test.rest {
			t.Errorf("SplitVerb(%q) = %q, %q; want %q, %q", test.line, verb, rest, test.verb, test.rest)
		}
	}
}

func TestQuote(t *testing.T) {
	for _, test := range []struct{ word, quoted string }{
		{"abc", "abc"},
		{"it's", "it's"},
		{`a\b"c`, `a\b"c`},
		{"-1", "-1"},
		{"", `""`},
		{"a b", `"a b"`},
		{"a\nb", "\"a\nb\""},
		{"'tis", `"'tis"`},
		{`"x\`, `"\"x\\"`},
		{"--all", `"--all"`},
		{"--", `"--"`},
		{"\xff", "\xff"},
	} {
		if quoted := Quote(test.word); quoted != test.quoted {
			t.Errorf("Quote(%q) = %s, want %s", test.word, quoted, test.quoted)
		}
	}
}

// word draws a word of bytes that matter to the parser.
func word() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.String(),
		rapid.StringOfN(rapid.SampledFrom([]rune(`ab'"\-= 	`+"\r\n")), 0, 8, -1),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 8), func(b []byte) string { return string(b) }),
	)
}

func blank() *rapid.Generator[string] {
	return rapid.StringOfN(rapid.SampledFrom([]rune(blanks)), 1, 4, -1)
}

// Any words are read back from a line of their quoted forms, whatever blanks separate them.
func TestQuotedWordsComeBack(t *testing.T) {
	u := mustUsage(t, "FOLLOW [thread ...] [--quiet]")
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOf(word()).Draw(t, "words")
		var line strings.Builder
		for _, w := range words {
			line.WriteString(blank().Draw(t, "blank") + Quote(w))
		}
		line.WriteString(rapid.SampledFrom([]string{"", " ", "\r\n"}).Draw(t, "end"))
		args, err := u.Parse(line.String())
		if err != nil {
			t.Fatalf("Parse(%q): %v", line.String(), err)
		}
		if got := args.Words("thread"); !slices.Equal(got, words) {
			t.Fatalf("Parse(%q) reads %q, want %q", line.String(), got, words)
		}
	})
}
