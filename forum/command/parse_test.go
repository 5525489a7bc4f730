package command

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sshforum/forum"
)

// show returns the arguments as text, so that tables can compare all of them.
func show(a Args) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(a.words)) {
		parts = append(parts, fmt.Sprintf("%s=%q", name, a.words[name]))
	}
	if a.choice != "" {
		parts = append(parts, "choice="+a.choice)
	}
	for _, name := range slices.Sorted(maps.Keys(a.flags)) {
		parts = append(parts, fmt.Sprintf("--%s=%q", name, a.flags[name]))
	}
	if a.rest != "" {
		parts = append(parts, fmt.Sprintf("rest=%q", a.rest))
	}
	return strings.Join(parts, " ")
}

func TestParse(t *testing.T) {
	for _, test := range []struct{ usage, rest, want string }{
		{"XIT", "", ""},
		{"XIT", " \t\r\n", ""},
		{"XIT", " --", ""},
		{"CRT thread", " 3331", `thread=["3331"]`},
		{"CRT thread", " it's", `thread=["it's"]`},
		{"CRT thread", ` "a b"`, `thread=["a b"]`},
		{"CRT thread", ` ""`, `thread=[""]`},
		{"CRT thread", " 3331\r\n", `thread=["3331"]`},
		{"CRT thread", " -- --x", `thread=["--x"]`},
		{"CRT thread", " -- --", `thread=["--"]`},
		{"CRT thread", ` "--x"`, `thread=["--x"]`},
		{"CRT thread", " ---", `thread=["---"]`},
		{"CRT thread", " --1", `thread=["--1"]`},
		{"CRT thread", " \xff\xfe", `thread=["\xff\xfe"]`},
		{"DLT thread n", " t -1", `n=["-1"] thread=["t"]`},
		{"DLT thread n", " t 99999999999999999999", `n=["99999999999999999999"] thread=["t"]`},

		{"MSG thread text...", ` 3331 it's  fine "ok"`, `thread=["3331"] rest="it's  fine \"ok\""`},
		{"MSG thread text...", " 3331 \t a  b \r\n", `thread=["3331"] rest="a  b"`},
		{"MSG thread text...", ` 'a b' "c`, `thread=["a b"] rest="\"c"`},
		{"MSG thread text...", " t a\n  b\n\nc", `thread=["t"] rest="a\n  b\n\nc"`},
		{"MSG thread text...", " t\n  a\n b", `thread=["t"] rest="  a\n b"`},
		{"MSG thread text...", " t \r\n\ta", `thread=["t"] rest="\ta"`},
		{"MSG thread text...", " t \n\n a", `thread=["t"] rest="\n a"`},
		{"MSG thread text...", " t -", `thread=["t"] rest="-"`},
		{"MSG thread text...", " t a --json", `thread=["t"] rest="a --json"`},
		{"MSG thread text...", " t a -- b", `thread=["t"] rest="a -- b"`},
		{"MSG thread text...", " t --json a", `thread=["t"] --json="" rest="a"`},
		{"MSG thread text...", " --JSON t a", `thread=["t"] --json="" rest="a"`},
		{"MSG thread text...", " t -- --json a", `thread=["t"] rest="--json a"`},
		{"MSG thread text...", " -- t --json a", `thread=["t"] rest="--json a"`},
		{"MSG thread text...", " t --- a/b", `thread=["t"] rest="--- a/b"`},
		{"MSG thread text...", ` t "--json" a`, `thread=["t"] rest="\"--json\" a"`},
		{"MSG thread text...", " t \xff\x00\xc3", `thread=["t"] rest="\xff\x00\xc3"`},

		{"HIDE thread [n] reason...", " t spam", `thread=["t"] rest="spam"`},
		{"HIDE thread [n] reason...", " t 12 spam, 3 times", `n=["12"] thread=["t"] rest="spam, 3 times"`},
		{"HIDE thread [n] reason...", " t id:12.7  spam", `n=["id:12.7"] thread=["t"] rest="spam"`},
		{"HIDE thread [n] reason...", " t --json 12 spam", `n=["12"] thread=["t"] --json="" rest="spam"`},
		{"HIDE thread [n] reason...", " t -- --json", `thread=["t"] rest="--json"`},
		{"HIDE thread [n] reason...", " t 12 13 spam", `n=["12"] thread=["t"] rest="13 spam"`},
		{"HIDE thread [n] reason...", " t 3rd time", `thread=["t"] rest="3rd time"`},
		{"HIDE thread [n] reason...", ` t "12" spam`, `n=["12"] thread=["t"] rest="spam"`},
		{"HIDE thread [n] reason...", " t 11.2 spam", `n=["11.2"] thread=["t"] rest="spam"`},
		{"HIDE thread [n] reason...", " t -- 11.2 spam", `n=["11.2"] thread=["t"] rest="spam"`},
		{"HIDE thread [n] reason...", " t idle: 2 weeks", `thread=["t"] rest="idle: 2 weeks"`},
		{"HIDE thread [n] reason...", " t - 2", `thread=["t"] rest="- 2"`},
		{"LOCK thread [reason...]", " t 2 many ads", `thread=["t"] rest="2 many ads"`},

		{"RDT thread [--from N] [--last N] [--since T]", " t --last 5 --since 2h", `thread=["t"] --last="5" --since="2h"`},
		{"RDT thread [--from N] [--last N] [--since T]", " --last=5 --since '2 h' t", `thread=["t"] --last="5" --since="2 h"`},
		{"RDT thread [--from N] [--last N] [--since T]", ` --since="2 h" t`, `thread=["t"] --since="2 h"`},
		{"RDT thread [--from N] [--last N] [--since T]", " --since=a=b t", `thread=["t"] --since="a=b"`},
		{"RDT thread [--from N] [--last N] [--since T]", " --since= t", `thread=["t"] --since=""`},
		{"RDT thread [--from N] [--last N] [--since T]", " --last -1 t", `thread=["t"] --last="-1"`},
		{"RDT thread [--from N] [--last N] [--since T]", ` --since "--last" t`, `thread=["t"] --since="--last"`},

		{"RESTORE thread [n] [--as TITLE]", " t", `thread=["t"]`},
		{"RESTORE thread [n] [--as TITLE]", " t --as u 4", `n=["4"] thread=["t"] --as="u"`},
		{"SET [setting] [value]", "", ""},
		{"SET [setting] [value]", " plain on", `setting=["plain"] value=["on"]`},
		{"KEYS [add|list|remove] [key...]", "", ""},
		{"KEYS [add|list|remove] [key...]", " LIST", "choice=list"},
		{"KEYS [add|list|remove] [key...]", " list --json", `choice=list --json=""`},
		{"KEYS [add|list|remove] [key...]", " add ssh-ed25519 AAAA me", `choice=add rest="ssh-ed25519 AAAA me"`},
		{"FOLLOW [thread ...] [--quiet]", "", ""},
		{"FOLLOW [thread ...] [--quiet]", " a --quiet b a", `thread=["a" "b" "a"] --quiet=""`},
		{"SORT up|down [file-2]", " Down x", `file-2=["x"] choice=down`},
	} {
		args, err := mustUsage(t, test.usage).Parse(test.rest, "json")
		if err != nil {
			t.Errorf("%s: Parse(%q): %v", test.usage, test.rest, err)
			continue
		}
		if got := show(args); got != test.want {
			t.Errorf("%s: Parse(%q) reads %s, want %s", test.usage, test.rest, got, test.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, test := range []struct{ usage, rest, why string }{
		{"XIT", " now", `"now" is one word too many`},
		{"LST [--titles]", " \x1b[31m", `"\x1b[31m" is one word too many`},
		{"LST [--titles]", " " + strings.Repeat("x", 99), `"` + strings.Repeat("x", 40) + `" is one word too many`},
		{"LST [--titles]", " --titels", `unknown flag "--titels"; did you mean --titles?`},
		{"LST [--titles]", " --jsn", `unknown flag "--jsn"; did you mean --json?`},
		{"LST [--titles]", " --other", `unknown flag "--other"`},
		{"LST [--titles]", " --other=titles", `unknown flag "--other"`},
		{"LST [--titles]", " --titles=yes", "--titles takes no value"},
		{"LST [--titles]", " --titles=", "--titles takes no value"},
		{"LST [--titles]", " --titles --titles", "--titles is given twice"},
		{"LST [--titles]", " --titles --TITLES", "--titles is given twice"},
		{"CRT thread", "", "thread is missing"},
		{"CRT thread", " --", "thread is missing"},
		{"CRT thread", " a b", `"b" is one word too many`},
		{"CRT thread", ` "a b`, `a word that starts with " needs a closing "`},
		{"CRT thread", ` 'tis`, `a word that starts with ' needs a closing '`},
		{"CRT thread", ` "a"b`, `a closing " must be followed by a space`},
		{"DLT thread n", " t", "n is missing"},
		{"MSG thread text...", " t", "text is missing"},
		{"MSG thread text...", " t  \n ", "text is missing"},
		{"MSG thread text...", " t --", "text is missing"},
		{"HIDE thread [n] reason...", " t", "reason is missing"},
		{"HIDE thread [n] reason...", " t 12", "reason is missing"},
		{"HIDE thread [n] reason...", " t #2 spam", `"#2" names no message: write 2 or 12.7, and begin the reason with a word`},
		{"HIDE thread [n] reason...", " t 2, spam", `"2," names no message: write 2 or 12.7, and begin the reason with a word`},
		{"HIDE thread [n] reason...", " t 2-5 spam", `"2-5" names no message: write 2 or 12.7, and begin the reason with a word`},
		{"HIDE thread [n] reason...", " t 11.2. spam", `"11.2." names no message: write 2 or 12.7, and begin the reason with a word`},
		{"HIDE thread [n] reason...", " t ID:11.2 spam", `"ID:11.2" names no message: write 2 or 12.7, and begin the reason with a word`},
		{"HIDE thread [n] reason...", " t id:b spam", `"id:b" names no message: write 2 or 12.7, and begin the reason with a word`},
		{"HIDE thread [n] reason...", " t 0 spam", `"0" names no message: write 2 or 12.7, and begin the reason with a word`},
		{"HIDE thread [n] reason...", " t '#2' spam", `"#2" names no message: write 2 or 12.7, and begin the reason with a word`},
		{"HIDE thread [n] reason...", " t ２ spam", `"２" names no message: write 2 or 12.7, and begin the reason with a word`},
		{"MSG thread text...", " t --well said", `unknown flag "--well"; put -- before it if it is not a flag`},
		{"WHO [--since T] [--all]", " --since", "--since needs a value: T"},
		{"WHO [--since T] [--all]", " --since --all", "--since needs a value: T"},
		{"WHO [--since T] [--all]", " --since -- x", "--since needs a value: T"},
		{"WHO [--since T] [--all]", ` --since="x`, `a word that starts with " needs a closing "`},
		{"WHO [--since T] [--all]", " --since=a --since b", "--since is given twice"},
		{"KEYS [add|list|remove] [key...]", " ad", `"ad" is not one of: add, list, remove`},
		{"KEYS [add|list|remove] [key...]", ` ""`, `"" is not one of: add, list, remove`},
		{"SORT up|down [file-2]", "", "up|down is missing"},
	} {
		args, err := mustUsage(t, test.usage).Parse(test.rest, "json")
		if err == nil {
			t.Errorf("%s: Parse(%q) reads %s", test.usage, test.rest, show(args))
			continue
		}
		verb, _, _ := strings.Cut(test.usage, " ")
		want := "Incorrect syntax for " + verb + "\n" + test.why + "\nusage: " + test.usage
		if got := forum.Explain(err); got != want {
			t.Errorf("%s: Parse(%q) says:\n%s\nwant:\n%s", test.usage, test.rest, got, want)
		}
		if kind := forum.KindOf(err); kind != forum.Usage {
			t.Errorf("%s: Parse(%q) is of kind %v", test.usage, test.rest, kind)
		}
	}
}

// Somebody who asks for JSON gets the error as JSON, wherever the mistake is.
func TestGlobalFlagsAreReadFromWrongLines(t *testing.T) {
	table, err := Standard()
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]bool{
		"LST x --json":                   true,
		"LST --json x":                   true,
		"LST --other --json":             true,
		"LST --json --json":              true,
		"LST --json=yes":                 true,
		"RDT 3331 --last --json":         true,
		"RDT --json --last":              true,
		`RDT "a"b --json`:                true,
		"DLT 3331 --json":                true,
		"MSG 3331 --json":                true,
		"HIDE 3331 #2 --json spam":       true,
		"FROB --json":                    true,
		"FROB 3331 --last 5 --json":      true,
		"FROB --json=1 'it is":           true,
		"--json":                         false,
		"FROB -- --json":                 false,
		"FROB --jsn":                     false,
		"CRT 'a --json":                  false,
		"MSG --bogus 3331 text --json":   false,
		"MSG --json --bogus 3331 a text": true,
	} {
		_, args, err := table.Parse(line, "json")
		if err == nil || args.Flag("json") != want || args.Rest() != "" || args.Has("thread") {
			t.Errorf("%s: %s, %v; want json %v", line, show(args), err, want)
		}
	}
}

// HELP says that all commands take --json. Only in a text of any words it is one of the words.
func TestEveryCommandTakesGlobalFlags(t *testing.T) {
	table, err := Standard()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range table.commands {
		line := c.Name()
		for _, a := range c.usage.args {
			switch {
			case a.choices != nil:
				line += " " + a.choices[0]
			case a.raw:
				if !slices.Contains([]string{"text", "reason", "note"}, a.name) {
					t.Errorf("%s: --json behind %s is part of it", c.Usage, a.name)
				}
			default:
				line += " 1"
			}
		}
		_, args, err := table.Parse(line+" --json", "json")
		if !args.Flag("json") {
			t.Errorf("%s --json: %s, %v", line, show(args), err)
		}
	}
}

func TestParseTakesGlobalFlagsOnlyWhenAsked(t *testing.T) {
	u := mustUsage(t, "LST [--titles]")
	if _, err := u.Parse(" --json"); err == nil {
		t.Error("--json is taken where it is not enabled")
	}
	args, err := u.Parse(" --json", "quiet", "json")
	if err != nil {
		t.Fatal(err)
	}
	if !args.Flag("json") || args.Flag("quiet") {
		t.Errorf("read %s", show(args))
	}
	if _, err := u.Parse(" --json"); err == nil {
		t.Error("--json is taken for having been enabled before")
	}
}

// Flags mean the same wherever they stand between the words.
func TestFlagsStandAnywhere(t *testing.T) {
	u := mustUsage(t, "RESTORE thread [n] [--as TITLE] [--all]")
	rapid.Check(t, func(t *rapid.T) {
		title := word().Draw(t, "title")
		flags := []string{"--all", rapid.SampledFrom([]string{"--as=", "--as "}).Draw(t, "form") + Quote(title)}
		parts := []string{"t", "-1"}
		for _, f := range flags {
			parts = slices.Insert(parts, rapid.IntRange(0, len(parts)).Draw(t, "place"), f)
		}
		line := " " + strings.Join(parts, " ")
		args, err := u.Parse(line)
		if err != nil {
			t.Fatalf("Parse(%q): %v", line, err)
		}
		if args.Word("thread") != "t" || args.Word("n") != "-1" || !args.Flag("all") || args.Value("as") != title {
			t.Fatalf("Parse(%q) reads %s", line, show(args))
		}
	})
}

// Lines made of the significant parts pass checkLine.
func TestParseAnyLine(t *testing.T) {
	part := rapid.SampledFrom(append(strings.Split(`a,b,add,1,-1,',",\,=,-,--,--json,--last,--since=,--titles,é`, ","), " ", "  ", "\n", "\xff"))
	rapid.Check(t, func(t *rapid.T) {
		u, err := ParseUsage(rapid.SampledFrom(usages).Draw(t, "usage"))
		if err != nil {
			t.Fatal(err)
		}
		checkLine(t, u, strings.Join(rapid.SliceOfN(part, 0, 12).Draw(t, "line"), ""))
	})
}

// checkLine checks properties that hold for every line.
func checkLine(t rapid.TB, u Usage, line string) {
	t.Helper()
	args, err := u.Parse(line, "json")
	if err != nil {
		if kind := forum.KindOf(err); kind != forum.Usage {
			t.Fatalf("%s: Parse(%q) is of kind %v: %v", u, line, kind, err)
		}
		return
	}
	if !strings.Contains(line, args.Rest()) {
		t.Fatalf("%s: Parse(%q): the rest %q is not part of the line", u, line, args.Rest())
	}
	if strings.TrimRight(args.Rest(), blanks) != args.Rest() {
		t.Fatalf("%s: Parse(%q): the rest %q ends in blanks", u, line, args.Rest())
	}
	for name, words := range args.words {
		if slices.Contains(words, "") && !strings.Contains(line, `""`) && !strings.Contains(line, `''`) {
			t.Fatalf("%s: Parse(%q): %s has an empty word", u, line, name)
		}
	}
	again, err := u.Parse(write(u, args), "json")
	if err != nil {
		t.Fatalf("%s: Parse(%q), written from %q: %v", u, write(u, args), line, err)
	}
	if show(again) != show(args) {
		t.Fatalf("%s: Parse(%q) reads %s, and written again %s", u, line, show(args), show(again))
	}
}

// write returns a line with the arguments a.
func write(u Usage, a Args) string {
	var line strings.Builder
	for _, f := range append(slices.Clip(u.flags), flag{name: "json"}) {
		if a.Flag(f.name) {
			line.WriteString(" --" + f.name)
			if f.value != "" {
				line.WriteString("=" + Quote(a.Value(f.name)))
			}
		}
	}
	for _, arg := range u.args {
		for _, w := range a.Words(arg.name) {
			line.WriteString(" " + Quote(w))
		}
		if arg.choices != nil {
			line.WriteString(" " + a.Choice())
		}
	}
	return line.String() + " --\n" + a.Rest()
}

func FuzzParse(f *testing.F) {
	for i := range usages {
		f.Add(uint8(i), ` t 1 --last=5 -- it's "fine"`)
	}
	f.Add(uint8(2), " 'a b' --json\n\t\xff")
	f.Add(uint8(3), ` --since "a\"b\\" t --from 1`)
	f.Add(uint8(8), " ADD ssh-ed25519 AAAA")
	f.Fuzz(func(t *testing.T, i uint8, line string) {
		checkLine(t, mustUsage(t, usages[int(i)%len(usages)]), line)
	})
}
