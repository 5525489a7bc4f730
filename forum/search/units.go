package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/unicode/rangetable"
)

// maxWordRunes is the number of characters by which words are distinguished; the rest of a
// longer word is ignored.
const maxWordRunes = 40

// unspaced are the scripts that write words without spaces between them or, like Hangul,
// several words between spaces. Their characters are looked up one by one and in pairs (UAX #29
// leaves the words of most of them to dictionaries).
var unspaced = rangetable.Merge(
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo, unicode.Yi,
	unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
	rangetable.New('〆', '〱', '〲', '〳', '〴', '〵', '〼', 'ー'), // used with several of these scripts
)

const firstUnspaced = 0x0E00

// unit is the smallest part of a text that a search finds: a word, or one character of an
// unspaced script.
type unit struct {
	term       Term
	start, end int    // byte offsets in the folded text
	char       string // the character, if it is of an unspaced script; otherwise ""
	joined     bool   // it is a character directly behind another one of an unspaced script
}

// pair returns the term of the character before and u.
func (u unit) pair(before unit) Term {
	return newHash(pairKind).addString(before.char).addString(u.char).term()
}

// fold returns text in Normalization Form KC and without case, so that texts that people take
// for equal become equal.
func fold(text string) string {
	if isASCII(text) {
		return text // units folds ASCII letters
	}
	text = norm.NFKC.String(text)
	if strings.IndexFunc(text, mayHaveCase) < 0 {
		return text
	}
	// Fold without ToLower swaps the cases of Cherokee.
	return cases.Fold().String(strings.ToLower(text))
}

// mayHaveCase reports whether fold must fold the case of r. To save time it excludes ASCII,
// which units folds, and the blocks of East Asian scripts, from CJK radicals to Yi and Hangul
// syllables.
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

// lower maps ASCII letters to small letters and digits to themselves, and all other characters,
// which are in no word, to 0.
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

// units calls yield for each unit of a folded text, in order.
func units(folded string, yield func(unit)) {
	s := scanner{text: folded, yield: yield}
	for s.at < len(folded) {
		s.next()
	}
	s.endWord()
}

// scanner finds the units of a text. Inside a word, runes is above 0.
type scanner struct {
	text  string
	yield func(unit)
	at    int

	word  hash
	start int
	runes int
	chars int // end of the last character of an unspaced script
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

// letter adds the next n bytes to the present word, or begins a word with them.
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
