package command

import (
	"errors"
	"strconv"
	"strings"
)

// Args are the arguments of one command, by the names in its usage. An argument that was not
// given is empty.
type Args struct {
	usage  Usage
	words  map[string][]string
	choice string
	rest   string
	flags  map[string]string
}

// Word returns the word given for the argument name, without its quotes.
func (a Args) Word(name string) string {
	if words := a.words[name]; len(words) > 0 {
		return words[0]
	}
	return ""
}

// Words returns every word given for the argument name.
func (a Args) Words(name string) []string { return a.words[name] }

// Phrase returns every word given for the argument name, with a space between two.
func (a Args) Phrase(name string) string { return strings.Join(a.words[name], " ") }

// Has reports whether a word was given for the argument name, even an empty one.
func (a Args) Has(name string) bool { return len(a.words[name]) > 0 }

// Choice returns the word given for the choice, as the usage writes it.
func (a Args) Choice() string { return a.choice }

// Rest returns the raw rest of the line.
func (a Args) Rest() string { return a.rest }

// Flag reports whether the flag was given, with a value or without.
func (a Args) Flag(name string) bool {
	_, given := a.flags[name]
	return given
}

// Value returns the value given for the flag.
func (a Args) Value(flag string) string { return a.flags[flag] }

// Number returns the value given for the flag as a whole number of 1 or more, or 0 if
// the flag was not given. Any other value is an error of kind forum.Usage.
func (a Args) Number(flag string) (int, error) {
	value, given := a.flags[flag]
	if !given {
		return 0, nil
	}
	n, err := strconv.ParseUint(value, 10, strconv.IntSize-1)
	if errors.Is(err, strconv.ErrRange) {
		return 0, a.Errorf("--%s is too large", flag)
	}
	if err != nil || n == 0 {
		return 0, a.Errorf("--%s takes a whole number of 1 or more", flag)
	}
	return int(n), nil
}

// Errorf returns the error for an argument of the wrong form, in the form of the errors of
// Parse. The formatted text is the line that gives the reason.
func (a Args) Errorf(format string, args ...any) error {
	return a.usage.errorf(format, args...)
}
