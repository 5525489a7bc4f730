package lineedit

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"
)

func (s *session) notify(text string, ring, want bool) {
	s.t.Helper()
	if shown, err := s.ed.Notify(text, ring); shown != want || err != nil {
		s.t.Fatalf("%q: shown %v, %v", text, shown, err)
	}
}

// TestNotify shows a notice in every state a line can be in.
func TestNotify(t *testing.T) {
	for _, test := range []struct{ name, keys, want, line string }{
		{"an empty line", "", "yoda: here\n> |", ""},
		{"a line", "abc" + left, "yoda: here\n> ab|c", "abc"},
		{"wide characters", "日本語" + left, "yoda: here\n> 日本|語", "日本語"},
		{"a wrapped line", strings.Repeat("x", 18) + "日本" + left, "yoda: here\n> xxxxxxxxxxxxxxxxxx\n日|本", strings.Repeat("x", 18) + "日本"},
		{"a full row", strings.Repeat("x", 18), "yoda: here\n> xxxxxxxxxxxxxxxxxx\n|", strings.Repeat("x", 18)},
		{"a pasted block", pasteBegin + "a\nb" + pasteEnd + up, "yoda: here\n> a|\n> b", "a\nb"},
		{"a list of candidates", "c\t\t", "> cr\ncreate  crop\nyoda: here\n> cr|", "cr"},
		{"a search", "\x12li", "yoda: here\n(search)`li': |list", "list"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := open(t, 20, 10, func(c *Config) {
					c.History, c.Complete = []string{"list"}, words("create", "crop")
				})
				defer s.close()
				got := s.read("> ")
				for _, k := range test.keys {
					s.send(string(k))
				}
				bells := s.term.bells
				s.notify("yoda: here\n", true, true)
				s.sees(test.want)
				if s.term.bells != bells+1 {
					t.Errorf("%d bells", s.term.bells-bells)
				}
				s.send("\r")
				if l := <-got; l.text != test.line {
					t.Errorf("got %q", l.text)
				}
			})
		})
	}
}

// A notice does not show a secret, and keeps the part that was typed.
func TestNotifyDuringSecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 20, 10, nil)
		defer s.close()
		got := make(chan line, 1)
		go func() {
			text, err := s.ed.ReadSecret(context.Background(), "Password: ")
			got <- line{text, err}
		}()
		s.send("sec")
		s.notify("yoda: here\n", false, true)
		s.sees("yoda: here\nPassword: |")
		s.send("ret\r")
		if l := <-got; l.text != "secret" || s.term.bells > 0 {
			t.Errorf("got %q, %d bells", l.text, s.term.bells)
		}
	})
}

// In plain mode a line that was begun is not torn in two.
func TestNotifyPlain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &traffic{}
		s := open(t, 20, 10, func(c *Config) { c.Out, c.Plain = out, true })
		defer s.close()
		got := s.read("> ")
		s.notify("yoda: one\n", true, true)
		s.send("ab")
		s.notify("yoda: two\n", true, false)
		s.send("c\r")
		<-got
		s.notify("yoda: two\n", false, true)
		if got, want := strings.Join(out.writes, ""), "> \r\nyoda: one\r\n> \aabc\r\nyoda: two\r\n"; got != want {
			t.Errorf("wrote %q, want %q", got, want)
		}
	})
}

func TestSetPrompt(t *testing.T) {
	for _, plain := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := open(t, 20, 10, func(c *Config) { c.Plain = plain })
			defer s.close()
			set := func(prompt string, want bool) {
				t.Helper()
				if set, err := s.ed.SetPrompt(prompt); set != want || err != nil {
					t.Errorf("%q: set %v, %v", prompt, set, err)
				}
			}
			set("none> ", false)
			got := s.read("> ")
			set("\x1b[1myoda\x1b[m> ", true)
			if screen := s.term.screen(); !strings.HasSuffix(screen, "yoda>") {
				t.Errorf("the screen shows\n%s", screen)
			}
			s.send("h")
			set("forum> ", false)
			s.send("i\r")
			if l := <-got; l.text != "hi" {
				t.Errorf("got %q", l.text)
			}
			if screen := s.term.screen(); !strings.HasSuffix(screen, "yoda> hi") {
				t.Errorf("the screen shows\n%s", screen)
			}
			set("forum> ", false)
		})
	}
}

// ReadCommand calls attend between two keys. Keys typed before that belong to the earlier
// prompt.
func TestReadCommand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 20, 10, nil)
		defer s.close()
		ready, hold := make(chan struct{}, 1), make(chan struct{})
		got := make(chan line, 1)
		attended := 0
		attend := func() {
			attended++
			<-hold
			if set, err := s.ed.SetPrompt("yoda> "); set != (attended == 1) || err != nil {
				t.Errorf("the prompt was set %v, %v", set, err)
			}
			s.notify("yoda: here\n", false, true)
		}
		go func() {
			text, err := s.ed.ReadCommand(context.Background(), "> ", ready, attend)
			got <- line{text, err}
		}()
		synctest.Wait()
		ready <- struct{}{}
		hold <- struct{}{}
		synctest.Wait()
		s.sees("yoda: here\nyoda> |")
		ready <- struct{}{}
		synctest.Wait()
		s.send("LST")
		s.sees("yoda: here\nyoda> |")
		hold <- struct{}{}
		synctest.Wait()
		s.sees("yoda: here\nyoda: here\nyoda> LST|")
		s.send("\r")
		if l := <-got; l.text != "LST" || attended != 2 {
			t.Errorf("got %q, attended %d times", l.text, attended)
		}
		ready <- struct{}{}
		synctest.Wait()
		if attended != 2 {
			t.Error("attended to when no line was read")
		}
	})
}

