package lineedit

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

const (
	maxQuery   = 256       // limit of a search's query, in bytes
	maxHistory = 256 << 10 // limit of all lines, in bytes
)

// history has the entered lines, oldest first. It has its own lock, so that it can be saved
// while the terminal is stuck.
type history struct {
	mu    sync.Mutex
	lines []string
	size  int // bytes
	max   int // lines
}

func (h *history) add(line string) {
	line = clean(line, "\n\t")
	h.mu.Lock()
	defer h.mu.Unlock()
	if line == "" || line[0] == ' ' || len(h.lines) > 0 && h.lines[len(h.lines)-1] == line {
		return
	}
	h.lines = append(h.lines, line)
	h.size += len(line)
	for len(h.lines) > h.max || h.size > maxHistory {
		h.size -= len(h.lines[0])
		h.lines = slices.Delete(h.lines, 0, 1)
	}
}

func (h *history) all() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.lines)
}

// back returns the n-th newest line; the newest is 1. ok is false if there is no such line.
func (h *history) back(n int) (string, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if n < 1 || n > len(h.lines) {
		return "", false
	}
	return h.lines[len(h.lines)-n], true
}

// recall replaces the line by the one that is steps older, or newer if steps is negative. The
// line that was being typed comes after the newest one. It returns false if there is no such
// line.
func (r *reading) recall(h *history, steps int) bool {
	to := r.recalled + steps
	line, ok := h.back(to)
	switch {
	case to == 0:
		line = r.draft
	case !ok:
		return false
	case r.recalled == 0:
		r.draft = r.buf.String()
	}
	r.recalled = to
	r.buf.set(line)
	return true
}

// search is an incremental search backwards through the history. The match is shown in place of
// the line, which saved keeps.
type search struct {
	query  string
	at     int // number of the match, counted from the newest line; 0 is the line itself
	failed bool
	saved  buffer
}

func (r *reading) startSearch() {
	r.search = &search{saved: r.buf}
	r.show(r.buf.String(), r.buf.pos)
}

// show shows a match in place of the line.
func (r *reading) show(line string, pos int) {
	r.buf = buffer{}
	r.buf.set(line)
	r.buf.move(pos)
}

// find shows the newest line that contains the query and whose number, counted from the newest,
// is at least from.
func (r *reading) find(h *history, from int) {
	s := r.search
	if s.query == "" {
		s.at, s.failed = 0, false
		r.show(s.saved.String(), s.saved.pos)
		return
	}
	for n := max(from, 1); ; n++ {
		line, ok := h.back(n)
		if !ok {
			s.failed = true
			return
		}
		if i := strings.Index(line, s.query); i >= 0 {
			s.at, s.failed = n, false
			r.show(line, 0)
			r.buf.move(r.buf.index(i))
			return
		}
	}
}

// endSearch returns to editing, with the match if accept is true, and otherwise with the line
// as it was before the search.
func (r *reading) endSearch(accept bool) {
	match := r.buf
	r.buf = r.search.saved
	if accept && r.search.at > 0 {
		r.recalled, r.draft = r.search.at, r.buf.String()
		r.buf.set(match.String())
		r.buf.move(match.pos)
	}
	r.search = nil
}

// searchText appends s to the query, and reports whether a line matches.
func (r *reading) searchText(h *history, s string) bool {
	if len(r.search.query)+len(s) > maxQuery {
		return false
	}
	r.search.query += s
	r.find(h, r.search.at)
	return !r.search.failed
}

// searchKey handles a key during a search. It returns false for other keys, which end the
// search and then have their usual function.
func (e *Editor) searchKey(r *reading, k Key) (acted bool) {
	s := r.search
	switch k {
	case Key{'r', ModCtrl}:
		r.find(&e.history, s.at+1)
		e.bell = e.bell || s.failed
	case Key{Code: KeyBackspace}:
		_, size := utf8.DecodeLastRuneInString(s.query)
		s.query = s.query[:len(s.query)-size]
		r.find(&e.history, 1)
	case Key{'g', ModCtrl}, Key{'c', ModCtrl}:
		r.endSearch(false)
	default:
		r.endSearch(true)
		return false
	}
	return true
}

// prompt returns the text shown instead of the prompt during a search.
func (s *search) prompt() []string {
	label := "(search)`"
	if s.failed {
		label = "(nothing found)`"
	}
	return promptCells(label + s.query + "': ")
}
