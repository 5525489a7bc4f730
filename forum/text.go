package forum

import (
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ReadMessage reads a text for CleanMessage. It reads only as much as it needs to refuse a text
// that is too long. Errors: Invalid; the reader's.
func ReadMessage(r io.Reader, maxBytes int) (string, error) {
	most := 4 * maxBytes
	b, err := io.ReadAll(io.LimitReader(r, int64(most)+1))
	if err == nil && len(b) > most {
		return "", messageTooLong("more than "+Thousands(most), maxBytes)
	}
	return string(b), err
}

// CleanMessage returns text as the forum stores it: UTF-8 in Normalization Form C, with line
// breaks as \n, without characters that control a terminal or hide text.
//
//   - Every line break of UAX #14 (CR, CRLF, VT, FF, NEL, U+2028, U+2029) becomes \n.
//     Tabs stay. Escape sequences (ECMA-48) are removed as a whole, other controls one by one.
//   - Bidirectional embeddings, overrides and isolates are removed, so that no line reorders
//     another. The marks U+200E, U+200F and U+061C stay.
//   - ZWJ and ZWNJ stay inside a word and after a virama, ZWJ also between pictographs.
//     Other invisible characters are removed, among them tags outside the flags of England,
//     Scotland and Wales.
//   - A base keeps at most four combining marks, one of them a variation selector; further
//     marks are removed, and so are marks without a base on their line.
//   - Private use and unassigned code points become visible, as ‹U+E0A0›. Code points that
//     Unicode reserves for pictographs stay, because a newer terminal may know them.
//   - Blank lines before the text and line breaks behind it are removed. White space at line
//     ends stays: in a patch or in Markdown it has a meaning.
//
// Errors: Invalid if the text is not UTF-8, is empty, or is longer than maxBytes bytes.
func CleanMessage(text string, maxBytes int) (string, error) {
	if len(text)/4 > maxBytes {
		return "", messageTooLong(Thousands(len(text)), maxBytes)
	}
	if !utf8.ValidString(text) {
		return "", notUTF8(text)
	}
	text = trimLines(filterText(text, storeText))
	if strings.IndexFunc(text, hasInk) < 0 {
		return "", Errorf(Invalid, "The message is empty; write something.")
	}
	if len(text) > maxBytes {
		return "", messageTooLong(Thousands(len(text)), maxBytes)
	}
	return text, nil
}

// Printable returns s in a form that is safe to write to any terminal, in one line. It keeps
// what CleanMessage keeps, but shows what CleanMessage drops, as ‹U+202E› or, for a byte that
// is not UTF-8, ‹0xFF›; it drops only excess marks. \n and \t become spaces.
func Printable(s string) string { return filterText(s, showLine) }

// PrintableText is Printable, except that it keeps \n and \t.
func PrintableText(s string) string { return filterText(s, showText) }

func messageTooLong(size string, limit int) error {
	return Hinted(HintShorten, "", Errorf(Invalid, "The message has %s bytes; at most %s are allowed.", size, Thousands(limit)))
}

// notUTF8 returns the error for a text in another encoding, or for bytes that are not text: a
// PDF, or bytes with control characters that no text has. UTF-16 has them, too.
func notUTF8(text string) error {
	utf16 := strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff")
	control := func(r rune) bool { return r < ' ' && !strings.ContainsRune("\b\t\n\v\f\r\x1b", r) }
	if !utf16 && (strings.HasPrefix(text, "%PDF-") || strings.ContainsFunc(text, control)) {
		return Hinted(HintSendFile, "", Errorf(Invalid, "This is not a text but a file."))
	}
	return Errorf(Invalid, "The text is not valid UTF-8; convert it first, for example with iconv.")
}

func Thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func hasInk(r rune) bool {
	return !unicode.IsSpace(r) && r != brailleBlank && !slices.Contains(bidiMarks, r)
}

// brailleBlank is a pattern without dots, which Unicode does not count as white space.
const brailleBlank = '\u2800'

// trimLines removes the blank lines before s and the line breaks behind it.
func trimLines(s string) string {
	start := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsSpace(r) })
	if start > 0 {
		s = s[strings.LastIndexByte(s[:start], '\n')+1:]
	}
	return strings.TrimRight(s, "\n")
}

// maxReason is the greatest length of a reason in bytes.
const maxReason = 500

// CleanReason returns the reason of an act as one line of at most 500 bytes, cleaned like a
// message; "" stays "". Errors: Invalid.
func CleanReason(reason string) (string, error) {
	if reason == "" {
		return "", nil
	}
	for { // removing a space may leave a mark without its base
		cleaned, err := CleanMessage(reason, maxReason)
		if err != nil {
			return "", err
		}
		if reason = strings.Join(strings.Fields(cleaned), " "); reason == cleaned {
			return reason, nil
		}
	}
}
