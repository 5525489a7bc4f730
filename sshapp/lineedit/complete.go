package lineedit

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

const (
	maxCompleted = 4 << 10 // limit in bytes; a longer line is a text and is not completed
	maxListed    = 100     // candidates
)

// Completion has the candidates for the text between the byte Start of a line and the cursor.
type Completion struct {
	Start      int
	Candidates []string
}

// complete replaces the text before the cursor by the only candidate and a space, or by the
// common prefix of all candidates. A second Tab lists them.
func (e *Editor) complete(r *reading) {
	if e.cfg.Complete == nil || r.secret || r.buf.size > maxCompleted {
		e.bell = true
		return
	}
	c := e.cfg.Complete(r.buf.String(), len(r.buf.slice(0, r.buf.pos)))
	from := min(r.buf.index(max(0, c.Start)), r.buf.pos)
	typed := r.buf.slice(from, r.buf.pos)
	var found []string
	for _, s := range c.Candidates {
		if s = clean(s, ""); s != "" {
			found = append(found, s)
		}
	}
	again := r.last == completing
	r.now = completing
	switch common := commonPrefix(found); {
	case len(found) == 1:
		e.putCandidate(r, from, found[0]+" ")
	case len(common) > len(typed):
		e.putCandidate(r, from, common)
	case len(found) > 1 && again:
		e.list(r, found)
	default:
		e.bell = true
	}
}

// putCandidate replaces the text between from and the cursor by s.
func (e *Editor) putCandidate(r *reading, from int, s string) {
	b := &r.buf
	if b.size-len(b.slice(from, b.pos))+len(s) > e.cfg.MaxLine {
		e.refuse(r)
		return
	}
	word, spaced := strings.CutSuffix(s, " ")
	if spaced && b.pos < len(b.text) && b.text[b.pos] == " " {
		b.replace(from, b.pos, word)
		b.move(b.pos + 1)
		return
	}
	b.replace(from, b.pos, s)
}

// list shows the candidates below the line; then the line is painted again.
func (e *Editor) list(r *reading, found []string) {
	width, _ := e.Size()
	r.display.leave(&e.out, r.view(), width, "")
	if r.plain {
		width = 0
	}
	e.print(columns(found[:min(len(found), maxListed)], width))
	if more := len(found) - maxListed; more > 0 {
		e.print(fmt.Sprintf("and %d more\n", more))
	}
}

// commonPrefix returns the clusters with which all of found begin.
func commonPrefix(found []string) string {
	if len(found) == 0 {
		return ""
	}
	common := clusters(found[0])
	for _, s := range found[1:] {
		n := 0
		for _, c := range clusters(s) {
			if n == len(common) || common[n] != c {
				break
			}
			n++
		}
		common = common[:n]
	}
	return strings.Join(common, "")
}

// columns arranges words in rows no wider than width, to be read column by column.
func columns(words []string, width int) string {
	widest := 0
	for _, s := range words {
		widest = max(widest, ansi.StringWidth(s))
	}
	rows := len(words)
	if across := (width - 1) / (widest + 2); across > 1 {
		rows = (len(words) + across - 1) / across
	}
	var b strings.Builder
	for row := range rows {
		for i := row; i < len(words); i += rows {
			b.WriteString(words[i])
			if i+rows < len(words) {
				b.WriteString(strings.Repeat(" ", widest+2-ansi.StringWidth(words[i])))
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}
