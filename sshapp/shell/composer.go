package shell

import (
	"context"
	"fmt"
	"io"
	"strings"
)

// composer reads a text that a command takes from standard input: lines until one of a single
// dot, or until Ctrl-D.
type composer struct {
	ctx    context.Context
	editor *terminal
	begun  bool
	text   strings.Builder // all lines so far
	rest   string          // not yet read
	done   bool
}

func (c *composer) Read(b []byte) (int, error) {
	if !c.begun {
		c.begun = true
		fmt.Fprintln(c.editor, "End with a line of a single dot or Ctrl-D; Ctrl-C discards it.")
	}
	for c.rest == "" && !c.done {
		line, err := c.editor.ReadLine(c.ctx, "")
		switch {
		case err == io.EOF || err == nil && line == ".":
			c.done = true
		case err != nil:
			return 0, context.Canceled
		default:
			c.rest = line + "\n"
			c.text.WriteString(c.rest)
		}
	}
	if c.rest == "" {
		return 0, io.EOF
	}
	n := copy(b, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}
