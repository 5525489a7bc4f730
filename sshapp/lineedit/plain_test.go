package lineedit

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
)

// TestPlain checks every byte written in plain mode.
func TestPlain(t *testing.T) {
	for _, test := range []struct{ name, keys, want, line string }{
		{"typed", "abc\r", "> abc\r\n", "abc"},
		{"backspace", "ab\x7fc\r", "> ab\b \bc\r\n", "ac"},
		{"backspace over a wide character", "日\x7f\r", "> 日\b \b\b \b\r\n", ""},
		{"an accent", "e|\u0301\x7f\r", "> e|\u0301\b \b\r\n", "e"},
		{"kill", "one two\x17\r", "> one two\b \b\b \b\b \b\r\n", "one "},
		{"keys that move", "ab" + left + "\x01\x1b[Hc\r", "> abc\r\n", "abc"},
		{"delete forward and kill to the end", "ab" + left + "\x04\x0bc\r", "> abc\r\n", "abc"},
		{"transpose", "teh\x14\r", "> teh\r\n> the\r\n", "the"},
		{"undo", "one two\x1f\r", "> one two\b \b\b \b\b \b\r\n", "one "},
		{"undo an accent", "e\x13\u0301\x1f\r", "> e\u0301\r\n> e\r\n", "e"},
		{"older", "x" + up + "!\r", "> x\r\n> list!\r\n", "list!"},
		{"older and back", "x" + up + down + "\r", "> x\r\n> list\r\n> x\r\n", "x"},
		{"search", "\x12a\r", "> \aa\r\n", "a"},
		{"say again", "abc\x0c\r", "> abc\r\n> abc\r\n", "abc"},
		{"interrupt", "abc\x03", "> abc^C\r\n", ""},
		{"end of input", "\x04", "> \r\n", ""},
		{"paste", pasteBegin + "a\tb\nc" + pasteEnd + "\r", "> a    b\r\nc\r\n", "a\tb\nc"},
		{"backspace over a newline", pasteBegin + "a\n" + pasteEnd + "\x7f\r", "> a\r\n\r\n> a\r\n", "a"},
		{"kill lines", pasteBegin + "a\nbc" + pasteEnd + "\x15\r", "> a\r\nbc\r\n> \r\n", ""},
		{"completion", "l\t\r", "> list \r\n", "list "},
		{"candidates", "c\t\t\r", "> cr\r\ncreate\r\ncrop\r\n> cr\r\n", "cr"},
		{"too long", "0123456789abc\r", "> 0123456789\r\nToo long.\r\n> 0123456789\a\a\a\r\n", "0123456789"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				out := &traffic{}
				s := open(t, 20, 10, func(c *Config) {
					c.Out, c.Plain, c.History = out, true, []string{"list"}
					c.Complete = words("list", "create", "crop")
					c.MaxLine, c.TooLong = 10, "Too long."
				})
				defer s.close()
				got := s.read("\x1b[1m> \x1b[0m")
				for _, k := range test.keys {
					s.send(string(k))
				}
				if l := <-got; l.text != test.line {
					t.Errorf("got %q, want %q", l.text, test.line)
				}
				if wrote := strings.Join(out.writes, ""); wrote != test.want {
					t.Errorf("wrote %q, want %q", wrote, test.want)
				}
			})
		})
	}
}

func TestPlainNotice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &traffic{}
		s := open(t, 20, 10, func(c *Config) { c.Out = out })
		defer s.close()
		s.ed.SetPlain(true)
		s.read("> ")
		s.send("ab")
		fmt.Fprint(s.ed, "yoda posted\n")
		s.send("c")
		if got, want := strings.Join(out.writes, "|"), "> |ab|\r\nyoda posted\r\n> ab|c"; got != want {
			t.Errorf("wrote %q, want %q", got, want)
		}
	})
}

// A paste must not run line by line because somebody cannot see the screen.
func TestPlainMarksPastes(t *testing.T) {
	var out bytes.Buffer
	e := New(Config{In: strings.NewReader("\x1b[200~MSG a\nRMV b\x1b[201~\r"), Out: &out, Plain: true, MarkPastes: true})
	defer e.Close()
	line, err := e.ReadLine(t.Context(), "> ")
	if err != nil || line != "MSG a\nRMV b" {
		t.Errorf("read %q, %v", line, err)
	}
	if got := out.String(); !strings.HasPrefix(got, pasteOn) || !strings.HasSuffix(got, pasteOff) || strings.Count(got, "\x1b") != 2 {
		t.Errorf("wrote %q", got)
	}
}
