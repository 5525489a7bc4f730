package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// top is the directory of the module.
const top = "../../.."

func TestPageIsUpToDate(t *testing.T) {
	want, err := generate(top)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(top, page))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("run go generate ./sshapp/render (-generated +%s):\n%s", page, diff)
	}
}

// sound is a package render that everything in is explained in.
const sound = `package render

const problemSchema = "sshforum.error.v1"

var rows = []row{
	// LST
	one("sshforum.threads.v1", words, list),
}

var eventWords = map[forum.EventKind]string{
	// A thread was made.
	forum.ThreadCreated: "made",
}

var recordFields = map[rules.RecordKind]any{
	// A thread.
	rules.ThreadRecord: recordOf(thread),
}

func list(r any) listJSON { return listJSON{} }

func thread(r any) threadJSON { return threadJSON{} }

// listJSON is a list.
type listJSON struct {
	// The threads.
	Threads []threadJSON ` + "`json:\"threads\"`" + `
	// How many there are.
	Count int ` + "`json:\"count\"`" + `
}

// threadJSON is a thread.
type threadJSON struct {
	// Its title.
	Title string ` + "`json:\"title\"`" + `
}
`

// TestWhatIsNotExplained in package render is an error, and so is a name of two types.
func TestWhatIsNotExplained(t *testing.T) {
	for _, test := range []struct{ name, old, new, err string }{
		{"sound", "", "", ""},
		{"row", "\t// LST\n", "", "row.go:6:2: no comment says what this is"},
		{"event", "\t// A thread was made.\n", "", "no comment says what this is"},
		{"record", "\t// A thread.\n", "", "no comment says what this is"},
		{"field", "\t// Its title.\n", "", "title of threadJSON: no sentence says what it means"},
		{"struct", "// threadJSON is a thread.\n", "", "threadJSON: its comment must begin with its name"},
		{"type", "Count int", "Count forum.Slowness", "count of listJSON: it is not known what a forum.Slowness is in JSON"},
		{"name", `json:"title"`, `json:"count"`, "count is a number in listJSON and a string in threadJSON"},
		{"form", "recordOf(thread)", "thread", "not a call of recordOf"},
		{"function", "words, list)", "words, lists)", "not a function with one result"},
	} {
		t.Run(test.name, func(t *testing.T) {
			top := t.TempDir()
			for file, text := range map[string]string{
				"forum/event.go":        "package forum\n\nconst ThreadCreated EventKind = \"thread.created\"\n",
				"forum/rules/export.go": "package rules\n\nconst ThreadRecord RecordKind = \"thread\"\n",
				"sshapp/render/row.go":  strings.Replace(sound, test.old, test.new, 1),
			} {
				if err := os.MkdirAll(filepath.Dir(filepath.Join(top, file)), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(top, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			text, err := generate(top)
			switch {
			case test.err == "" && (err != nil || !strings.Contains(string(text), "| `sshforum.threads.v1` | LST | [list](#list) |")):
				t.Errorf("%v\n%s", err, text)
			case test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)):
				t.Errorf("error %v, want %s", err, test.err)
			}
		})
	}
}
