package render

import (
	"fmt"
	"io"
	"strings"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
)

// Text shows results as text, for people. Everything that a person wrote passes through
// forum.Printable or forum.PrintableText before it is written.
type Text struct {
	Look     Look
	Address  Address
	Visit    *rules.Visit // notes what was shown; may be nil
	Seen     *rules.Seen  // notes the shown numbers; may be nil
	Out, Err io.Writer    // Out is for results and may skip lines; Err is for errors and hints
}

// Result shows a result. Errors: those of the output, and those of reading the result's rows.
func (t *Text) Result(r command.Result) error {
	row, err := rowFor(r)
	if err != nil {
		return err
	}
	return row.text(t, r)
}

// Problem shows an error's sentence, on the output for errors.
func (t *Text) Problem(err error) {
	_, _ = fmt.Fprintln(t.Err, forum.PrintableText(command.Explain(err)))
}

// printf writes to the output for results.
func (t *Text) printf(format string, args ...any) error {
	_, err := fmt.Fprintf(t.Out, format, args...)
	return err
}

// Hint writes what the person can do next: at a terminal to the output for results, otherwise
// to that for errors.
func (t *Text) Hint(format string, args ...any) error {
	if !t.Look.terminal {
		_, err := fmt.Fprintf(t.Err, format+"\n", args...)
		return err
	}
	return t.printf("%s\n", t.Look.faint(fmt.Sprintf(format, args...)))
}

// faint and strong are the only styles; neither has a meaning of its own.
func (l Look) faint(s string) string  { return l.styled("2", s) }
func (l Look) strong(s string) string { return l.styled("1", s) }

func (l Look) styled(sgr, s string) string {
	if !l.color || l.Plain || s == "" {
		return s
	}
	return "\x1b[" + sgr + "m" + s + "\x1b[m"
}

// indented returns a text to follow a label: every line after the first is indented, so that
// one message cannot look like two.
func indented(text string) string {
	return strings.ReplaceAll(forum.PrintableText(text), "\n", "\n    ")
}

// Count returns a number with its noun, in the plural unless n is 1.
func Count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
