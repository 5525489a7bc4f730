package lineedit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"
)

// model is a line edited in the simplest way: for each key all of it is split into clusters
// again.
type model struct {
	text   string
	at     int // bytes; within a cluster only while text is being typed
	spaced bool
}

// position returns the clusters and the one before which the cursor is.
func (m *model) position() (text []string, pos int) {
	text = clusters(m.text)
	pos, _ = boundary(text, m.at)
	return text, pos
}

// delete deletes clusters, counted from the cursor.
func (m *model) delete(from, to int) {
	text, pos := m.position()
	from, to = max(0, pos+from), min(len(text), pos+to)
	if from < to {
		head := strings.Join(text[:from], "")
		m.text, m.at = head+strings.Join(text[to:], ""), len(head)
	}
}

func (m *model) move(by int) {
	text, pos := m.position()
	m.at = len(strings.Join(text[:max(0, min(len(text), pos+by))], ""))
}

func (m *model) insert(s string) {
	m.text = m.text[:m.at] + s + m.text[m.at:]
	m.at += len(s)
}

// typed inserts s as typed: a word is an insertion of its own.
func (m *model) typed(s string) {
	for _, r := range s {
		if m.spaced && r != ' ' {
			m.move(0)
		}
		m.spaced = r == ' '
		m.insert(string(r))
	}
}

// end ends the text being typed.
func (m *model) end() {
	m.spaced = false
	m.move(0)
}

const all = 1 << 20

// strokes are the keys that can be typed, with their effect on the model.
var strokes = []struct {
	keys string
	do   func(*model)
}{
	{"\x01", func(m *model) { m.move(-all) }},
	{"\x05", func(m *model) { m.move(all) }},
	{"\x1b[D", func(m *model) { m.move(-1) }},
	{"\x1bOC", func(m *model) { m.move(1) }},
	{"\x7f", func(m *model) { m.delete(-1, 0) }},
	{"\x1b[3~", func(m *model) { m.delete(0, 1) }},
	{"\x0b", func(m *model) { m.delete(0, all) }},
	{"\x15", func(m *model) { m.delete(-all, 0) }},
	{"\x0c", func(m *model) {}},
	{"\x1b]0;title\x07", func(m *model) {}},
}

var samples = []string{
	"a", "b ", "some words ", "日", "本語", "é", "e\u0301", "\u0301", "👍🏽", "👨‍👩‍👧", "🇩", "🇪", "🇺🇳", "ᄀ", "ᅡ", "ᆨ", "❤\ufe0f", "☎", "क्ष", "ﷺ",
}

// typed draws something to type and applies it to the model.
func typed(t *rapid.T, m *model) string {
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		s := strokes[rapid.IntRange(0, len(strokes)-1).Draw(t, "stroke")]
		m.end()
		s.do(m)
		m.end()
		return s.keys
	case 1:
		s := strings.Join(rapid.SliceOfN(rapid.SampledFrom(append(samples, "\n", "\t")), 1, 8).Draw(t, "pasted"), "")
		m.end()
		m.insert(s)
		m.end()
		return pasteBegin + s + pasteEnd
	default:
		s := rapid.SampledFrom(samples).Draw(t, "typed")
		m.typed(s)
		return s
	}
}

// event is an event while a line is edited, with its expected result.
type event struct {
	keys       [2]string // cut at any byte
	notice     string
	cols, rows int // a new size, unless 0
	after      model
}

func drawEvents(t *rapid.T) (events []event) {
	var m model
	for i := range rapid.IntRange(1, 20).Draw(t, "events") {
		var e event
		switch rapid.IntRange(0, 9).Draw(t, "event") {
		case 0:
			e.notice = fmt.Sprintf("notice %d", i)
		case 1:
			e.cols, e.rows = drawSize(t)
		default:
			b := typed(t, &m)
			cut := rapid.IntRange(0, len(b)).Draw(t, "cut")
			e.keys = [2]string{b[:cut], b[cut:]}
		}
		e.after = m
		events = append(events, e)
	}
	return events
}

func drawSize(t *rapid.T) (cols, rows int) {
	return rapid.SampledFrom([]int{10, 11, 40, 80}).Draw(t, "cols"), rapid.SampledFrom([]int{3, 5, 24}).Draw(t, "rows")
}

// TestWhatIsSeen types anything, with notices and changes of size in between, and
// compares line, screen and cursor with the model.
func TestWhatIsSeen(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		cols, rows := drawSize(rt)
		prompt := rapid.SampledFrom([]string{"> ", "", "\x1b[1mforum\x1b[0m> ", "日本語: ", "123456789>"}).Draw(rt, "prompt")
		events := drawEvents(rt)
		failures := &recorder{TB: rt}
		synctest.Test(t, func(t *testing.T) {
			defer failures.caught()
			s := open(failures, cols, rows, nil)
			defer s.close()
			done := s.read(prompt)
			for _, e := range events {
				switch {
				case e.notice != "":
					fmt.Fprintln(s.ed, e.notice)
				case e.cols > 0 && s.term.top > 0:
					// Rows that have scrolled off cannot be painted again: see TestSmallScreen.
				case e.cols > 0:
					s.resize(e.cols, e.rows)
				default:
					s.send(e.keys[:]...)
				}
				s.matches(ansi.Strip(prompt), e.after)
			}
			s.send("\r")
			if l, want := <-done, events[len(events)-1].after.text; l.text != want {
				failures.Fatalf("got %q, want %q", l.text, want)
			}
		})
		if failures.first != "" {
			rt.Fatal(failures.first)
		}
	})
}

