package scp

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// pattern matches names (POSIX, Shell Command Language 2.13).
type pattern []token

// token matches one character; anyText matches any number of characters.
type token struct {
	kind tokenKind
	r    rune // of a literal
	set  set
}

type tokenKind uint8

const (
	literal tokenKind = iota
	anyRune           // ?
	anyText           // *
	oneOf             // [...]
)

// set is a bracket expression.
type set struct {
	not     bool
	ranges  [][2]rune
	classes []func(rune) bool
}

// compile parses a pattern in which a backslash makes the next character literal. Every string
// is a pattern: an unclosed bracket is a literal bracket.
func compile(s string) pattern {
	var p pattern
	for s != "" {
		if set, rest, ok := cutSet(s); ok {
			p, s = append(p, token{kind: oneOf, set: set}), rest
			continue
		}
		var r rune
		var escaped bool
		r, escaped, s = cutRune(s)
		switch {
		case r == '*' && !escaped:
			p = append(p, token{kind: anyText})
		case r == '?' && !escaped:
			p = append(p, token{kind: anyRune})
		default:
			p = append(p, token{r: r})
		}
	}
	return p
}

// cutRune cuts the first character off s.
func cutRune(s string) (r rune, escaped bool, rest string) {
	if len(s) > 1 && s[0] == '\\' {
		escaped, s = true, s[1:]
	}
	r, n := utf8.DecodeRuneInString(s)
	return r, escaped, s[n:]
}

// cutSet cuts a bracket expression off s, if s begins with one.
func cutSet(s string) (set set, rest string, ok bool) {
	rest, ok = strings.CutPrefix(s, "[")
	if !ok {
		return set, s, false
	}
	if rest != "" && (rest[0] == '!' || rest[0] == '^') {
		set.not, rest = true, rest[1:]
	}
	for first := true; rest != ""; first = false {
		if rest[0] == ']' && !first {
			return set, rest[1:], true
		}
		if class, after, ok := cutClass(rest); ok {
			set.classes, rest = append(set.classes, class), after
			continue
		}
		var from rune
		from, _, rest = cutRune(rest)
		to := from
		if len(rest) > 1 && rest[0] == '-' && rest[1] != ']' {
			to, _, rest = cutRune(rest[1:])
		}
		set.ranges = append(set.ranges, [2]rune{from, to})
	}
	return set, s, false
}

// classes are the character classes by the name between [: and :].
var classes = map[string]func(rune) bool{
	"alnum": func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) },
	"alpha": unicode.IsLetter,
	"blank": func(r rune) bool { return r == ' ' || r == '\t' },
	"cntrl": unicode.IsControl,
	"digit": func(r rune) bool { return '0' <= r && r <= '9' },
	"graph": func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) },
	"lower": unicode.IsLower,
	"print": unicode.IsPrint,
	"punct": func(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) },
	"space": unicode.IsSpace,
	"upper": unicode.IsUpper,
	"xdigit": func(r rune) bool {
		return '0' <= r && r <= '9' || 'a' <= r|0x20 && r|0x20 <= 'f'
	},
}

// cutClass cuts a class such as [:digit:] off s, if s begins with one.
func cutClass(s string) (class func(rune) bool, rest string, ok bool) {
	inside, ok := strings.CutPrefix(s, "[:")
	if !ok {
		return nil, s, false
	}
	name, rest, _ := strings.Cut(inside, ":]")
	class, ok = classes[name]
	return class, rest, ok
}

// match reports whether the whole name matches. Only a literal dot matches a dot at the
// beginning of a name. The time is proportional to the product of both lengths.
func (p pattern) match(name string) bool {
	if strings.HasPrefix(name, ".") && (len(p) == 0 || p[0].kind != literal) {
		return false
	}
	text := []rune(name)
	i, j := 0, 0        // next positions in p and in text
	star, ends := -1, 0 // the last anyText, and the end of its match
	for j < len(text) {
		switch {
		case i < len(p) && p[i].kind == anyText:
			star, ends = i, j
			i++
		case i < len(p) && p[i].takes(text[j]):
			i++
			j++
		case star >= 0:
			ends++
			i, j = star+1, ends
		default:
			return false
		}
	}
	for i < len(p) && p[i].kind == anyText {
		i++
	}
	return i == len(p)
}

// takes reports whether a token other than anyText matches a character.
func (t token) takes(r rune) bool {
	switch t.kind {
	case anyRune:
		return true
	case oneOf:
		return t.set.has(r) != t.set.not
	}
	return t.r == r
}

func (s set) has(r rune) bool {
	return slices.ContainsFunc(s.ranges, func(in [2]rune) bool { return in[0] <= r && r <= in[1] }) ||
		slices.ContainsFunc(s.classes, func(has func(rune) bool) bool { return has(r) })
}
