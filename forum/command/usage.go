package command

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"sshforum/forum"
)

// Usage is a parsed usage string: a command's verb, arguments and flags.
type Usage struct {
	source string
	verb   string
	args   []argument
	flags  []flag
}

// An argument is declared by its place. Its name is also its kind.
type argument struct {
	name     string
	choices  []string // the words allowed; nil if any word is
	optional bool
	many     bool // takes all remaining words
	raw      bool // takes the rest of the line as typed
}

// A flag is declared by its name. Its value is named in capitals; the flag has no value if that
// name is empty.
type flag struct {
	name, value string
}

// number is the name of an argument that is the number or the id of a message.
const number = "n"

// kind returns the kind of the flag's value.
func (f flag) kind() string { return strings.ToLower(f.value) }

// ParseUsage reads a usage string: a verb in capitals, then elements with one space
// between them.
//
//	thread          a required word; its name is also its kind
//	[thread]        an optional word; only optional ones may follow
//	add|list        one of these words, at most one such element; also [add|list]
//	[thread ...]    any number of words, even none; no argument may follow
//	text...         the rest of the line, as typed; comes last; also [text...]
//	[n] text...     the same, and before it the number or the id of a message, if the
//	                first word may be meant as one
//	[--all]         a flag
//	[--last N]      a flag with a value; its kind is the name in small letters
//
// Names are small ASCII letters, digits and hyphens, start with a letter, and are
// used once. A usage written in any other way is an error.
func ParseUsage(s string) (Usage, error) {
	verb, rest, more := strings.Cut(s, " ")
	u := Usage{source: s, verb: verb}
	if !isCapitals(verb) {
		return Usage{}, fmt.Errorf("usage %q: the verb must be in capitals", s)
	}
	for more {
		var element string
		element, rest, more = cutElement(rest)
		if err := u.add(element); err != nil {
			return Usage{}, fmt.Errorf("usage %q: %q %w", s, element, err)
		}
	}
	return u, nil
}

// String returns the usage as it was declared.
func (u Usage) String() string { return u.source }

// errorf returns the error for a line that does not fit u, in three lines: the command, the
// mistake, and the usage.
func (u Usage) errorf(format string, args ...any) error {
	reason := forum.Printable(fmt.Sprintf(format, args...))
	return forum.Errorf(forum.Usage, "Incorrect syntax for %s\n%s\nusage: %s", u.verb, reason, u.source)
}

// cutElement cuts s at the first space outside brackets.
func cutElement(s string) (element, rest string, more bool) {
	inside := 0
	if strings.HasPrefix(s, "[") {
		inside = max(0, strings.IndexByte(s, ']'))
	}
	if n := strings.IndexByte(s[inside:], ' '); n >= 0 {
		return s[:inside+n], s[inside+n+1:], true
	}
	return s, "", false
}

func (u *Usage) add(element string) error {
	if n := len(u.args); n > 0 && u.args[n-1].raw {
		return errors.New("follows the rest of the line")
	}
	body, optional := strings.CutPrefix(element, "[")
	if optional {
		var closed bool
		if body, closed = strings.CutSuffix(body, "]"); !closed {
			return errors.New("lacks its closing bracket")
		}
	}
	name, isFlag := strings.CutPrefix(body, "--")
	switch {
	case isFlag && !optional:
		return errors.New("is a flag and must be in brackets")
	case isFlag:
		return u.addFlag(name)
	}
	a, err := parseArgument(body, optional)
	if err != nil {
		return err
	}
	return u.addArgument(a)
}

func (u *Usage) addFlag(body string) error {
	name, value, hasValue := strings.Cut(body, " ")
	switch {
	case !isName(name):
		return errors.New("is not a flag's name")
	case hasValue && !isCapitals(value):
		return errors.New("must name its value in capitals")
	case u.declares(name):
		return errors.New("is declared twice")
	}
	u.flags = append(u.flags, flag{name, value})
	return nil
}

func (u *Usage) addArgument(a argument) error {
	if n := len(u.args); n > 0 {
		switch last := u.args[n-1]; {
		case last.many:
			return errors.New("follows an argument that takes every word")
		case last.optional && !a.optional && !(last.name == number && a.raw):
			return errors.New("is required and follows an optional argument")
		}
	}
	if a.choices != nil && slices.ContainsFunc(u.args, func(b argument) bool { return b.choices != nil }) {
		return errors.New("is a second choice")
	}
	if u.declares(a.name) {
		return errors.New("is declared twice")
	}
	u.args = append(u.args, a)
	return nil
}

func (u *Usage) declares(name string) bool {
	return slices.ContainsFunc(u.args, func(a argument) bool { return a.name == name }) ||
		slices.ContainsFunc(u.flags, func(f flag) bool { return f.name == name })
}

func parseArgument(body string, optional bool) (argument, error) {
	a := argument{name: body, optional: optional}
	if optional {
		a.name, a.many = strings.CutSuffix(a.name, " ...")
	}
	if !a.many {
		a.name, a.raw = strings.CutSuffix(a.name, "...")
	}
	words := strings.Split(a.name, "|")
	if len(words) > 1 {
		a.choices = words
	}
	for i, word := range words {
		if !isName(word) {
			return a, errors.New("is not a name in small letters")
		}
		if slices.Contains(words[:i], word) {
			return a, errors.New("has a choice twice")
		}
	}
	if a.choices != nil && (a.many || a.raw) {
		return a, errors.New("is a choice and must be one word")
	}
	return a, nil
}

func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := 'a' <= c && c <= 'z'
		if !letter && (i == 0 || c != '-' && (c < '0' || c > '9')) {
			return false
		}
	}
	return s != ""
}

func isCapitals(s string) bool {
	for i := range len(s) {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return s != ""
}
