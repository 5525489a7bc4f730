package render

import (
	"fmt"
	"io"
	"strings"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
)

// Text shows results in words, for people. What a person wrote passes through
// forum.Printable or forum.PrintableText on its way out.
type Text struct {
	Look     Look
	Address  Address
	Visit    *rules.Visit // told what was shown; may be nil
	Seen     *rules.Seen  // told which numbers were shown; may be nil
	Out, Err io.Writer    // for results, which Out may skip, and for what is said beside them
}

// Result shows a result. Errors: the output's, and those of what is read as it is shown.
func (t *Text) Result(r command.Result) error {
	row, err := rowFor(r)
	if err != nil {
		return err
	}
	return row.words(t, r)
}

// Problem shows an error's sentence, on the side where no result goes.
func (t *Text) Problem(err error) {
	_, _ = fmt.Fprintln(t.Err, forum.PrintableText(command.Explain(err)))
}

// printf writes to the side of the results.
func (t *Text) printf(format string, args ...any) error {
	_, err := fmt.Fprintf(t.Out, format, args...)
	return err
}

// Hint says what one can do next: to people at a terminal, and else on the side where no
// result goes.
func (t *Text) Hint(format string, args ...any) error {
	if !t.Look.terminal {
		_, err := fmt.Fprintf(t.Err, format+"\n", args...)
		return err
	}
	return t.printf("%s\n", t.Look.faint(fmt.Sprintf(format, args...)))
}

// faint and strong are the only styles there are; both mean nothing by themselves.
func (l Look) faint(s string) string  { return l.styled("2", s) }
func (l Look) strong(s string) string { return l.styled("1", s) }

func (l Look) styled(sgr, s string) string {
	if !l.color || l.Plain || s == "" {
		return s
	}
	return "\x1b[" + sgr + "m" + s + "\x1b[m"
}

// indented returns a text for behind a label: every line after the first is moved in,
// so that no message can look like two.
func indented(text string) string {
	return strings.ReplaceAll(forum.PrintableText(text), "\n", "\n    ")
}

// Count writes a number with what it counts.
func Count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
