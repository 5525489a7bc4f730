package forum

import (
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ReadMessage reads a text for CleanMessage, and no more of it than is needed to refuse
// what is too long. Errors: Invalid; the reader's.
func ReadMessage(r io.Reader, maxBytes int) (string, error) {
	most := 4 * maxBytes
	b, err := io.ReadAll(io.LimitReader(r, int64(most)+1))
	if err == nil && len(b) > most {
		return "", messageTooLong("more than "+Thousands(most), maxBytes)
	}
	return string(b), err
}

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
//   - Blank lines before the text go, and line breaks behind it. White space at line ends
//     stays: a patch, or Markdown, means something by it.
//
// A text that is not UTF-8, is empty, or is longer than maxBytes bytes is Invalid.
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

// Printable returns s safe to write to any terminal in one line. It keeps what
// CleanMessage keeps, but shows what CleanMessage drops, as ‹U+202E› or, for a byte
// that is not UTF-8, ‹0xFF›; only marks in excess are dropped. \n and \t become spaces.
func Printable(s string) string { return filterText(s, showLine) }

// PrintableText is Printable with \n and \t kept.
func PrintableText(s string) string { return filterText(s, showText) }

func messageTooLong(size string, limit int) error {
	return Hinted(HintShorten, "", Errorf(Invalid, "The message has %s bytes; at most %s are allowed.", size, Thousands(limit)))
}

// notUTF8 returns the error for a text in another encoding, or for what is no text at all:
// a PDF, or what has control characters that no text has. UTF-16 has them, too.
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

// brailleBlank is a pattern of no dots, which Unicode does not count as white space.
const brailleBlank = '\u2800'

// trimLines takes off the blank lines before s and the line breaks behind it.
func trimLines(s string) string {
	start := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsSpace(r) })
	if start > 0 {
		s = s[strings.LastIndexByte(s[:start], '\n')+1:]
	}
	return strings.TrimRight(s, "\n")
}

// maxReason bounds the reason of an act, in bytes.
const maxReason = 500

// CleanReason returns the reason of an act as one line of at most 500 bytes, cleaned as
// messages are; "" stays "". Errors are of kind Invalid.
func CleanReason(reason string) (string, error) {
	if reason == "" {
		return "", nil
	}
	for { // a space that goes may leave a mark without its base
		cleaned, err := CleanMessage(reason, maxReason)
		if err != nil {
			return "", err
		}
		if reason = strings.Join(strings.Fields(cleaned), " "); reason == cleaned {
			return reason, nil
		}
	}
}