// recorder keeps the first failure in a bubble, for a property outside of it.
type recorder struct {
	rapid.TB
	first string
}

type failed struct{}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	if r.first == "" {
		r.first = fmt.Sprintf(format, args...)
	}
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	panic(failed{})
}

func (r *recorder) caught() {
	if p := recover(); p != nil && p != any(failed{}) {
		panic(p)
	}
}

// matches checks the rows of the line that are on the screen, and the cursor.
func (s *session) matches(prompt string, m model) {
	text, pos := m.position()
	want, cursor := wrapText(prompt, text, pos, s.term.cols)
	got := strings.Split(s.term.screen(), "\n")
	first := s.term.at.row - cursor.row // the row of the prompt, perhaps above the screen
	last := first + len(want) - 1
	if len(want) <= s.term.rows && (first < 0 || last >= s.term.rows) || len(got) > last+1 || s.term.at.col != cursor.col {
		s.t.Fatalf("%q with the cursor at %d is seen as\n%s", text, pos, s.shown())
	}
	for i, row := range want {
		at := first + i
		if at >= 0 && at < s.term.rows && slices.Concat(got, make([]string, s.term.rows))[at] != row {
			s.t.Fatalf("row %d of %q is not row %d of\n%s", i, text, at, s.shown())
		}
	}
}

// wrapText returns the rows of a prompt and a text on the given number of columns, and the
// position of the cursor if it is before text[pos].
func wrapText(prompt string, text []string, pos, cols int) (rows []string, cursor point) {
	rows = []string{""}
	col := 0
	next := func(mark string) {
		rows = append(rows, mark)
		col = len(mark)
	}
	all := clusters(prompt)
	at := 0
	for i, c := range append(text, "") {
		if i == pos {
			at = len(all)
		}
		if c == "\t" {
			all = append(all, " ", " ", " ", " ")
		} else {
			all = append(all, c)
		}
	}
	for i, c := range all {
		w, fit := ansi.StringWidth(c), ansi.StringWidthWc(c)
		switch {
		case c == "\n":
			w, fit = 0, 0
		case c == "":
			w, fit = 0, 1
		case w == 0:
			c, w, fit = "◌"+c, 1, 1
		case fit > cols:
			fit = w
		}
		if col+max(w, fit) > cols && c != "\n" {
			next("")
		}
		if i == at {
			cursor = point{len(rows) - 1, min(col, cols-1)}
		}
		if c == "\n" {
			next("> ")
			continue
		}
		rows[len(rows)-1] += c
		col += w
	}
	for i := range rows {
		rows[i] = strings.TrimRight(rows[i], " ")
	}
	return rows, cursor
}

// FuzzKeys sends any bytes, split anywhere, and checks that the editor ends, and its output.
func FuzzKeys(f *testing.F) {
	for _, s := range []string{
		"abc\r", "日本\x1b[D\x7f\r", pasteBegin + "a\nb" + pasteEnd + "\r", "\x12ab\x07\t\t\x19\x1f", "\x1b]0;x\x07\x1bP\x1b\\\x1b[<0;1;1M",
		"\x1b[200~\x1b[20\x1b[201~\x03\x04", "\xff\xc3\x1b\x1b\x1b[1;5C\r\n\n",
	} {
		f.Add([]byte(s), uint8(3), uint8(10), uint8(3), false)
		f.Add([]byte(s), uint8(1), uint8(80), uint8(24), true)
	}
	f.Fuzz(func(t *testing.T, b []byte, cut, width, height uint8, plain bool) {
		whole := fuzzLines(t, &pieces{b, len(b)}, int(width), int(height), plain)
		parts := fuzzLines(t, &pieces{b, int(cut%16) + 1}, int(width), int(height), plain)
		if !slices.Equal(whole, parts) {
			t.Errorf("in parts of %d bytes %q gives %q, at once %q", cut%16+1, b, parts, whole)
		}
	})
}

var errHungUp = errors.New("hung up")

// pieces is input that arrives in pieces of the given size.
type pieces struct {
	rest []byte
	step int
}

func (s *pieces) Read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		return 0, errHungUp
	}
	n := copy(p, s.rest[:min(s.step, len(s.rest))])
	s.rest = s.rest[n:]
	return n, nil
}

// fuzzLines reads until the end and returns the lines.
func fuzzLines(t *testing.T, in io.Reader, width, height int, plain bool) (lines []string) {
	term := newTerminal(max(width, minWidth), max(height, 1))
	out := &traffic{}
	ed := New(Config{
		In: in, Out: io.MultiWriter(term, out), Width: max(width, minWidth), Height: max(height, 1), Plain: plain,
		MaxLine: 200, TooLong: "Too long.", History: []string{"old", "older 日本"}, Complete: words("create", "crop", "日本"),
	})
	for {
		line, err := ed.ReadLine(context.Background(), "> ")
		if err == errHungUp {
			break
		}
		lines = append(lines, fmt.Sprintf("%q %v", line, err))
		ed.AddHistory(line)
		if err == nil && (line != clean(line, "\n\t") || len(line) > 200) {
			t.Errorf("the line is %q", line)
		}
	}
	wrote := strings.Join(out.writes, "")
	if plain && strings.Contains(wrote, "\x1b") {
		t.Errorf("an escape sequence in plain mode: %q", wrote)
	}
	for _, err := range term.errs {
		t.Errorf("the terminal does not know: %s in %q", err, wrote)
	}
	return lines
}
