package lineedit

import (
	"bytes"
	"fmt"
	"math"
)

// display shows a line while it is edited. Its output goes to a buffer, and from there to the
// terminal in one piece.
type display interface {
	// paint changes the terminal from the view painted last to v.
	paint(out *bytes.Buffer, v view, width, height int)
	// lift removes the line and leaves the cursor at the start of the line's first row, for
	// text that belongs above it.
	lift(out *bytes.Buffer, width int)
	// leave shows the whole of v for the last time, with tail after it, and goes to the start
	// of the next row.
	leave(out *bytes.Buffer, v view, width int, tail string)
	// clear clears the terminal.
	clear(out *bytes.Buffer)
}

const unlimited = math.MaxInt32 // rows

// screen is the display for a terminal with cursor movement. It keeps track of the cursor and
// never asks the terminal for it.
type screen struct {
	frame   frame
	painted bool
}

func (s *screen) lift(out *bytes.Buffer, width int) {
	if !s.painted {
		return
	}
	if n := s.frame.rowsAbove(width); n > 0 {
		fmt.Fprintf(out, "\x1b[%dA", n)
	}
	out.WriteString("\r\x1b[J")
	s.painted = false
}

func (s *screen) clear(out *bytes.Buffer) {
	out.WriteString("\x1b[H\x1b[2J")
	s.painted = false
}

func (s *screen) leave(out *bytes.Buffer, v view, width int, tail string) {
	v.cursor = len(v.text)
	s.frame.height = unlimited
	s.paint(out, v, width, unlimited)
	out.WriteString(tail)
	if end := s.frame.end().at; end.col > 0 || end.row == 0 || tail != "" {
		out.WriteString("\r\n")
	}
	*s = screen{}
}

func (s *screen) paint(out *bytes.Buffer, v view, width, height int) {
	next := newFrame(v, width, height, s.frame.top)
	if next.width != s.frame.width || next.height != s.frame.height {
		s.lift(out, width)
	}
	if !s.painted {
		at := next.write(out, point{next.top, 0}, 0, false)
		moveTo(out, at, next.cursor)
	} else {
		next.update(out, s.frame)
	}
	s.frame, s.painted = next, true
}

// update changes the terminal from the frame old, of the same size, to f. If the frames have
// different tops, the terminal scrolls: a frame with rows above or below the screen fills the
// screen.
func (f *frame) update(out *bytes.Buffer, old frame) {
	same := 0
	for same < min(len(f.cells), len(old.cells)) && f.cells[same] == old.cells[same] {
		same++
	}
	at := old.cursor
	if same < max(len(f.cells), len(old.cells)) {
		at = f.write(out, at, same, f.end().end().before(old.end().end()))
	}
	moveTo(out, at, f.cursor)
}

// write paints the cells with index from and above, and returns the cursor's position after
// them; at is its position before. If stale is true, the rest of the screen is erased.
func (f *frame) write(out *bytes.Buffer, at point, from int, stale bool) point {
	var prev cell
	start := point{f.top, 0}
	if from > 0 {
		prev = f.cells[from-1]
		start = prev.end()
		if from == len(f.cells) || f.cells[from].at.row > start.row && prev.text != "\n" {
			from-- // only writing the last cell of a row moves to the next row
			start = prev.at
		}
	}
	if from < f.prompt {
		from = 0 // the prompt's colours extend over its cells
	}
	if from == 0 {
		start = point{f.top, 0}
	}
	moveTo(out, at, point{start.row, min(start.col, f.width-1)})
	at = start
	if from == 0 && f.cells[0].at.col > 0 {
		out.WriteString(continued)
	}
	for _, c := range f.cells[from:] {
		if c.at.row > at.row {
			f.newRow(out, at, prev, c)
		}
		if c.text != "\n" {
			out.WriteString(c.text)
		}
		at, prev = c.end(), c
		if c.unsure && at.col < f.width {
			fmt.Fprintf(out, "\x1b[%dG\x1b[K", at.col+1)
		}
	}
	switch {
	case prev.text != "" && at.col < f.width: // the view continues below the screen
		out.WriteString("\x1b[K")
	case prev.text == "" && stale:
		out.WriteString("\x1b[J")
	}
	return at
}

// newRow moves from the end of the cell prev to the row of next. If possible the terminal does
// it by wrapping. Then it knows that the rows are one line: copying and resizing keep them
// together.
func (f *frame) newRow(out *bytes.Buffer, at point, prev, next cell) {
	if at.col < f.width {
		out.WriteString("\x1b[K")
	}
	switch {
	case split(prev, next):
		out.WriteString("\r\n")
		if prev.text == "\n" {
			out.WriteString(continued)
		}
	case next.text == "":
		out.WriteString(" \r")
	}
}

func moveTo(out *bytes.Buffer, from, to point) {
	switch down := to.row - from.row; {
	case down > 0:
		fmt.Fprintf(out, "\x1b[%dB", down)
	case down < 0:
		fmt.Fprintf(out, "\x1b[%dA", -down)
	}
	switch {
	case to.col == from.col:
	case to.col == 0:
		out.WriteByte('\r')
	default:
		fmt.Fprintf(out, "\x1b[%dG", to.col+1)
	}
}
