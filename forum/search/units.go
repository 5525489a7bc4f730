package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/unicode/rangetable"
)

// maxWordRunes is where a longer word is cut: what is behind it is not told apart.
const maxWordRunes = 40

// unspaced are the scripts that write words without spaces between them, or, as Hangul
// does, with more than a word between spaces. Their characters are sought one by one
// and in pairs (UAX #29 leaves the words of most of them to dictionaries).
var unspaced = rangetable.Merge(
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo, unicode.Yi,
	unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
	rangetable.New('〆', '〱', '〲', '〳', '〴', '〵', '〼', 'ー'), // used with several of them
)

const firstUnspaced = 0x0E00

// unit is one thing of a text that can be sought: a word, or one character of an
// unspaced script.
type unit struct {
	term       Term
	start, end int    // its bytes in the folded text
	char       string // of an unspaced script, else ""
	joined     bool   // it is a character right behind another
}

// pair returns the term of a character and the one before it.
func (u unit) pair(before unit) Term {
	return newHash(pairKind).addString(before.char).addString(u.char).term()
}

// fold returns text so that what people take for the same is the same: in Normalization
// Form KC, without case.
func fold(text string) string {
	if isASCII(text) {
		return text // units folds it
	}
	text = norm.NFKC.String(text)
	if strings.IndexFunc(text, mayHaveCase) < 0 {
		return text
	}
	// Fold alone swaps the cases of Cherokee.
	return cases.Fold().String(strings.ToLower(text))
}

// mayHaveCase leaves out, to save time, what units folds itself and the blocks of East
// Asian scripts, from CJK radicals to Yi and Hangul syllables.
func mayHaveCase(r rune) bool {
	return r >= utf8.RuneSelf && (r < 0x2E80 || r > 0xA4CF) && (r < 0xAC00 || r > 0xD7A3)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// lower has the small letter of each ASCII letter, digits as they are, and 0 for what is
// no part of a word.
var lower = func() (table [utf8.RuneSelf]byte) {
	for c := range table {
		switch b := byte(c); {
		case 'a' <= b && b <= 'z' || '0' <= b && b <= '9':
			table[c] = b
		case 'A' <= b && b <= 'Z':
			table[c] = b + 'a' - 'A'
		}
	}
	return table
}()

// units calls yield for the units of a folded text, in order.
func units(folded string, yield func(unit)) {
	s := scanner{text: folded, yield: yield}
	for s.at < len(folded) {
		s.next()
	}
	s.endWord()
}

// scanner finds units. While it is inside a word, runes is above 0.
type scanner struct {
	text  string
	yield func(unit)
	at    int

	word  hash
	start int
	runes int
	chars int // where the last character of an unspaced script ended
}

func (s *scanner) next() {
	if c := s.text[s.at]; c < utf8.RuneSelf {
		if b := lower[c]; b != 0 {
			s.letter(1, func(h hash) hash { return h.add(b) })
			return
		}
		s.endWord()
		s.at++
		return
	}
	r, n := utf8.DecodeRuneInString(s.text[s.at:])
	raw := s.text[s.at : s.at+n]
	switch {
	case r >= firstUnspaced && unicode.Is(unspaced, r):
		s.endWord()
		s.character(raw)
	case unicode.In(r, unicode.L, unicode.N) || s.runes > 0 && unicode.Is(unicode.M, r):
		s.letter(n, func(h hash) hash { return h.addString(raw) })
	default:
		s.endWord()
		s.at += n
	}
}

// letter goes on with a word, or begins one, by n bytes.
func (s *scanner) letter(n int, add func(hash) hash) {
	if s.runes == 0 {
		s.word, s.start = newHash(wordKind), s.at
	}
	if s.runes++; s.runes <= maxWordRunes {
		s.word = add(s.word)
	}
	s.at += n
}

func (s *scanner) endWord() {
	if s.runes > 0 {
		s.yield(unit{term: s.word.term(), start: s.start, end: s.at})
		s.runes = 0
	}
}

func (s *scanner) character(char string) {
	joined := s.chars == s.at && s.at > 0
	term := newHash(wordKind).addString(char).term()
	s.yield(unit{term: term, start: s.at, end: s.at + len(char), char: char, joined: joined})
	s.at += len(char)
	s.chars = s.at
}
