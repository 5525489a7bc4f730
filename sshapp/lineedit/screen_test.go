package lineedit

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
)

func TestWrapping(t *testing.T) {
	for _, width := range []int{10, 40, 80} {
		synctest.Test(t, func(t *testing.T) {
			s := open(t, width, 10, nil)
			defer s.close()
			s.read("> ")
			full := "> " + strings.Repeat("x", width-2)
			s.send(full[2:])
			s.sees(full + "\n|")
			s.send("y")
			s.sees(full + "\ny|")
			s.send("\x7f\x7f")
			s.sees(full[:width-1] + "|")
			s.send("本")
			s.sees(full[:width-1] + "\n本|")
			s.send(left)
			s.sees(full[:width-1] + "\n|本")
			s.send(left)
			s.sees(full[:width-2] + "|x\n本")
			s.send("\x04")
			s.sees(full[:width-2] + "|本")
		})
	}
}

func TestPastedLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 20, 10, nil)
		defer s.close()
		got := s.read("$ ")
		s.send("post 5 ", pasteBegin+"one\r\ntwo\rthree\n\n\tfour\x1b[20", "1~", left)
		s.sees("$ post 5 one\n> two\n> three\n>\n>     fou|r")
		s.send(up, up, up)
		s.sees("$ post 5 one\n> |two\n> three\n>\n>     four")
		s.send(right, right, right, up, "!", down)
		s.sees("$ pos!t 5 one\n> two|\n> three\n>\n>     four")
		s.send("\r")
		if l := <-got; l.text != "pos!t 5 one\ntwo\nthree\n\n\tfour" {
			t.Errorf("got %q", l.text)
		}
	})
}

// TestSmallScreen edits a line of more rows than the screen has.
func TestSmallScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 10, 3, nil)
		defer s.close()
		got := s.read("> ")
		text := "aaaaaaaabbbbbbbbbbccccccccccddddddddddeeeee"
		s.send(text)
		s.sees("cccccccccc\ndddddddddd\neeeee|")
		s.send("\x01")
		s.sees("> |aaaaaaaa\nbbbbbbbbbb\ncccccccccc")
		s.send("\x1bf")
		s.sees("cccccccccc\ndddddddddd\neeeee|")
		s.send(strings.Repeat(left, 21))
		s.sees("cccc|cccccc\ndddddddddd\neeeee")
		s.send(strings.Repeat(left, 10), "\x7f")
		s.sees("bbb|bbbbbbc\ncccccccccd\nddddddddde")
		fmt.Fprintln(s.ed, "notice")
		s.sees("bbb|bbbbbbc\ncccccccccd\nddddddddde")
		s.send("b")
		s.resize(20, 5)
		s.sees("> aaaaaaaabbbb|bbbbbb\nccccccccccdddddddddd\neeeee")
		s.resize(10, 2)
		s.send("\r")
		if l := <-got; l.text != text {
			t.Errorf("got %q", l.text)
		}
		if all := s.term.all(); !strings.HasSuffix(all, "\n> aaaaaaaa\nbbbbbbbbbb\ncccccccccc\ndddddddddd\neeeee") {
			t.Errorf("the line is left as\n%s", all)
		}
	})
}

func TestResize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 40, 12, nil)
		defer s.close()
		fmt.Fprintln(s.ed, "welcome")
		s.read("> ")
		s.send("some words 日本語テスト and some mor", strings.Repeat(left, 4))
		for _, test := range []struct {
			cols, rows int
			want       string
		}{
			{20, 12, "welcome\n> some words 日本語\nテスト and some| mor"},
			{10, 12, "welcome\n> some wor\nds 日本語\nテスト and\n some| mor"},
			{80, 12, "welcome\n> some words 日本語テスト and some| mor"},
			{40, 12, "welcome\n> some words 日本語テスト and some| mor"},
			{20, 3, "welcome\n> some words 日本語\nテスト and some| mor"},
			{20, 2, "> some words 日本語\nテスト and some| mor"},
		} {
			s.resize(test.cols, test.rows)
			s.sees(test.want)
		}
	})
}

func TestResizeOfPastedLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 20, 12, nil)
		defer s.close()
		fmt.Fprintln(s.ed, "welcome")
		s.read("> ")
		s.send(pasteBegin + "one\nbbbbbbbbb" + pasteEnd)
		s.resize(10, 12)
		s.sees("welcome\n> one\n> bbbbbbbb\nb|")
		s.resize(20, 12)
		s.sees("welcome\n> one\n> bbbbbbbbb|")
	})
}

