package command

import (
	"testing"

	"sshforum/forum"
)

func TestArgs(t *testing.T) {
	u := mustUsage(t, "SHOW thread add|list [user ...] [--as TITLE] [--all]")
	args, err := u.Parse(` t LIST "" yoda --as "a b"`)
	if err != nil {
		t.Fatal(err)
	}
	if got := args.Word("thread"); got != "t" {
		t.Errorf("thread is %q", got)
	}
	if got := args.Words("user"); len(got) != 2 || got[0] != "" || got[1] != "yoda" {
		t.Errorf("user is %q", got)
	}
	if !args.Has("user") || args.Word("user") != "" {
		t.Error("an empty user was given and is not seen")
	}
	if got := args.Choice(); got != "list" {
		t.Errorf("the choice is %q", got)
	}
	if !args.Flag("as") || args.Value("as") != "a b" {
		t.Errorf("--as is %q", args.Value("as"))
	}
	if args.Flag("all") || args.Value("all") != "" || args.Has("as") || args.Word("as") != "" {
		t.Error("what was not given is there")
	}
	if args.Rest() != "" {
		t.Errorf("the rest is %q", args.Rest())
	}
}

func TestArgsOfNothing(t *testing.T) {
	var args Args
	if args.Has("a") || args.Word("a") != "" || args.Words("a") != nil || args.Flag("a") || args.Value("a") != "" {
		t.Error("no arguments have arguments")
	}
}

func TestNumber(t *testing.T) {
	u := mustUsage(t, "RDT [--last N]")
	const (
		wrong = "Incorrect syntax for RDT\n--last takes a whole number of 1 or more\nusage: RDT [--last N]"
		large = "Incorrect syntax for RDT\n--last is too large\nusage: RDT [--last N]"
	)
	for _, test := range []struct {
		rest string
		n    int
		says string
	}{
		{"", 0, ""},
		{" --last 1", 1, ""},
		{" --last=007", 7, ""},
		{" --last 2147483647", 2147483647, ""},
		{" --last 9223372036854775808", 0, large},
		{" --last 99999999999999999999", 0, large},
		{" --last 0", 0, wrong},
		{" --last -1", 0, wrong},
		{" --last +1", 0, wrong},
		{" --last 1.0", 0, wrong},
		{" --last 0x1", 0, wrong},
		{" --last=", 0, wrong},
		{" --last ten", 0, wrong},
		{" --last \u0661", 0, wrong},
	} {
		args, err := u.Parse(test.rest)
		if err != nil {
			t.Fatal(err)
		}
		n, err := args.Number("last")
		says := ""
		if err != nil {
			says = forum.Explain(err)
		}
		if n != test.n || says != test.says {
			t.Errorf("%q: Number = %d, %q; want %d, %q", test.rest, n, says, test.n, test.says)
		}
		if err != nil && forum.KindOf(err) != forum.Usage {
			t.Errorf("%q: the error is of kind %v", test.rest, forum.KindOf(err))
		}
	}
}
