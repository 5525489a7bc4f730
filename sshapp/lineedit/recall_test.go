package lineedit

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

func TestAddHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 40, 10, func(c *Config) { c.History, c.HistoryMax = []string{"0", "1"}, 3 })
		defer s.close()
		for _, line := range []string{"2", "2", "", " secret", "3", "2"} {
			s.ed.AddHistory(line)
		}
		if got := s.ed.History(); !slices.Equal(got, []string{"2", "3", "2"}) {
			t.Errorf("the history is %q", got)
		}
		for i := range 10 {
			s.ed.AddHistory(strings.Repeat(fmt.Sprint(i), maxHistory/2))
		}
		if got := s.ed.History(); len(got) != 2 || got[1][0] != '9' {
			t.Errorf("%d huge lines are kept", len(got))
		}
	})
}

func TestHistory(t *testing.T) {
	history := []string{"list", "read 日本", "post 5\nhello\u202e"}
	for _, test := range []struct{ name, keys, screen, line string }{
		{"older", up, "> post 5\n> hello|", "post 5\nhello"},
		{"within a text of lines first", up + up + "!", "> post !|5\n> hello", "post !5\nhello"},
		{"control", "\x10\x10", "> read 日本|", "read 日本"},
		{"no older", "\x10\x10\x10\x10\x10", "> list|", "list"},
		{"newer", "\x10\x10\x10\x0e", "> read 日本|", "read 日本"},
		{"back to the draft", "dra" + "\x10\x10\x0e\x0e" + "ft", "> draft|", "draft"},
		{"no newer", "dra\x0eft", "> draft|", "draft"},
		{"undo", "draft\x10\x1f", "> draft|", "draft"},
		{"search", "\x12i", "(search)`i': l|ist", "list"},
		{"search further", "\x12p\x12", "(nothing found)`p': |post 5\n> hello", "post 5\nhello"},
		{"search older", "\x12t\x12", "(search)`t': lis|t", "list"},
		{"search longer", "\x12l\x12\x12i", "(search)`li': |list", "list"},
		{"search fails", "\x12listx", "(nothing found)`listx': |list", "list"},
		{"search shorter", "\x12listx\x7f\x7f\x7f\x7f\x7f\x7f", "(search)`': |", ""},
		{"search for wide characters", "\x12日", "(search)`日': read |日本", "read 日本"},
		{"leave a search", "draft" + left + "\x12re\x07", "> draf|t", "draft"},
		{"interrupt a search", "draft\x12re\x03", "> draft|", "draft"},
		{"edit a match", "\x12ad" + left + "!", "> r!|ead 日本", "r!ead 日本"},
		{"edit a match after escape", "\x12ad\x1b\x05!", "> read 日本!|", "read 日本!"},
		{"older than a match", "\x12ad\x10", "> list|", "list"},
		{"undo a match", "draft\x12ad\x05\x1f", "> draft|", "draft"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := open(t, 40, 10, func(c *Config) { c.History = history })
				defer s.close()
				got := s.read("> ")
				for _, k := range test.keys {
					s.send(string(k))
				}
				s.sees(test.screen)
				s.send("\r")
				if l := <-got; l.text != test.line || l.err != nil {
					t.Errorf("got %q, %v; want %q", l.text, l.err, test.line)
				}
			})
		})
	}
}

// words completes the last word from a list.
func words(list ...string) func(string, int) Completion {
	return func(line string, cursor int) Completion {
		c := Completion{Start: strings.LastIndexByte(line[:cursor], ' ') + 1}
		for _, w := range list {
			if strings.HasPrefix(w, line[c.Start:cursor]) {
				c.Candidates = append(c.Candidates, w)
			}
		}
		return c
	}
}

func TestCompletion(t *testing.T) {
	list := []string{"create", "crop", "list", "日本語", "日本人", "evil\x1b[2J\u202e", "e\u0301t", "ex"}
	for _, test := range []struct {
		name, keys, screen string
		bell               bool
	}{
		{"the only one", "l\t", "> list |", false},
		{"in the middle", "l x" + left + left + "\t", "> list |x", false},
		{"none", "z\t", "> z|", true},
		{"what is common", "c\t", "> cr|", false},
		{"wide characters", "日\t", "> 日本|", false},
		{"nothing more in common", "cr\t", "> cr|", true},
		{"second word", "x cre\t", "> x create |", false},
		{"a list", "cr\t\t", "> cr\ncreate  crop\n> cr|", true},
		{"a list at once after the prefix", "c\t\t", "> cr\ncreate  crop\n> cr|", false},
		{"a list is of two tabs in a row", "cr\t" + left + right + "\t", "> cr|", true},
		{"nothing unsafe", "ev\t", "> evil[2J |", false},
		{"clusters stay whole", "x e\t", "> x e|", true},
		{"undo", "l\t\x1f", "> l|", false},
		{"a text is not completed", pasteBegin + strings.Repeat("x\n", maxCompleted) + "l" + pasteEnd + "\t", strings.Repeat("> x\n", 9) + "> l|", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := open(t, 40, 10, func(c *Config) { c.Complete = words(list...) })
				defer s.close()
				s.read("> ")
				s.send(test.keys)
				s.sees(test.screen)
				if (s.term.bells > 0) != test.bell {
					t.Errorf("%d bells", s.term.bells)
				}
			})
		})
	}
}

func TestListOfCandidates(t *testing.T) {
	for _, test := range []struct {
		words []string
		width int
		want  string
	}{
		{[]string{"a", "bb", "c", "dd", "e"}, 10, "a   dd\nbb  e\nc\n"},
		{[]string{"a", "bb", "c", "dd", "e"}, 80, "a   bb  c   dd  e\n"},
		{[]string{"日本", "b"}, 14, "日本  b\n"},
		{[]string{"a", "b"}, 0, "a\nb\n"},
		{[]string{"longer than the screen", "b"}, 10, "longer than the screen\nb\n"},
	} {
		if got := columns(test.words, test.width); got != test.want {
			t.Errorf("%q in %d columns: %q, want %q", test.words, test.width, got, test.want)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		var many []string
		for i := range maxListed + 7 {
			many = append(many, fmt.Sprintf("x%d", i))
		}
		s := open(t, 80, 24, func(c *Config) { c.Complete = words(many...) })
		defer s.close()
		s.read("> ")
		s.send("\t", "\t")
		if shown := s.shown(); strings.Contains(shown, fmt.Sprintf("x%d", maxListed)) || !strings.HasSuffix(shown, "\nand 7 more\n> x|") {
			t.Errorf("the screen shows\n%s", shown)
		}
	})
}
