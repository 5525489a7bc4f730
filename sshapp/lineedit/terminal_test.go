package lineedit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// terminal is a model of a terminal such as xterm: a character in the last column leaves the
// cursor there, and the next one wraps. Like most present terminals it wraps its text again
// when it is resized. Unknown output is an error.
type terminal struct {
	rows, cols int
	byRune     bool // an old terminal, which gives each character a width of its own
	lines      []row
	top        int // the line in the first row of the screen
	at         point
	pending    bool
	paste      bool
	bells      int
	writes     int
	errs       []string
}

// row holds one string per column: "" is the right half of a wide character.
type row struct {
	cells   []string
	wrapped bool // the next line continues this one
}

func newTerminal(cols, rows int) *terminal {
	return &terminal{rows: rows, cols: cols, lines: make([]row, 1)}
}

func (t *terminal) Write(p []byte) (int, error) {
	t.writes++
	for s := string(p); s != ""; {
		switch {
		case strings.HasPrefix(s, "\x1b["):
			s = t.sequence(s[2:])
		case s[0] < ' ' || s[0] == 0x7f:
			t.control(s[0])
			s = s[1:]
		case t.byRune:
			r, n := utf8.DecodeRuneInString(s)
			t.put(s[:n], ansi.StringWidthWc(string(r)))
			s = s[n:]
		default:
			c, w := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
			t.put(c, w)
			s = s[len(c):]
		}
	}
	return len(p), nil
}

func (t *terminal) line() *row {
	i := t.top + t.at.row
	for len(t.lines) <= i {
		t.lines = append(t.lines, row{})
	}
	return &t.lines[i]
}

func (t *terminal) put(c string, w int) {
	l := t.line()
	if w == 0 {
		if n := min(t.at.col, len(l.cells)); n > 0 {
			l.cells[n-1] += c
		}
		return
	}
	if t.pending || t.at.col+w > t.cols {
		l.wrapped = true
		t.lineFeed()
		t.at.col = 0
		l = t.line()
	}
	for len(l.cells) < t.at.col+w {
		l.cells = append(l.cells, " ")
	}
	l.cells[t.at.col] = c
	for i := 1; i < w; i++ {
		l.cells[t.at.col+i] = ""
	}
	t.at.col += w
	t.pending = t.at.col == t.cols
	if t.pending {
		t.at.col--
	}
}

func (t *terminal) lineFeed() {
	t.pending = false
	if t.at.row++; t.at.row == t.rows {
		t.at.row--
		t.top++
	}
	t.line()
}

func (t *terminal) control(b byte) {
	switch b {
	case '\r':
		t.at.col, t.pending = 0, false
	case '\n':
		t.lineFeed()
	case '\b':
		t.at.col, t.pending = max(0, t.at.col-1), false
	case '\a':
		t.bells++
	default:
		t.errs = append(t.errs, fmt.Sprintf("control %#x", b))
	}
}

func (t *terminal) sequence(s string) (rest string) {
	end := strings.IndexFunc(s, func(r rune) bool { return r >= '@' && r <= '~' })
	if end < 0 {
		t.errs = append(t.errs, "unfinished sequence "+strconv.Quote(s))
		return ""
	}
	params, final, rest := s[:end], s[end:end+1], s[end+1:]
	n, _ := strconv.Atoi(params)
	l := t.line()
	switch final {
	case "A":
		t.at.row, t.pending = max(0, t.at.row-max(n, 1)), false
	case "B":
		t.at.row, t.pending = min(t.rows-1, t.at.row+max(n, 1)), false
	case "C":
		t.at.col, t.pending = min(t.cols-1, t.at.col+max(n, 1)), false
	case "D":
		t.at.col, t.pending = max(0, t.at.col-max(n, 1)), false
	case "G":
		t.at.col, t.pending = min(t.cols, max(n, 1))-1, false
	case "H":
		t.at, t.pending = point{}, false
	case "K":
		l.cells = l.cells[:min(t.at.col, len(l.cells))]
		l.wrapped = false
	case "J":
		if n == 2 {
			for i := range t.lines[t.top:] {
				t.lines[t.top+i] = row{}
			}
			break
		}
		l.cells = l.cells[:min(t.at.col, len(l.cells))]
		l.wrapped = false
		t.lines = t.lines[:t.top+t.at.row+1]
	case "h", "l":
		if params != "?2004" {
			t.errs = append(t.errs, "mode "+params)
		}
		t.paste = final == "h"
	case "m":
	default:
		t.errs = append(t.errs, "sequence "+strconv.Quote(params+final))
	}
	return rest
}

// resize gives the terminal another size.
func (t *terminal) resize(cols, rows int) {
	var lines []row
	var line []string
	marks := map[int]*point{} // places in line to find again
	top, cursor := &point{}, &point{}
	mark := func(l *row, col int, p *point) {
		for len(l.cells) <= col {
			l.cells = append(l.cells, " ")
		}
		marks[len(line)+col] = p
	}
	for i, l := range t.lines {
		if i == t.top+t.at.row {
			mark(&l, t.at.col, cursor)
		}
		if i == t.top && t.at != (point{}) {
			mark(&l, 0, top)
		}
		line = append(line, l.cells...)
		if l.wrapped {
			continue
		}
		offset := 0
		for _, part := range wrapCells(line, cols) {
			for col := range part.cells {
				if p := marks[offset+col]; p != nil {
					*p = point{len(lines), col}
				}
			}
			offset += len(part.cells)
			lines = append(lines, part)
		}
		line = nil
		clear(marks)
	}
	if t.at == (point{}) {
		*top = *cursor
	}
	t.lines, t.cols, t.rows = lines, cols, rows
	t.top = max(cursor.row+1-rows, min(top.row, cursor.row))
	t.lines = t.lines[:min(len(t.lines), t.top+rows)]
	t.at, t.pending = point{cursor.row - t.top, cursor.col}, false
}

func wrapCells(line []string, cols int) []row {
	rows := []row{{}}
	for i := 0; i < len(line); {
		w := 1
		for i+w < len(line) && line[i+w] == "" {
			w++
		}
		last := &rows[len(rows)-1]
		if len(last.cells)+w > cols {
			last.wrapped = true
			rows = append(rows, row{})
			last = &rows[len(rows)-1]
		}
		last.cells = append(last.cells, line[i:i+w]...)
		i += w
	}
	return rows
}

func (l row) String() string { return strings.TrimRight(strings.Join(l.cells, ""), " ") }

// screen returns the visible text, without empty rows at the end.
func (t *terminal) screen() string { return joinRows(t.lines[min(t.top, len(t.lines)):]) }

// all is screen with everything that has scrolled off above it.
func (t *terminal) all() string { return joinRows(t.lines) }

func joinRows(lines []row) string {
	var seen []string
	for _, l := range lines {
		seen = append(seen, l.String())
	}
	for len(seen) > 0 && seen[len(seen)-1] == "" {
		seen = slices.Delete(seen, len(seen)-1, len(seen))
	}
	return strings.Join(seen, "\n")
}
