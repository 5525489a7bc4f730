package scp

import (
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sshforum/forum"
	"sshforum/forum/forumtest"
)

func TestParseCommand(t *testing.T) {
	sink := func(paths ...string) Request { return Request{Sink: true, Paths: paths} }
	source := func(paths ...string) Request { return Request{Paths: paths} }
	for raw, want := range map[string]Request{
		// OpenSSH
		"scp -t .":                     sink("."),
		"scp -v -r -p -d -t 3331/":     {Sink: true, Recursive: true, Times: true, TargetIsDir: true, Paths: []string{"3331/"}},
		"scp -t -- -rf":                sink("-rf"),
		"scp -f 3331/a 3331/b":         source("3331/a", "3331/b"),
		"scp -d -f 3331/a":             {TargetIsDir: true, Paths: []string{"3331/a"}},
		"scp -r -f ~/x ~ '~/x' ~y/x":   {Recursive: true, Paths: []string{"/x", "/", "~/x", "~y/x"}},
		`scp -f "a b" 'c d' e\ f`:      source("a b", "c d", "e f"),
		"scp -f *.pdf {a,b} $HOME;x #": source("*.pdf", "{a,b}", "$HOME;x", "#"),
		// libssh2, JSch, pscp and WinSCP, Go libraries
		"scp -pt '/3331/it'\"'\"'s'": {Sink: true, Times: true, Paths: []string{"/3331/it's"}},
		"scp -p -t \"/3331\"":        {Sink: true, Times: true, Paths: []string{"/3331"}},
		"scp -r  -f  3331":           {Recursive: true, Paths: []string{"3331"}},
		"/usr/bin/scp -qrt 3331":     {Sink: true, Recursive: true, Paths: []string{"3331"}},
		"'scp' -\"t\" x":             sink("x"),
		" \tscp -t x ":               sink("x"),
		// quotes inside quotes, as a shell reads them
		`scp -t "a\$\"\\\` + "`" + `\n'b"`: sink(`a$"\` + "`" + `\n'b`),
		`scp -t 'a\"b'`:                    sink(`a\"b`),
		`scp -t a\'\"\\\b`:                 sink(`a'"\b`),
		`scp -t ''`:                        sink(""),
		`scp -t é\é"é\é"`:                  sink(`ééé\é`),
		"scp -f -":                         source("-"),
		"scp -f a -r":                      source("a", "-r"),
	} {
		got, ok, err := ParseCommand(raw)
		got.words = nil // see TestExpand
		if !ok || err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("ParseCommand(%q) = %+v, %v, %v; want %+v", raw, got, ok, err, want)
		}
	}
	for _, raw := range []string{"", " ", "LST", "scpx -t a", "MSG 3331 it's", `"scp`, `scp\`, "scp-t a", "sftp-server", "LANG=C scp -t a", "rm scp -t a"} {
		if got, ok, err := ParseCommand(raw); ok || err != nil || !reflect.DeepEqual(got, Request{}) {
			t.Errorf("ParseCommand(%q) = %+v, %v, %v", raw, got, ok, err)
		}
	}
	for raw, says := range map[string]string{
		"scp":              usage,
		"scp a host:b":     usage,
		"scp -t -f x":      usage,
		"scp -r -p x":      usage,
		"scp -t":           "A path is missing; to copy",
		"scp -f --":        "A path is missing; to copy",
		"scp -t a b":       "Files go to one path at a time",
		"scp -t 'a":        "The path ends inside a quote '",
		`scp -t "a\"`:      `The path ends inside a quote "`,
		`scp -t a\`:        "The path ends inside a backslash",
		"scp -t a\x00b":    "A path cannot contain the character NUL",
		"scp -t -z a":      "The option -z of scp is not known here",
		"scp -t\x1b[2J a":  "The option -‹U+001B› of scp",
		"scp -t --help a":  "The option -- of scp",
		"scp -tl100 x":     "The option -l of scp",
		"scp -S /bin/sh x": "The option -S of scp",
	} {
		got, ok, err := ParseCommand(raw)
		if !ok || forum.KindOf(err) != forum.Usage || !strings.HasPrefix(forum.Explain(err), says) || !reflect.DeepEqual(got, Request{}) {
			t.Errorf("ParseCommand(%q) = %+v, %v, %v; want %q", raw, got, ok, err, says)
		}
	}
}

// A shell is the judge of how words are split.
func TestWordsAreThoseOfAShell(t *testing.T) {
	forumtest.NeedsProgram(t, "sh")
	piece := rapid.SampledFrom([]string{"a", "é", "/", " ", "\t", "'", `"`, `\`, "'b c'", `"d e"`, `\ `, "-", "."})
	rapid.Check(t, func(t *rapid.T) {
		line := strings.Join(rapid.SliceOfN(piece, 0, 12).Draw(t, "line"), "")
		split, err := SplitWords(line)
		if err != nil {
			t.Skip("not a whole line")
		}
		words := texts(split)
		out, err := exec.Command("sh", "-c", `printf '%s\0' end `+line).Output()
		if err != nil {
			t.Fatalf("sh: %v", err)
		}
		if want := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")[1:]; !slices.Equal(words, want) {
			t.Fatalf("%q splits into %q, want %q", line, words, want)
		}
	})
}

func texts(words []Word) (all []string) {
	for _, w := range words {
		all = append(all, w.Text)
	}
	return all
}

func FuzzParseCommand(f *testing.F) {
	for _, raw := range []string{"scp -t .", "scp -v -r -p -d -f -- 'a b' c", `/bin/scp -qrt "a\"b" `, "scp -t 'a", "scp -t\x00", "MSG 1 x", `scp -f é\é`} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		req, ok, err := ParseCommand(raw)
		if err != nil || !ok {
			said := sentence(err)
			if !reflect.DeepEqual(req, Request{}) || err != nil && (!ok || forum.KindOf(err) != forum.Usage || forum.Printable(said) != said) {
				t.Fatalf("ParseCommand(%q) = %+v, %v, %v", raw, req, ok, err)
			}
			return
		}
		if len(req.Paths) == 0 || req.Sink && len(req.Paths) != 1 || strings.Contains(strings.Join(req.Paths, ""), "\x00") {
			t.Fatalf("ParseCommand(%q) = %+v", raw, req)
		}
		req.words = nil // as all is quoted now
		if again, ok, err := ParseCommand(commandLine(req)); !ok || err != nil || !reflect.DeepEqual(again, req) {
			t.Fatalf("ParseCommand(%q) = %+v, but written out %q it is %+v, %v, %v", raw, req, commandLine(req), again, ok, err)
		}
	})
}

// commandLine writes a request the way a client with good manners does.
func commandLine(req Request) string {
	line := "scp"
	for option, set := range map[string]bool{" -t": req.Sink, " -f": !req.Sink, " -r": req.Recursive, " -p": req.Times, " -d": req.TargetIsDir} {
		if set {
			line += option
		}
	}
	line += " --"
	for _, p := range req.Paths {
		line += " '" + strings.ReplaceAll(p, "'", `'\''`) + "'"
	}
	return line
}
