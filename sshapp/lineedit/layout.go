package lineedit

import (
	"slices"

	"github.com/charmbracelet/x/ansi"
)

const (
	continued = "> " // marks a row that begins after a newline in the text
	carrier   = "◌"  // carries a combining mark that has no base
	tabWidth  = 4    // columns; a tab is shown as blanks
)

// point is a position on the screen, counted from the row in which the prompt begins.
type point struct{ row, col int }

func (p point) before(q point) bool { return p.row < q.row || p.row == q.row && p.col < q.col }

// cell is a painted cluster with its position.
type cell struct {
	text string
	at   point
	wide int
	// unsure is set if terminals disagree about the width. Then the cursor must be placed after
	// the cell, and the terminal must not wrap its row.
	unsure bool
}

// end returns the position after the cell; a column equal to the width means a full row.
func (c cell) end() point { return point{c.at.row, c.at.col + c.wide} }

// pen places clusters one after the other, like a terminal of this width.
type pen struct {
	width int
	at    point
}

func (p *pen) put(text string) cell {
	switch text {
	case "": // the end of the text, a possible position of the cursor
		p.wrap(1)
		return cell{at: p.at}
	case "\n":
		c := cell{text: text, at: p.at}
		p.at = point{p.at.row + 1, len(continued)}
		return c
	}
	if len(text) == 1 {
		p.wrap(1)
		return p.advance(text, 1, false)
	}
	wide, old := ansi.StringWidth(text), ansi.StringWidthWc(text)
	if wide == 0 {
		text, wide = carrier+text, 1
	}
	if old <= p.width {
		p.wrap(old)
	}
	p.wrap(wide)
	return p.advance(text, wide, wide != old)
}

// wrap goes to the next row if this one has fewer columns left.
func (p *pen) wrap(columns int) {
	if p.at.col+columns > p.width {
		p.at = point{p.at.row + 1, 0}
	}
}

func (p *pen) advance(text string, wide int, unsure bool) cell {
	c := cell{text, p.at, wide, unsure}
	p.at.col += wide
	return c
}

// view is the content to paint: the prompt and the text as clusters, with the cursor before
// text[cursor].
type view struct {
	prompt []string
	text   []string
	cursor int
}

// newView returns a view in which each tab of the text is shown as blanks.
func newView(prompt, text []string, cursor int) view {
	v := view{prompt, text, cursor}
	if !slices.Contains(text, "\t") {
		return v
	}
	v.text = nil
	for i, c := range text {
		if i == cursor {
			v.cursor = len(v.text)
		}
		if c == "\t" {
			v.text = append(v.text, slices.Repeat([]string{" "}, tabWidth)...)
		} else {
			v.text = append(v.text, c)
		}
	}
	if cursor == len(text) {
		v.cursor = len(v.text)
	}
	return v
}

// each calls yield with every cell at the given width, and with one for the end. The prompt's
// cells are numbered from -len(prompt), the text's from 0.
func (v view) each(width int, yield func(int, cell)) {
	p := pen{width: width}
	for i, s := range v.prompt {
		yield(i-len(v.prompt), p.put(s))
	}
	for i, s := range v.text {
		yield(i, p.put(s))
	}
	yield(len(v.text), p.put(""))
}

// promptCells splits a prompt into clusters. Escape sequences, such as colours, belong to the
// cluster after them, and the last ones to the cluster before.
func promptCells(prompt string) []string {
	var cells []string
	pending := ""
	state := byte(0)
	for len(prompt) > 0 {
		seq, wide, n, next := ansi.DecodeSequence(prompt, state, nil)
		pending += seq
		if wide > 0 {
			cells = append(cells, pending)
			pending = ""
		}
		prompt, state = prompt[n:], next
	}
	if len(cells) > 0 {
		cells[len(cells)-1] += pending
	}
	return cells
}

// frame is the visible part of a view: height rows of it, beginning with the row top. Its last
// cell is the end of the view, unless that is below the screen.
type frame struct {
	width, height int
	top           int
	cells         []cell
	prompt        int // number of cells that belong to the prompt
	current       int // index of the cell with the cursor
	cursor        point
}

// newFrame lays out a view on a screen. If the view has more rows than the screen, the frame
// begins at the row top, or at the nearest row that keeps the cursor visible.
func newFrame(v view, width, height, top int) frame {
	f := frame{width: width, height: height}
	f.cells = make([]cell, 0, min(len(v.prompt)+len(v.text)+1, width*height))
	last := 0
	v.each(width, func(i int, c cell) {
		if i == v.cursor {
			f.cursor = point{c.at.row, min(c.at.col, width-1)}
		}
		last = c.at.row
	})
	f.top = max(0, min(top, f.cursor.row, last+1-height), f.cursor.row+1-height)
	v.each(width, func(i int, c cell) {
		if c.at.row < f.top || c.at.row >= f.top+height {
			return
		}
		if i < 0 {
			f.prompt++
		}
		if i == v.cursor {
			f.current = len(f.cells)
		}
		f.cells = append(f.cells, c)
	})
	return f
}

// end returns the last cell.
func (f *frame) end() cell { return f.cells[len(f.cells)-1] }

// split reports whether a row ends between two cells for a reason other than the terminal's own
// wrapping.
func split(prev, next cell) bool {
	return next.at.row > prev.at.row && (prev.text == "\n" || prev.unsure || next.unsure)
}

// rowsAbove returns how many rows of the frame are above the cursor once the terminal has the
// given width: terminals wrap again the rows that they wrapped before.
func (f *frame) rowsAbove(width int) int {
	if width == f.width {
		return f.cursor.row - f.top
	}
	p := pen{width, point{0, f.cells[0].at.col}}
	above := 0
	for i, c := range f.cells[:f.current+1] {
		switch {
		case i > 0 && f.cells[i-1].text == "\n":
			p.at = point{p.at.row + 1, len(continued)}
		case i > 0 && split(f.cells[i-1], c):
			p.at = point{p.at.row + 1, 0}
		}
		if c.text != "\n" {
			p.wrap(max(1, c.wide))
		}
		above = p.at.row
		p.at.col += c.wide
	}
	return above
}
