package lineedit

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
)

const (
	left, right, up, down = "\x1b[D", "\x1b[C", "\x1b[A", "\x1b[B"
	pasteBegin            = "\x1b[200~"
	family                = "👨‍👩‍👧"
)

func TestEditing(t *testing.T) {
	for _, test := range []struct{ name, keys, want string }{
		{"insert in the middle", "ac" + left + "b", "abc"},
		{"start and end", "b\x01a\x05c", "abc"},
		{"home and end", "b\x1b[Ha\x1b[Fc", "abc"},
		{"back and forward", "ad\x02b\x02\x06c", "abcd"},
		{"delete forward", "abc\x01\x04", "bc"},
		{"delete key", "abc\x01\x1b[3~", "bc"},
		{"delete key at the end", "abc\x1b[3~", "abc"},
		{"backspace at the start", "abc\x01\x7fd", "dabc"},
		{"backspace takes a cluster", "a" + family + "\x7fe\u0301\x7f🇩🇪\x7f👍🏽\x7f각\x7fb", "ab"},
		{"an accent joins its letter", "e" + "\u0301" + "\x7f", ""},
		{"an accent in the middle joins too", "ex" + left + "\u0301" + left + "y", "ye\u0301x"},
		{"flags pair anew", "🇪🇺🇩🇪" + "\x01" + "🇫" + "\x1b[3~", "🇫🇪🇪"},
		{"a flag typed before a letter of flags", "🇩" + "\x01" + "🇺🇳", "🇺🇳🇩"},
		{"what a deletion brings together joins", pasteBegin + "a\n\u0301" + pasteEnd + left + "\x7f\x7f", ""},
		{"joiners need something to join", "\u200da\u200d\ufe0fb", "a\u200d\ufe0fb"},
		{"kill to the end", "abc\x02\x0b", "ab"},
		{"kill to the start", "abc\x02\x15", "c"},
		{"kill a word to the space", "post foo-bar \x17", "post "},
		{"kill a word of letters", "post foo-bar\x1b\x7f", "post foo-"},
		{"kill a word forward", "post foo bar\x01\x1bd", " foo bar"},
		{"yank", "one two\x17\x01\x19 ", "two one "},
		{"kills in a row add up", "one two three\x17\x17\x01\x19;", "two three;one "},
		{"kills forward add up", "one two three\x01\x1bd\x1bd\x05\x19", " threeone two"},
		{"kills apart do not", "one two\x17" + left + "\x0b\x19", "one "},
		{"transpose", "teh\x14", "the"},
		{"transpose in the middle", "abcd" + left + left + "\x14", "acbd"},
		{"transpose a single character", "a\x14", "a"},
		{"word left", "one two\x1bb\x1bbx", "xone two"},
		{"word right", "one two\x01\x1bfx", "onex two"},
		{"control and arrows", "one two\x1b[1;5Dx\x1b[1;5Cy", "one xtwoy"},
		{"alt and arrows", "one two\x1b[1;3Dx\x1b\x1b[Cy", "one xtwoy"},
		{"undo a word", "one two\x1f", "one "},
		{"undo all", "one two\x1f\x1f", ""},
		{"undo more than all", "one\x1f\x1f\x1ftwo", "two"},
		{"undo a kill", "one two\x15\x1f", "one two"},
		{"undo a paste as one", "a" + pasteBegin + "b c\nd" + pasteEnd + "\x1f", "a"},
		{"keys without a meaning", "a\x1a\x13\x11\x00\x16\x18\x1b[5~\x1bxb", "ab"},
		{"a paste is text", pasteBegin + "a\tb\r\nc\x03\x04\x1b[Dd\x15" + pasteEnd + "e", "a\tb\nc[Dde"},
		{"an end of paste inside the text is the end", pasteBegin + "a" + pasteEnd + "b", "ab"},
		{"a lone escape", "a\x1b" + left + "b", "ba"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for cut := range len(test.keys) + 1 {
				synctest.Test(t, func(t *testing.T) {
					s := open(t, 40, 10, nil)
					defer s.close()
					got := s.read("> ")
					s.send(test.keys[:cut], test.keys[cut:])
					before := s.term.screen()
					s.send("\r")
					if l := <-got; l.text != test.want || l.err != nil {
						t.Fatalf("cut at %d: %q, %v; want %q", cut, l.text, l.err, test.want)
					}
					if rows, _ := wrapText("> ", clusters(test.want), 0, 40); before != strings.Join(rows, "\n") {
						t.Fatalf("cut at %d: the screen showed\n%s", cut, before)
					}
				})
			}
		})
	}
}

func TestEndOfALine(t *testing.T) {
	for _, test := range []struct {
		name, keys, text string
		err              error
		screen           string
	}{
		{"enter", "abc\r", "abc", nil, "> abc\n|"},
		{"enter in the middle", "abc\x01\r", "abc", nil, "> abc\n|"},
		{"interrupt", "abc\x01\x03", "", ErrInterrupt, "> abc^C\n|"},
		{"end of input", "\x04", "", io.EOF, ">\n|"},
		{"a full row", strings.Repeat("x", 8) + "\r", strings.Repeat("x", 8), nil, "> xxxxxxxx\n|"},
		{"interrupt in a full row", strings.Repeat("x", 8) + "\x03", "", ErrInterrupt, "> xxxxxxxx\n^C\n|"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := open(t, 10, 10, nil)
				defer s.close()
				got := s.read("> ")
				if !s.term.paste {
					t.Error("bracketed paste is off while reading")
				}
				s.send(test.keys)
				if l := <-got; l.text != test.text || l.err != test.err {
					t.Errorf("got %q, %v", l.text, l.err)
				}
				s.sees(test.screen)
				if s.term.paste {
					t.Error("bracketed paste is on after reading")
				}
			})
		})
	}
}

func TestSeveralLinesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 20, 10, nil)
		defer s.close()
		s.send("one\r\ntwo\nthr")
		for _, want := range []string{"one", "two"} {
			if l := <-s.read("> "); l.text != want {
				t.Errorf("got %q, want %q", l.text, want)
			}
		}
		got := s.read("> ")
		s.sees("> one\n> two\n> thr|")
		s.send("ee")
		s.keys.Close()
		if l := <-got; l.err != io.EOF {
			t.Errorf("an unfinished line is %q, %v", l.text, l.err)
		}
	})
}

func TestLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 40, 10, func(c *Config) { c.MaxLine, c.TooLong = 10, "That is too long." })
		defer s.close()
		got := s.read("> ")
		s.send("12345678日9")
		s.sees("That is too long.\n> 123456789|")
		s.send("日", "0", "x", "x")
		if s.term.bells != 4 {
			t.Errorf("%d bells for four refusals", s.term.bells)
		}
		s.sees("That is too long.\nThat is too long.\n> 1234567890|")
		s.term.bells = 0
		s.send("\x15", pasteBegin, "abc", "defgh日ij", "klmnop", strings.Repeat("x", 10000), pasteEnd, "y")
		if s.term.bells != 1 {
			t.Errorf("%d bells for a block that does not fit", s.term.bells)
		}
		s.send("\r")
		if l := <-got; l.text != "abcdefghy" {
			t.Errorf("got %q", l.text)
		}
	})
}
