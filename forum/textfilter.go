package forum

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

type textMode uint8

const (
	storeText textMode = iota
	showLine
	showText
)

// maxMarks is the highest number of marks on one base. Vietnamese, polytonic Greek, Thai and
// pointed Hebrew stay below it, and Burmese just reaches it.
const maxMarks = 4

// filterText applies the policy and normalises. Dropping a character can bring a base and a
// mark together, and composing can lengthen the row of marks, so text that normalising has
// changed is filtered again.
func filterText(s string, mode textMode) string {
	once := (&textFilter{src: s, mode: mode}).run()
	normal := norm.NFC.String(once)
	if normal == once {
		return once
	}
	return (&textFilter{src: normal, mode: mode}).run()
}

// A textFilter reads src once. It judges a character by those kept so far and by the next one,
// so a second run over its output changes nothing.
type textFilter struct {
	src    string
	mode   textMode
	out    []byte // the result for src[:copied]
	copied int

	base   rune // the base of the marks that follow, or 0
	last   rune // the last character kept
	marks  int  // number of marks on base so far
	varied bool // one of them is a variation selector
}

func (f *textFilter) run() string {
	for i := 0; i < len(f.src); {
		if c := f.src[i]; ' ' <= c && c <= '~' {
			f.stand(rune(c))
			i++
			continue
		}
		n, instead, keep := f.judge(f.src[i:])
		if !keep {
			f.out = append(f.out, f.src[f.copied:i]...)
			f.out = append(f.out, instead...)
			f.copied = i + n
		}
		i += n
	}
	if f.copied == 0 {
		return f.src
	}
	return string(append(f.out, f.src[f.copied:]...))
}

func (f *textFilter) stand(r rune) {
	f.base, f.last, f.marks, f.varied = r, r, 0, false
}

// judge decides on the n bytes at the start of rest: whether to keep them, or what to write
// instead.
func (f *textFilter) judge(rest string) (n int, instead string, keep bool) {
	r, n := utf8.DecodeRuneInString(rest)
	switch {
	case r == '\n' || r == '\t':
		return f.space(r)
	case r == utf8.RuneError && n == 1:
		return n, f.show("‹0x%02X›", rune(rest[0])), false
	case unicode.IsControl(r) || r == lineSeparator || r == paragraphSeparator:
		return f.control(r, rest)
	case r == zwj || r == zwnj:
		if f.joins(r, rest[n:]) {
			f.last = r
			return n, "", true
		}
	case ignorable(r):
	case zeroWidth(r):
		return n, "", f.pile(r)
	case takesCell(r):
		f.stand(r)
		return n, "", true
	case slices.Contains(bidiMarks, r):
		f.base, f.last = 0, r
		return n, "", true
	case f.last == blackFlag:
		for _, tags := range flagTags {
			if strings.HasPrefix(rest, tags) {
				f.base, f.last = 0, r
				return len(tags), "", true
			}
		}
	}
	if f.mode == storeText && (ignorable(r) || unicode.Is(unicode.Cf, r)) {
		return n, "", false
	}
	return n, f.show("‹U+%04X›", r), false
}

func (f *textFilter) show(format string, r rune) string {
	f.stand('›')
	return fmt.Sprintf(format, r)
}

func (f *textFilter) space(r rune) (n int, instead string, keep bool) {
	if f.mode == showLine {
		f.stand(' ')
		return 1, " ", false
	}
	f.base, f.last = 0, r
	return 1, "", true
}

func (f *textFilter) control(r rune, rest string) (n int, instead string, keep bool) {
	switch {
	case f.mode != storeText:
		return utf8.RuneLen(r), f.show("‹U+%04X›", r), false
	case strings.HasPrefix(rest, "\r\n"):
		n = 2
	case strings.ContainsRune("\v\f\r\u0085\u2028\u2029", r):
		n = utf8.RuneLen(r)
	default:
		return controlLen(rest), "", false
	}
	f.base, f.last = 0, '\n'
	return n, "\n", false
}

// pile counts r among the marks on the base, and reports whether it may stay.
func (f *textFilter) pile(r rune) bool {
	if !f.mayPile(r) {
		return false
	}
	f.last = r
	f.marks++
	f.varied = f.varied || unicode.Is(unicode.Variation_Selector, r)
	return true
}

func (f *textFilter) mayPile(r rune) bool {
	return f.base != 0 && f.marks < maxMarks && !(f.varied && unicode.Is(unicode.Variation_Selector, r))
}

// joins reports whether a joiner has an effect between the characters kept so far and rest.
// After a virama it chooses the form of the letter before it, whatever follows (RFC 5892,
// appendix A).
func (f *textFilter) joins(joiner rune, rest string) bool {
	next, _ := utf8.DecodeRuneInString(rest)
	switch {
	case f.last == zwj || f.last == zwnj:
		return false
	case unicode.Is(pictographs, f.base):
		return joiner == zwj && unicode.Is(pictographs, next)
	case !unicode.In(f.base, unicode.L, unicode.Mc):
		return false
	case norm.NFC.PropertiesString(string(f.last)).CCC() == virama:
		return true
	case ignorable(next):
		return false
	case zeroWidth(next):
		return f.mayPile(next)
	default:
		return unicode.In(next, unicode.L, unicode.Mc)
	}
}
