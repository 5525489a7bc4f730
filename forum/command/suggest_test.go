package command

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sshforum/forum"
)

func TestNearest(t *testing.T) {
	commands := strings.Fields("CRT create LST list MSG post RDT read EDT edit DLT delete RMV remove RESTORE restore WHOAMI HELP")
	for _, test := range []struct{ word, near string }{
		{"LST", "LST"},
		{"lst", "LST"},
		{"lts", "LST"},
		{"ls", "LST"},
		{"LSTT", "LST"},
		{"mgs", "MSG"},
		{"rdt", "RDT"},
		{"dlete", "delete"},
		{"delte", "delete"},
		{"del", "delete"},
		{"who", "WHOAMI"},
		{"rem", "remove"},
		{"restroe", "RESTORE"},
		{"hepl", "HELP"},
		{"posts", "post"},
		{"", ""},
		{"x", ""},
		{"re", ""},
		{"xyz", ""},
		{"quit", ""},
		{"\xff\xfe\xfd", ""},
		{strings.Repeat("l", 1<<16), ""},
	} {
		near, ok := Nearest(test.word, commands)
		if near != test.near || ok != (test.near != "") {
			t.Errorf("Nearest(%.20q) = %q, %t; want %q", test.word, near, ok, test.near)
		}
	}
	if near, ok := Nearest("lst", nil); ok {
		t.Errorf("nearest of nothing is %q", near)
	}
}

func TestDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"abc", "abc", 0},
		{"abc", "abd", 1},
		{"abc", "ac", 1},
		{"abc", "acb", 1},
		{"ca", "abc", 3},
		{"kitten", "sitting", 3},
		{"ñandú", "nandu", 2},
		{"abcdef", "badcfe", 3},
	} {
		if got := distance([]rune(test.a), []rune(test.b)); got != test.want {
			t.Errorf("distance(%q, %q) = %d, want %d", test.a, test.b, got, test.want)
		}
	}
}

func TestDistanceIsSymmetric(t *testing.T) {
	letters := rapid.SliceOfN(rapid.SampledFrom([]rune("abc")), 0, 7)
	rapid.Check(t, func(t *rapid.T) {
		a, b := letters.Draw(t, "a"), letters.Draw(t, "b")
		there, back := distance(a, b), distance(b, a)
		if there != back {
			t.Fatalf("distance is %d one way and %d the other", there, back)
		}
		if most := max(len(a), len(b)); there > most || there < most-min(len(a), len(b)) {
			t.Fatalf("distance %d of words of %d and %d letters", there, len(a), len(b))
		}
	})
}

func TestUnknown(t *testing.T) {
	for _, test := range []struct{ verb, says string }{
		{"lts", "Invalid command\ndid you mean LST?"},
		{"\x1b]0;x\a", "Invalid command\nHELP lists the commands"},
		{"frobnicate", "Invalid command\nHELP lists the commands"},
	} {
		err := Unknown(test.verb, []string{"LST", "MSG"})
		if got := forum.Explain(err); got != test.says {
			t.Errorf("Unknown(%q) says %q, want %q", test.verb, got, test.says)
		}
		if kind := forum.KindOf(err); kind != forum.Usage {
			t.Errorf("Unknown(%q) is of kind %v", test.verb, kind)
		}
	}
}