var notices = []string{
	"", "yoda: hi\n", "日本語: 日本\n", strings.Repeat("long ", 30) + "\n", "two\nlines\n", "no end",
	"\x1b[2mfaint\x1b[m\n", "e\u0301\u200d👨‍👩‍👧\n", "\n",
}

// disturbed is something typed, with notices at any moment, even within a key.
type disturbed []struct{ keys, notice string }

func drawDisturbed(t *rapid.T) (steps disturbed) {
	var m model
	for range rapid.IntRange(1, 12).Draw(t, "steps") {
		keys := strings.ReplaceAll(typed(t, &m), "\x0c", "") // which wipes notices away
		cut := rapid.IntRange(0, len(keys)).Draw(t, "cut")
		for _, part := range []string{keys[:cut], keys[cut:]} {
			steps = append(steps, struct{ keys, notice string }{part, rapid.SampledFrom(notices).Draw(t, "notice")})
		}
	}
	return steps
}

// play types on a terminal and returns the line read, and all that was shown before its
// end. Unless told, the notices are left out.
func (steps disturbed) play(t rapid.TB, cols int, told bool) (text, shown string) {
	s := open(t, cols, 24, nil)
	defer s.close()
	done := s.read("> ")
	for _, step := range steps {
		s.send(step.keys)
		if told && step.notice != "" {
			s.notify(step.notice, true, true)
		}
	}
	s.shown() // makes the row of the cursor
	shown = strings.Join([]string{s.term.all(), fmt.Sprint(s.term.at.col)}, "\n")
	s.send("\r")
	return (<-done).text, shown
}

func crlf(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n")
}

func TestRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a\r\n]{0,8}`).Draw(t, "text")
		var out bytes.Buffer
		if writeRows(&out, text); out.String() != crlf(text) {
			t.Errorf("%q is written as %q, not %q", text, out.String(), crlf(text))
		}
	})
}

// rows returns the rows of the notices without the line.
func (steps disturbed) rows(cols int) (rows []string) {
	term := newTerminal(cols, 24)
	for _, step := range steps {
		if fmt.Fprint(term, crlf(step.notice)); step.notice != "" && !strings.HasSuffix(step.notice, "\n") {
			fmt.Fprint(term, "\r\n")
		}
	}
	for _, l := range term.lines[:term.top+term.at.row] {
		rows = append(rows, l.String())
	}
	return rows
}

// TestNoticesNeverTouchTheLine types anything, with notices of any form at any moment. The line
// that is read must be the same as without notices, and the screen must have only the notices
// and then the line.
func TestNoticesNeverTouchTheLine(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		cols := rapid.SampledFrom([]int{10, 11, 40, 80}).Draw(rt, "cols")
		steps := drawDisturbed(rt)
		failures := &recorder{TB: rt}
		synctest.Test(t, func(*testing.T) {
			defer failures.caught()
			alone, line := steps.play(failures, cols, false)
			text, shown := steps.play(failures, cols, true)
			if text != alone {
				failures.Fatalf("got %q, undisturbed %q", text, alone)
			}
			if strings.Count(line, "\n") > 20 {
				return // it does not fit on the screen: rows that have scrolled off stay
			}
			if want := strings.Join(append(steps.rows(cols), line), "\n"); shown != want {
				failures.Fatalf("shown is\n%s\nwant\n%s", shown, want)
			}
		})
		if failures.first != "" {
			rt.Fatal(failures.first)
		}
	})
}

// A warning is shown whatever the terminal is at: behind a question of the pager, above
// a line, and in plain mode, which shows the line again.
func TestWarn(t *testing.T) {
	for _, test := range []struct {
		name  string
		plain bool
		want  string
	}{
		{"on a screen", false, "-- more --\nsoon\nsoon\n> ab|c"},
		{"in plain mode", true, "-- more --\nsoon\n> abc\nsoon\n> abc|"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := open(t, 20, 10, func(c *Config) { c.Plain = test.plain })
				defer s.close()
				warn := func() {
					if err := s.ed.Warn("soon\n"); err != nil {
						t.Error(err)
					}
				}
				if _, err := s.ed.Write([]byte("-- more --")); err != nil {
					t.Fatal(err)
				}
				warn()
				got := s.read("> ")
				s.send("abc")
				if !test.plain {
					s.send(left)
				}
				warn()
				s.sees(test.want)
				if s.term.bells != 2 {
					t.Errorf("%d bells", s.term.bells)
				}
				s.send("\r")
				if l := <-got; l.text != "abc" {
					t.Errorf("got %q", l.text)
				}
			})
		})
	}
}
