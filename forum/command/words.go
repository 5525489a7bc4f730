package command

import (
	"fmt"
	"strings"
)

// blanks separate words.
const blanks = " \t\r\n"

// SplitVerb cuts a line after its first word. The verb is as typed; rest is the end of the
// line, byte for byte, and starts with the blank after the verb, so that rest is empty only
// while the verb may still be being typed.
func SplitVerb(line string) (verb, rest string) {
	line = strings.TrimLeft(line, blanks)
	n := plainLen(line)
	return line[:n], line[n:]
}

// Quote returns word in a form that Parse reads as word, as one argument. A word that needs no
// quotes is returned unchanged.
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

	hasValue bool   // only of a flag: it is written --name=value
	value    string // only of a flag, without quotes
	valueAt  int    // the byte at which the value starts
}

type role uint8

const (
	nothing   role = iota // the end of the line
	plainWord             // a word, quoted or not
	flagName              // --name or --name=value
	flagsEnd              // --
	rawRest               // the remaining line
)

// A lexer splits a line into tokens. The form of the next token depends on the arguments read
// so far, so it is asked for one token at a time.
type lexer struct {
	line string
	pos  int // the end of the last token
}

// next returns the next token. A flag is recognised only if flags is set. Any other token is
// the raw rest if raw is set, and a word otherwise. With an error it returns the token as far
// as it could be read.
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

// readFlag reads the flag at the start of s and returns its length. A value after the equals
// sign is a word of its own and may be quoted.
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

// readWord reads the word at the start of s, which is empty if a blank comes first. It returns
// the word without its quotes, and the number of bytes that it takes.
//
// A word that starts with ' or " runs to the same quote, which must be followed by a blank or
// the end of the line. Between double quotes a backslash makes " and \ ordinary. Everywhere
// else quotes and backslashes are ordinary.
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

// trimText removes the blanks between a raw text and the word before it, up to one line break,
// so that a pasted block keeps the indentation of its first line. It also removes all blanks at
// the end.
func trimText(s string) string {
	s = strings.TrimLeft(s, " \t")
	s = strings.TrimPrefix(s, "\r")
	s = strings.TrimPrefix(s, "\n")
	return strings.TrimRight(s, blanks)
}

// plainLen returns the number of bytes of s before the first blank.
func plainLen(s string) int {
	if n := strings.IndexAny(s, blanks); n >= 0 {
		return n
	}
	return len(s)
}

func startsQuote(s string) bool {
	return s != "" && (s[0] == '\'' || s[0] == '"')
}

// startsFlag reports whether s starts with a flag such as --name. Words such as -1 or --- are
// no flags.
func startsFlag(s string) bool {
	if len(s) < 3 || s[:2] != "--" {
		return false
	}
	c := s[2] | 0x20
	return 'a' <= c && c <= 'z'
}
