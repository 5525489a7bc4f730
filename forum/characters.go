package forum

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	escape             = 0x1B
	dcs, sos, csi      = 0x90, 0x98, 0x9B
	osc, pm, apc       = 0x9D, 0x9E, 0x9F
	lineSeparator      = '\u2028'
	paragraphSeparator = '\u2029'
	zwnj               = '\u200C'
	zwj                = '\u200D'
	blackFlag          = '\U0001F3F4'
	object             = '\uFFFC' // U+FFFC, stands for an embedded object; graphic by category, but shows nothing
	virama             = 9        // the canonical combining class of the signs that mute a vowel
)

// ByteOrderMark is the character that some editors and PowerShell write at the beginning of
// UTF-8.
const ByteOrderMark = "\uFEFF"

var bidiMarks = []rune{'\u061C', '\u200E', '\u200F'}

// flagTags are the tag characters that follow U+1F3F4 in the emoji tag sequences recommended
// for general interchange (UTS #51): gbeng, gbsct and gbwls.
var flagTags = []string{
	"\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F",
	"\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F",
	"\U000E0067\U000E0062\U000E0077\U000E006C\U000E0073\U000E007F",
}

// pictographs has the characters of emoji ZWJ sequences, and the ranges of the planes that are
// Extended_Pictographic before any emoji is assigned there (UTS #51).
var pictographs = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x2190, Hi: 0x21FF, Stride: 1},
		{Lo: 0x2300, Hi: 0x23FF, Stride: 1},
		{Lo: 0x2600, Hi: 0x27BF, Stride: 1},
		{Lo: 0x2900, Hi: 0x297F, Stride: 1},
		{Lo: 0x2B00, Hi: 0x2B55, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x1F000, Hi: 0x1FAFF, Stride: 1},
		{Lo: 0x1FC00, Hi: 0x1FFFD, Stride: 1},
	},
}

// conjoiningJamo are the Hangul vowels and finals, which terminals draw in the cell of the
// initial before them.
var conjoiningJamo = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x1160, Hi: 0x11FF, Stride: 1},
		{Lo: 0xD7B0, Hi: 0xD7FF, Stride: 1},
	},
}

// ignorable reports whether r shows nothing by itself although its category is a graphic one,
// such as U+3164 HANGUL FILLER.
func ignorable(r rune) bool {
	return r == object || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

// zeroWidth reports whether r takes no cell of its own.
func zeroWidth(r rune) bool { return unicode.In(r, unicode.Mn, unicode.Me, conjoiningJamo) }

// takesCell reports whether r takes a cell of its own.
func takesCell(r rune) bool {
	return unicode.IsGraphic(r) || unicode.In(r, pictographs, unicode.Prepended_Concatenation_Mark)
}

// controlLen returns the length of the control function at the start of s: an escape sequence
// in its 7-bit or 8-bit form (ECMA-48, sections 5.3 to 5.6; nF sequences from ECMA-35, section
// 13.2), or one control character. For an unfinished sequence it returns the length of the
// introducer.
func controlLen(s string) int {
	r, n := utf8.DecodeRuneInString(s)
	if r == escape && len(s) > 1 {
		if '@' <= s[1] && s[1] <= '_' {
			r, n = rune(s[1])+0x40, 2
		} else if end := span(s, 1, ' ', '/'); span(s, end, '0', '~') > end {
			return end + 1
		}
	}
	switch r {
	case csi:
		end := span(s, span(s, n, '0', '?'), ' ', '/')
		if span(s, end, '@', '~') > end {
			return end + 1
		}
	case osc, dcs, sos, pm, apc:
		return n + stringLen(s[n:])
	}
	return n
}

// stringLen returns the length of a control string with its terminator (ST, or BEL, which
// terminals accept), or 0 if another control comes first.
func stringLen(s string) int {
	end := strings.IndexFunc(s, unicode.IsControl)
	if end < 0 {
		return 0
	}
	for _, terminator := range []string{"\a", "\x1b\\", "\u009c"} {
		if strings.HasPrefix(s[end:], terminator) {
			return end + len(terminator)
		}
	}
	return 0
}

// span returns the first index from i on whose byte is not in lo to hi.
func span(s string, i int, lo, hi byte) int {
	for i < len(s) && lo <= s[i] && s[i] <= hi {
		i++
	}
	return i
}
