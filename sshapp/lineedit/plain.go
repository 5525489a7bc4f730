package lineedit

import (
	"bytes"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// plain is the display for a dumb terminal or a screen reader. It writes each piece of text
// once and no escape sequence; a line is edited at its end. A line that changed otherwise is
// written again on a row of its own.
type plain struct {
	shown   string
	started bool
}

func (p *plain) paint(out *bytes.Buffer, v view, _, _ int) {
	text := strings.Join(v.text, "")
	added, grew := strings.CutPrefix(text, p.shown)
	removed, shrank := strings.CutPrefix(p.shown, text)
	columns := ansi.StringWidth(p.shown) - ansi.StringWidth(text)
	switch {
	case p.started && grew:
		writeRows(out, added)
	case p.started && shrank && columns > 0 && !strings.Contains(removed, "\n"):
		out.WriteString(strings.Repeat("\b \b", columns))
	default:
		p.lift(out, 0)
		writeRows(out, ansi.Strip(strings.Join(v.prompt, ""))+text)
	}
	p.shown, p.started = text, true
}

func (p *plain) lift(out *bytes.Buffer, _ int) {
	if p.started {
		out.WriteString("\r\n")
	}
	p.shown, p.started = "", false
}

func (p *plain) leave(out *bytes.Buffer, v view, width int, tail string) {
	p.paint(out, v, width, 0)
	out.WriteString(tail)
	p.lift(out, width)
}

func (p *plain) clear(out *bytes.Buffer) { p.lift(out, 0) }
