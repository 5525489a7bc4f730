package command

import (
	"strings"
	"testing"

	"sshforum/forum"
)

// FuzzLine checks that any line is a command of the table with arguments, or a Usage error
// whose text can be shown, and that HELP knows the name of the command.
func FuzzLine(f *testing.F) {
	for _, line := range []string{
		"MSG 3331 hello there", `msg "3331" --json "a b"`, "EDT 3331 id:1.2 text", "RDT 3331 --last=5", "FND author:yoda \"light saber\"",
		"HELP", "?", "LST --json --json", "TELL yoda\nline\nline", "SET zone Europe/Berlin", "\x00", "MSG", "  ", "MSG 3331 --", "DLT 3331 1-5",
	} {
		f.Add(line, len(line))
	}
	table, err := Standard()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, line string, cursor int) {
		verb, rest := SplitVerb(line)
		if strings.TrimLeft(line, blanks) != verb+rest || strings.ContainsAny(verb, blanks) {
			t.Errorf("%q is split into %q and %q", line, verb, rest)
		}
		c, args, err := table.Parse(line, "json")
		switch {
		case err != nil:
			if said := forum.Explain(err); forum.KindOf(err) != forum.Usage || said == "" || forum.PrintableText(said) != said {
				t.Errorf("%q: %+q of kind %v", line, said, forum.KindOf(err))
			}
		case !strings.EqualFold(verb, c.Name()) && !strings.EqualFold(verb, c.Alias):
			t.Errorf("%q is taken for %s", line, c.Name())
		default:
			_ = args.Rest()
		}
		if place := table.At(line, cursor, "json"); place.Start < 0 || place.Start > len(line) {
			t.Errorf("At(%q, %d) starts at %d", line, cursor, place.Start)
		}
	})
}
