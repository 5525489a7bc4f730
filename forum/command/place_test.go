package command

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestAt(t *testing.T) {
	const read = "RDT thread [--from N] [--last N] [--since T]"
	for _, test := range []struct {
		usage, line   string // the cursor is at the |
		kind, choices string
		prefix, word  string // word is the text from Start to the cursor
		before        string
	}{
		{"CRT thread", " |", "thread", "", "", "", ""},
		{"CRT thread", "|", "thread", "", "", "", ""},
		{"CRT thread", " 33|", "thread", "", "33", "33", ""},
		{"CRT thread", " 3|331", "thread", "", "3", "3", ""},
		{"CRT thread", " |3331 x", "thread", "", "", "", ""},
		{"CRT thread", " a |", "", "", "", "", `thread=["a"]`},
		{"CRT thread", " a b|", "", "", "b", "b", `thread=["a"]`},
		{"CRT thread", ` "a b|`, "thread", "", "a b", `"a b`, ""},
		{"CRT thread", ` 'it|`, "thread", "", "it", "'it", ""},
		{"CRT thread", ` "a b"|`, "thread", "", "a b", `"a b"`, ""},
		{"CRT thread", ` "a b" |`, "", "", "", "", `thread=["a b"]`},
		{"UPD thread name", " t fi|", "name", "", "fi", "fi", `thread=["t"]`},

		{read, " t |", "", "--from --last --since", "", "", `thread=["t"]`},
		{read, " --|", "", "--from --last --since", "--", "--", ""},
		{read, " --la|", "", "--from --last --since", "--la", "--la", ""},
		{read, " t --last 5 --|", "", "--from --since", "--", "--", `thread=["t"] --last="5"`},
		{read, " --from |", "n", "", "", "", ""},
		{read, " --since 2|", "t", "", "2", "2", ""},
		{read, " --since=2|", "t", "", "2", "2", ""},
		{read, ` --since="2 |`, "t", "", "2 ", `"2 `, ""},
		{read, " --since=|", "t", "", "", "", ""},
		{read, " --since --f|", "t", "", "--f", "--f", ""},
		{read, " --none=2|", "", "", "2", "2", ""},
		{read, " --none --last 5 t|", "thread", "", "t", "t", `--last="5"`},
		{read, ` "a"b --l|`, "", "--from --last --since", "--l", "--l", `thread=["a"]`},
		{read, " -- --|", "thread", "", "--", "--", ""},
		{read, " -- t |", "", "", "", "", `thread=["t"]`},

		{"WHO [--since T] [--all]", " |", "", "--since --all", "", "", ""},
		{"WHO [--since T] [--all]", " -|", "", "--since --all", "-", "-", ""},
		{"WHO [--since T] [--all]", " --all=|", "", "", "", "", ""},

		{"KEYS [add|list|remove] [key...]", " |", "", "add list remove", "", "", ""},
		{"KEYS [add|list|remove] [key...]", " re|", "", "add list remove", "re", "re", ""},
		{"KEYS [add|list|remove] [key...]", " remove |", "key", "", "", "", "choice=remove"},
		{"MSG thread text...", " t |", "text", "", "", "", `thread=["t"]`},
		{"MSG thread text...", " t a --b @yo|", "text", "", "@yo", "@yo", `thread=["t"]`},
		{"MSG thread text...", ` t "a |`, "text", "", "", "", `thread=["t"]`},
		{"MSG thread text...", " t\n\"yo|", "text", "", `"yo`, `"yo`, `thread=["t"]`},
		{"FOLLOW [thread ...] [--quiet]", " a b c|", "thread", "", "c", "c", `thread=["a" "b"]`},
	} {
		u := mustUsage(t, test.usage)
		before, after, _ := strings.Cut(test.line, "|")
		place := u.At(before+after, len(before))
		if place.Kind != test.kind || strings.Join(place.Choices, " ") != test.choices ||
			place.Prefix != test.prefix || before[place.Start:] != test.word {
			t.Errorf("%s: At(%q) is %q %q, prefix %q, word %q; want %q %q, prefix %q, word %q", test.usage, test.line,
				place.Kind, place.Choices, place.Prefix, before[place.Start:], test.kind, test.choices, test.prefix, test.word)
		}
		if got := show(place.Args); got != test.before {
			t.Errorf("%s: At(%q) has %s before it, want %s", test.usage, test.line, got, test.before)
		}
	}
}

func TestAtOffersGlobalFlags(t *testing.T) {
	place := mustUsage(t, "LST [--titles]").At(" --titles --", 12, "json")
	if !slices.Equal(place.Choices, []string{"--json"}) {
		t.Errorf("offers %q", place.Choices)
	}
}

func TestAtTakesAnyCursor(t *testing.T) {
	u := mustUsage(t, "CRT thread")
	for _, cursor := range []int{-1, 4, math.MaxInt} {
		if place := u.At(" ab", cursor); place.Start < 0 || place.Start > 3 || place.Kind != "thread" {
			t.Errorf("At %d is %+v", cursor, place)
		}
	}
}

// A word put in the place that At found is the argument that Parse then reads.
func TestCompletedWordIsRead(t *testing.T) {
	u := mustUsage(t, "UPD thread name")
	rapid.Check(t, func(t *rapid.T) {
		full := word().Draw(t, "word")
		line := " t " + Quote(full)
		cursor := rapid.IntRange(len(" t "), len(line)).Draw(t, "cursor")
		place := u.At(line, cursor)
		if place.Kind != "name" {
			t.Fatalf("At(%q, %d) is of kind %q", line, cursor, place.Kind)
		}
		line = line[:place.Start] + Quote(full)
		args, err := u.Parse(line)
		if err != nil {
			t.Fatalf("Parse(%q): %v", line, err)
		}
		if args.Word("name") != full {
			t.Fatalf("Parse(%q) reads %q, want %q", line, args.Word("name"), full)
		}
	})
}

// FuzzAt checks that the result depends only on the line before the cursor.
func FuzzAt(f *testing.F) {
	for i := range usages {
		f.Add(uint8(i), ` t --last=5 "a b`, 9)
	}
	f.Fuzz(func(t *testing.T, i uint8, line string, cursor int) {
		u := mustUsage(t, usages[int(i)%len(usages)])
		cursor = min(max(cursor, 0), len(line))
		place := u.At(line, cursor, "json")
		if place.Start < 0 || place.Start > cursor {
			t.Fatalf("%s: At(%q, %d) starts at %d", u, line, cursor, place.Start)
		}
		if again := u.At(line[:cursor]+` "--x`, cursor, "json"); !reflect.DeepEqual(again, place) {
			t.Errorf("%s: At(%q, %d) is %+v, and with another end %+v", u, line, cursor, place, again)
		}
		if place.Kind != "" && place.Choices != nil {
			t.Errorf("%s: At(%q, %d) is both %q and %q", u, line, cursor, place.Kind, place.Choices)
		}
		if len(place.Prefix) > cursor-place.Start {
			t.Errorf("%s: At(%q, %d) has the prefix %q from %d", u, line, cursor, place.Prefix, place.Start)
		}
	})
}
