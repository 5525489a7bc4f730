package command

import (
	"strings"
	"testing"
)

// usages have every notation of a usage string.
var usages = []string{
	"CRT thread",
	"LST [--titles]",
	"MSG thread text...",
	"HIDE thread [n] reason...",
	"RDT thread [--from N] [--last N] [--since T]",
	"EDT thread n text...",
	"DLT thread n",
	"RESTORE thread [n] [--as TITLE]",
	"SET [setting] [value]",
	"KEYS [add|list|remove] [key...]",
	"FOLLOW [thread ...] [--quiet]",
	"WHO [--since T] [--all]",
	"SORT up|down [file-2]",
	"XIT",
}

func mustUsage(t testing.TB, s string) Usage {
	t.Helper()
	u, err := ParseUsage(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestParseUsage(t *testing.T) {
	for _, s := range usages {
		u, err := ParseUsage(s)
		if err != nil {
			t.Error(err)
		}
		if u.String() != s {
			t.Errorf("ParseUsage(%q) is written %q", s, u)
		}
	}
}

func TestParseUsageRefuses(t *testing.T) {
	for _, test := range []struct{ usage, why string }{
		{"", "verb must be in capitals"},
		{"lst", "verb must be in capitals"},
		{" LST", "verb must be in capitals"},
		{"LST\tthread", "verb must be in capitals"},
		{"L-T", "verb must be in capitals"},
		{"LST ", "not a name"},
		{"LST  thread", "not a name"},
		{"CRT thread ", "not a name"},
		{"CRT Thread", "not a name"},
		{"CRT 3", "not a name"},
		{"CRT -thread", "not a name"},
		{"CRT titré", "not a name"},
		{"CRT thread,", "not a name"},
		{"CRT []", "not a name"},
		{"CRT [thread]x", "closing bracket"},
		{"CRT [a][b]", "not a name"},
		{"CRT [thread", "closing bracket"},
		{"CRT [thread user", "closing bracket"},
		{"CRT thread]", "not a name"},
		{"CRT [thread user]", "not a name"},
		{"CRT ...", "not a name"},
		{"CRT thread ...", "not a name"},
		{"CRT [ ...]", "not a name"},
		{"CRT [thread ... ...]", "not a name"},
		{"CRT thread thread", "declared twice"},
		{"CRT thread [thread]", "declared twice"},
		{"CRT [thread] n", "follows an optional argument"},
		{"CRT [n] thread", "follows an optional argument"},
		{"CRT [a|b] n", "follows an optional argument"},
		{"CRT [a|b] n...", "follows an optional argument"},
		{"CRT [thread ...] [n]", "takes every word"},
		{"CRT [thread ...] [n...]", "takes every word"},
		{"CRT text... thread", "follows the rest"},
		{"CRT text... [--all]", "follows the rest"},
		{"CRT a|", "not a name"},
		{"CRT |a", "not a name"},
		{"CRT a|B", "not a name"},
		{"CRT a|a", "choice twice"},
		{"CRT a|b c|d", "second choice"},
		{"CRT a|b...", "must be one word"},
		{"CRT [a|b ...]", "must be one word"},
		{"CRT --all", "must be in brackets"},
		{"CRT [--]", "not a flag's name"},
		{"CRT [--All]", "not a flag's name"},
		{"CRT [---all]", "not a flag's name"},
		{"CRT [--last ]", "value in capitals"},
		{"CRT [--last n]", "value in capitals"},
		{"CRT [--last N M]", "value in capitals"},
		{"CRT [--last=N]", "not a flag's name"},
		{"CRT [--all] [--all]", "declared twice"},
		{"CRT last [--last N]", "declared twice"},
		{"CRT [--last N] [last]", "declared twice"},
	} {
		u, err := ParseUsage(test.usage)
		if err == nil {
			t.Errorf("ParseUsage(%q) takes it", test.usage)
			continue
		}
		if !strings.Contains(err.Error(), test.why) {
			t.Errorf("ParseUsage(%q): %v, want it to say %q", test.usage, err, test.why)
		}
		if u.String() != "" {
			t.Errorf("ParseUsage(%q) returns %q with the error", test.usage, u)
		}
	}
}

func FuzzUsage(f *testing.F) {
	for _, s := range usages {
		f.Add(s, "a --all b")
	}
	f.Add("CRT [thread", "")
	f.Add("LST  [--x Y] a...", "'")
	f.Fuzz(func(t *testing.T, s, line string) {
		u, err := ParseUsage(s)
		if err != nil {
			return
		}
		if u.String() != s {
			t.Errorf("ParseUsage(%q) is written %q", s, u)
		}
		for i, a := range u.args[:max(0, len(u.args)-1)] {
			if a.raw || a.many {
				t.Errorf("%q: argument %d takes all and is not the last", s, i)
			}
			if next := u.args[i+1]; a.optional && !next.optional && !(a.name == "n" && next.raw) {
				t.Errorf("%q: required argument %d follows an optional one", s, i+1)
			}
		}
		checkLine(t, u, line)
		u.At(line, len(line))
	})
}