// TestLowerScreen makes the screen so low that the terminal cuts off the rows
// below the cursor.
func TestLowerScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 10, 5, nil)
		defer s.close()
		fmt.Fprintln(s.ed, "one\ntwo")
		s.read("> ")
		s.send("aaaaaaaabbb", "\x01")
		s.resize(10, 3)
		s.sees("two\n> |aaaaaaaa\nbbb")
	})
}

func TestNoticesWhileTyping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 20, 10, nil)
		defer s.close()
		got := s.read("> ")
		s.send("a line of more than one row", left, left)
		fmt.Fprint(s.ed, "yoda posted\nin 5\n")
		s.sees("yoda posted\nin 5\n> a line of more tha\nn one r|ow")
		fmt.Fprint(s.ed, "without an end")
		s.sees("yoda posted\nin 5\nwithout an end\n> a line of more tha\nn one r|ow")
		writes := s.term.writes
		fmt.Fprint(s.ed, "once\n")
		if s.term.writes != writes+1 {
			t.Errorf("a notice takes %d writes", s.term.writes-writes)
		}
		s.send("\r")
		if l := <-got; l.text != "a line of more than one row" {
			t.Errorf("got %q", l.text)
		}
		fmt.Fprint(s.ed, "output")
		s.read("> ")
		if screen := s.shown(); !strings.HasSuffix(screen, "\noutput\n> |") {
			t.Errorf("after output without a newline the screen shows\n%s", screen)
		}
	})
}

func TestClearScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 20, 10, nil)
		defer s.close()
		fmt.Fprint(s.ed, "one\ntwo\n")
		s.read("> ")
		s.send("abc", left, "\x0c")
		s.sees("> ab|c")
	})
}

// TestTraffic counts the bytes of an editing session.
func TestTraffic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &traffic{}
		s := open(t, 40, 10, func(c *Config) { c.Out = out })
		defer s.close()
		s.read("> ")
		for _, test := range []struct{ keys, want string }{
			{"a", "a"},
			{"bc", "bc"},
			{left, "\x1b[5G"},
			{"\x7f", "\x1b[4Gc\x1b[J\x1b[4G"},
			{"日", "日c\x1b[6G"},
			{"\x1b[5~", ""},
		} {
			out.writes = nil
			s.send(test.keys)
			if got := strings.Join(out.writes, "|"); got != test.want {
				t.Errorf("%q costs %q, want %q", test.keys, got, test.want)
			}
		}
		out.writes = nil
		s.send(strings.Repeat("many words ", 80))
		if len(out.writes) != 1 {
			t.Errorf("a kilobyte at once is painted %d times", len(out.writes))
		}
	})
}

type traffic struct{ writes []string }

func (w *traffic) Write(p []byte) (int, error) {
	w.writes = append(w.writes, string(p))
	return len(p), nil
}

// TestRowsBelowTheScreen changes the last row of a line that goes on below it.
func TestRowsBelowTheScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 10, 2, nil)
		defer s.close()
		s.read("")
		s.send(pasteBegin + "first\nsecond\nthird" + pasteEnd + "\x01")
		s.sees("|first\n> second")
		s.send(down, "\x04\x04\x04")
		s.sees("first\n> |ond")
	})
}

// TestPromptKeepsItsColour lets a prompt fill its row, so that it is written again
// to go to the next.
func TestPromptKeepsItsColour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &traffic{}
		s := open(t, 10, 10, func(c *Config) { c.Out = out })
		defer s.close()
		s.read("\x1b[1mforum:123>\x1b[0m")
		s.send("x", "\x7f")
		for _, w := range out.writes {
			if strings.Contains(w, ">") && !strings.Contains(w, "\x1b[1mf") {
				t.Errorf("%q is without colour", w)
			}
		}
	})
}

// TestOldTerminals types characters that older terminals show wider or narrower.
func TestOldTerminals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 20, 10, nil)
		defer s.close()
		s.term.byRune = true
		s.read("> ")
		s.send(family)
		if shown := s.term.screen(); strings.Contains(shown, "👩") {
			t.Errorf("behind the cursor is %s", shown)
		}
		s.send("❤\ufe0f", "x")
		for _, step := range []struct {
			keys string
			at   point
		}{
			{"", point{0, 7}},
			{left + left, point{0, 4}},
			{left, point{0, 2}},
			{"\x05\x7f\x7f\x7f", point{0, 2}},
			{strings.Repeat("y", 16) + family + "z", point{1, 3}},
			{"\x01", point{0, 2}},
			{"\x05\x7f\x7f", point{0, 18}},
		} {
			s.send(step.keys)
			if s.term.at != step.at {
				t.Errorf("after %q the cursor is at %v, want %v", step.keys, s.term.at, step.at)
			}
		}
		s.sees("> " + strings.Repeat("y", 16) + "|")
	})
}
