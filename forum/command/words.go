package command

import (
	"fmt"
	"strings"
)

// blanks separate words.
const blanks = " \t\r\n"

// SplitVerb cuts a line after its first word. The verb is as it was typed; rest is
// the end of the line, byte for byte, and starts with the blank after the verb, so
// that rest is empty only while the verb may still be being typed.
func SplitVerb(line string) (verb, rest string) {
	line = strings.TrimLeft(line, blanks)
	n := plainLen(line)
	return line[:n], line[n:]
}

// Quote writes word so that a line with it parses back to word as one argument. A
// word that needs no quotes is returned as it is.
func Quote(word string) string {
	if word != "" && !strings.ContainsAny(word, blanks) && !startsQuote(word) && !strings.HasPrefix(word, "--") {
		return word
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(word) + `"`
}

// A token is one word of a line, or the rest of it.
type token struct {
	role       role
	text       string // a word without its quotes, a flag's name, or the rest as typed
	start, end int    // bytes of the line it takes, quotes included

	hasValue bool   // of a flag: it is written --name=value
	value    string // without its quotes
	valueAt  int    // the byte at which the value starts
}

type role uint8

const (
	nothing   role = iota // the line is over
	plainWord             // a word, quoted or not
	flagName              // --name or --name=value
	flagsEnd              // --
	rawRest               // all that is left
)

// A lexer takes a line apart. What the next token is depends on the arguments read
// so far, so it is asked for one token at a time.
type lexer struct {
	line string
	pos  int // the end of the last token
}

// next returns the next token. A flag is one only if flags is set; anything else is
// the raw rest if raw is set, and a word if not. With an error comes the token as
// far as it could be read.
func (l *lexer) next(flags, raw bool) (token, error) {
	left := strings.TrimLeft(l.line[l.pos:], blanks)
	t := token{start: len(l.line) - len(left)}
	var n int
	var err error
	switch {
	case left == "":
	case flags && plainLen(left) == 2 && left[:2] == "--":
		t.role, n = flagsEnd, 2
	case flags && startsFlag(left):
		n, err = t.readFlag(left)
	case raw:
		t.role, t.text, n = rawRest, trimText(l.line[l.pos:]), len(left)
	default:
		t.role = plainWord
		t.text, n, err = readWord(left)
	}
	t.end = t.start + n
	l.pos = t.end
	return t, err
}

// readFlag reads the flag s starts with and returns its length. A value after the
// equals sign is a word of its own and may be quoted.
func (t *token) readFlag(s string) (n int, err error) {
	t.role = flagName
	n = plainLen(s)
	name, _, hasValue := strings.Cut(s[:n], "=")
	t.text = name[len("--"):]
	if !hasValue {
		return n, nil
	}
	at := len(name) + len("=")
	t.hasValue, t.valueAt = true, t.start+at
	t.value, n, err = readWord(s[at:])
	return at + n, err
}

// readWord reads the word s starts with, which is empty if a blank comes first, and
// returns it without its quotes, with the number of bytes it takes.
//
// A word that starts with ' or " runs to the same quote, which a blank or the end of
// the line must follow. Between double quotes a backslash makes " and \ ordinary.
// Anywhere else quotes and backslashes are ordinary.
func readWord(s string) (word string, n int, err error) {
	if !startsQuote(s) {
		n = plainLen(s)
		return s[:n], n, nil
	}
	var b strings.Builder
	quote := s[0]
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == quote:
			n = i + 1
			if glued := plainLen(s[n:]); glued > 0 {
				return b.String(), n + glued, fmt.Errorf("a closing %c must be followed by a space", quote)
			}
			return b.String(), n, nil
		case quote == '"' && s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String(), len(s), fmt.Errorf("a word that starts with %c needs a closing %[1]c", quote)
}

// trimText cuts the blanks that separate a raw text from the word before it, up to
// one line break, so that a pasted block keeps the indentation of its first line;
// and all blanks at its end.
func trimText(s string) string {
	s = strings.TrimLeft(s, " \t")
	s = strings.TrimPrefix(s, "\r")
	s = strings.TrimPrefix(s, "\n")
	return strings.TrimRight(s, blanks)
}

// plainLen returns how many bytes of s come before the first blank.
func plainLen(s string) int {
	if n := strings.IndexAny(s, blanks); n >= 0 {
		return n
	}
	return len(s)
}

func startsQuote(s string) bool {
	return s != "" && (s[0] == '\'' || s[0] == '"')
}

// startsFlag tells --name from a plain word such as -1 or ---.
func startsFlag(s string) bool {
	if len(s) < 3 || s[:2] != "--" {
		return false
	}
	c := s[2] | 0x20
	return 'a' <= c && c <= 'z'
}
