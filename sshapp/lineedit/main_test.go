package lineedit

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// session is a person at a terminal that an editor serves.
type session struct {
	t    rapid.TB
	term *terminal
	keys *io.PipeWriter
	ed   *Editor
}

type line struct {
	text string
	err  error
}

// open connects a terminal. It must be called in a synctest bubble.
func open(t rapid.TB, cols, rows int, configure func(*Config)) *session {
	in, keys := io.Pipe()
	term := newTerminal(cols, rows)
	cfg := Config{In: in, Out: term, Width: cols, Height: rows}
	if configure != nil {
		configure(&cfg)
	}
	return &session{t, term, keys, New(cfg)}
}

// close hangs up.
func (s *session) close() {
	s.t.Helper()
	s.keys.Close()
	synctest.Wait()
	for _, err := range s.term.errs {
		s.t.Errorf("the terminal does not know: %s", err)
	}
}

// read begins to read a line.
func (s *session) read(prompt string) <-chan line {
	done := make(chan line, 1)
	go func() {
		text, err := s.ed.ReadLine(context.Background(), prompt)
		done <- line{text, err}
	}()
	synctest.Wait()
	return done
}

// send types and waits until the editor has dealt with it.
func (s *session) send(keys ...string) {
	s.t.Helper()
	for _, k := range keys {
		if _, err := io.WriteString(s.keys, k); err != nil {
			s.t.Fatal(err)
		}
		synctest.Wait()
	}
}

// resize changes the size of the terminal's window.
func (s *session) resize(cols, rows int) {
	s.term.resize(cols, rows)
	s.ed.SetSize(cols, rows)
	synctest.Wait()
}

// sees checks the text on the screen; a | in want is the position of the cursor.
func (s *session) sees(want string) {
	s.t.Helper()
	if got := s.shown(); got != want {
		s.t.Fatalf("the screen shows\n%s\nwant\n%s", got, want)
	}
}

func (s *session) shown() string {
	rows := strings.Split(s.term.screen(), "\n")
	at := s.term.at
	for len(rows) <= at.row {
		rows = append(rows, "")
	}
	l := row{cells: []string{}}
	if i := s.term.top + at.row; i < len(s.term.lines) {
		l = s.term.lines[i]
	}
	cells := append([]string{}, l.cells...)
	for len(cells) <= at.col {
		cells = append(cells, " ")
	}
	rows[at.row] = strings.Join(cells[:at.col], "") + "|" + strings.TrimRight(strings.Join(cells[at.col:], ""), " ")
	return strings.Join(rows, "\n")
}
