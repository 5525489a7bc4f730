package forum

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// CleanMessage returns text as the forum stores it: UTF-8 in Normalization Form C,
// with line breaks as \n, and nothing in it that steers a terminal or hides.
//
//   - Every line break of UAX #14 (CR, CRLF, VT, FF, NEL, U+2028, U+2029) becomes \n.
//     Tabs stay. Escape sequences (ECMA-48) go as a whole, other controls alone.
//   - Bidirectional embeddings, overrides and isolates go, so that no line reorders
//     another. The marks U+200E, U+200F and U+061C stay.
//   - ZWJ and ZWNJ stay inside a word and after a virama, ZWJ also between pictographs.
//     Other invisible characters go, among them tags outside the flags of England,
//     Scotland and Wales.
//   - A base carries at most four combining marks, one of them a variation selector;
//     more go, and so do marks with no base on their line.
//   - Private use and unassigned code points become visible, as ‹U+E0A0›; those Unicode
//     reserves for pictographs stay, as a newer terminal may know them.
//   - White space at line ends and blank lines around the text go.
//
// A text that is not UTF-8, is empty, or is longer than maxBytes bytes is Invalid.
func CleanMessage(text string, maxBytes int) (string, error) {
	if len(text)/4 > maxBytes {
		return "", messageTooLong(len(text), maxBytes)
	}
	if !utf8.ValidString(text) {
		return "", Errorf(Invalid, "The text is not valid UTF-8; convert it first, for example with iconv.")
	}
	text = trimLines(filterText(text, storeText))
	if strings.IndexFunc(text, hasInk) < 0 {
		return "", Errorf(Invalid, "The message is empty; write something.")
	}
	if len(text) > maxBytes {
		return "", messageTooLong(len(text), maxBytes)
	}
	return text, nil
}

// Printable returns s safe to write to any terminal in one line. It keeps what
// CleanMessage keeps, but shows what CleanMessage drops, as ‹U+202E› or, for a byte
// that is not UTF-8, ‹0xFF›; only marks in excess are dropped. \n and \t become spaces.
func Printable(s string) string { return filterText(s, showLine) }

// PrintableText is Printable with \n and \t kept.
func PrintableText(s string) string { return filterText(s, showText) }

func messageTooLong(size, limit int) error {
	return Errorf(Invalid, "The message has %s bytes; at most %s are allowed. Shorten it or post it in parts.",
		thousands(size), thousands(limit))
}

func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func hasInk(r rune) bool { return !unicode.IsSpace(r) && !slices.Contains(bidiMarks, r) }

// trimLines takes off the white space at line ends and the blank lines around s.
func trimLines(s string) string {
	s = strings.TrimRightFunc(s, unicode.IsSpace)
	start := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsSpace(r) })
	if start > 0 {
		s = s[strings.LastIndexByte(s[:start], '\n')+1:]
	}

	trailing := func(r rune) bool { return r != '\n' && unicode.IsSpace(r) }
	var out strings.Builder
	copied := 0
	for i := range len(s) {
		if s[i] != '\n' {
			continue
		}
		if kept := strings.TrimRightFunc(s[copied:i], trailing); len(kept) < i-copied {
			out.WriteString(kept)
			copied = i
		}
	}
	if copied == 0 {
		return s
	}
	out.WriteString(s[copied:])
	return out.String()
}
