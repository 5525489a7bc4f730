package policy

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pkg/sftp"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// A world is a forum from which something was taken. What a moderator hides must be gone
// for a stranger as if it had been deleted, and so the same world is made twice: in one
// of them it was.
type world struct {
	*forumtest.Forum
	t    testing.TB
	hide bool // else deleted
}

// secrets are what nobody but moderators and the author may meet: they are in all that is
// taken, and nowhere else. plugh is the title of a thread.
var secrets = []string{"frotz", "plugh"}

// last is in the last message of the world.
const last = "the last word"

// taken and remains are what a message of 3331 is named by that was taken, and one that
// was not.
const (
	taken   = "id:3.3"
	remains = "id:3.1"
)

func newWorld(t testing.TB, hide bool, set ...func(*rules.Config)) *world {
	t.Helper()
	w := &world{Forum: forumtest.New(t, set...), t: t, hide: hide}
	mace := w.AsRole("Mace", forum.Moderator)
	for _, name := range []string{"Yoda", "Luke", "Leia"} {
		w.As(name)
	}
	w.create("Luke", "plugh")
	w.post("Luke", "plugh", "frotz, @Leia")
	w.post("Yoda", "plugh", "and more frotz")
	uploadFile(t, w.Forum, "Luke", "plugh", "frotz.txt", "frotz\n")
	w.take(mace, "plugh", 0)
	w.Clock.Advance(31 * 24 * time.Hour)
	w.forget(mace)

	w.create("Yoda", "3331")
	w.post("Yoda", "3331", "one of @Leia")
	uploadFile(t, w.Forum, "Yoda", "3331", "map.txt", "to Dagobah\n")
	w.post("Luke", "3331", "an early frotz")
	w.edit("Luke", "3331", 2, "frotz for @Leia")
	w.reply("Yoda", "3331", 2, "an answer")
	w.post("Leia", "3331", "mine")
	w.post("Luke", "3331", "frotz at the end")
	w.take(mace, "3331", 5)
	w.take(mace, "3331", 2)
	w.post("Yoda", rules.Lobby, "welcome")
	w.post("Luke", rules.Lobby, "frotz for all")
	w.Clock.Advance(time.Minute)
	w.take(mace, rules.Lobby, 2)
	w.post("Yoda", "3331", last)
	return w
}

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) create(name, title string) {
	w.t.Helper()
	_, err := w.Service.CreateThread(w.t.Context(), w.As(name), title)
	w.check(err)
}

func (w *world) post(name, title, text string) {
	w.t.Helper()
	_, err := w.Service.Post(w.t.Context(), w.As(name), title, text)
	w.check(err)
}

func (w *world) edit(name, title string, n uint64, text string) {
	w.t.Helper()
	_, err := w.Service.EditMessage(w.t.Context(), w.As(name), rules.Target{Title: title, Number: n}, text)
	w.check(err)
}

func (w *world) reply(name, title string, n uint64, text string) {
	w.t.Helper()
	_, err := w.Service.Reply(w.t.Context(), w.As(name), rules.Target{Title: title, Number: n}, text)
	w.check(err)
}

// take hides or deletes message n of a thread, or all of it for 0.
func (w *world) take(by rules.Actor, title string, n uint64) {
	w.t.Helper()
	var err error
	target := rules.Target{Title: title, Number: n}
	switch {
	case w.hide && n == 0:
		_, err = w.Service.HideThread(w.t.Context(), by, title, "spam")
	case w.hide:
		_, err = w.Service.HideMessage(w.t.Context(), by, target, "spam")
	case n == 0:
		_, err = w.Service.RemoveThread(w.t.Context(), by, title)
	default:
		_, err = w.Service.DeleteMessage(w.t.Context(), by, target)
	}
	w.check(err)
}

// forget purges, and makes changes that show nowhere until both worlds have had as many.
func (w *world) forget(by rules.Actor) {
	w.t.Helper()
	w.check(w.Service.Purge(w.t.Context()))
	const changes = 40
	for w.changes() < changes {
		_, err := w.Service.SetPreferences(w.t.Context(), by, forum.Preferences{})
		w.check(err)
	}
	if n := w.changes(); n != changes {
		w.t.Fatalf("%d changes so far; raise the constant", n)
	}
}

func (w *world) changes() (seq uint64) {
	w.t.Helper()
	w.check(w.Store.View(func(r forum.Reader) error { seq = r.Seq(); return nil }))
	return seq
}

// arguments are what is tried for each kind of argument, and flags for each kind of value.
var (
	arguments = map[string][]string{
		"thread": {"plugh", "3331"}, "n": {"1", "2", "4", "5", taken, remains}, "user": {"Luke"}, "who": {"Luke"},
		"name": {"frotz.txt", "map.txt"}, "text": {"good day"}, "reason": {"a reason"}, "note": {"a note"}, "time": {"90d"},
		"word": {"frotz", "for", "author:Luke", "has:file", "in:plugh", "in:3331", `"frotz for"`, "the"},
		"key":  {"1"}, "setting": {"zone"}, "value": {"UTC"}, "command": {"HIDE"}, "interval": {"30s"},
	}
	flagValues = map[string][]string{
		"N": {"1", "3"}, "T": {"90d"}, "TITLE": {"other"}, "KEY": {"k"}, "TIME": {"1h"}, "HEAD": {strings.Repeat("0", 64)},
	}
)

// linesOf returns lines with the command, in which every argument is tried with each of
// its arguments, optional ones left out too, and every flag alone.
func linesOf(c *command.Command) []string {
	elements := strings.Fields(strings.NewReplacer(" ...]", "]", "...", "").Replace(c.Usage))
	bare := []string{elements[0]}
	lines, flags := bare, []string(nil)
	for i := 1; i < len(elements); i++ {
		name, optional := strings.CutPrefix(elements[i], "[")
		name, closed := strings.CutSuffix(name, "]")
		switch {
		case strings.HasPrefix(name, "--") && closed:
			flags = append(flags, name)
			continue
		case strings.HasPrefix(name, "--"):
			i++
			value := strings.TrimSuffix(elements[i], "]")
			values := flagValues[value]
			if values == nil {
				values = []string{"1"}
			}
			for _, v := range values {
				flags = append(flags, name+"="+v)
			}
			continue
		}
		values := arguments[name]
		if values == nil {
			values = strings.Split(name, "|") // choices, or a word of some other kind
		}
		var longer []string
		for _, line := range bare {
			for _, v := range values {
				longer = append(longer, line+" "+v)
			}
		}
		if optional {
			lines = append(slices.Clone(lines), longer...)
		} else {
			lines = longer
		}
		bare = longer
	}
	verb := elements[0]
	for _, line := range slices.Clone(lines) {
		for _, f := range flags {
			lines = append(lines, verb+" "+f+strings.TrimPrefix(line, verb))
		}
	}
	return lines
}

// late are commands that would change what the others tell.
var late = []string{"DLT", "EDT", "CRT", "BLOCK", "UNBLOCK", "CATCHUP", "MUTE", "CLOSE", "XIT", "SHT"}

// lines returns what a stranger says: every command of the table. What FOLLOW tells ends
// with the last word, what it follows from now on is for the rules' own tests.
func strangersLines(t *testing.T) (lines []string) {
	t.Helper()
	table, err := command.Standard()
	if err != nil {
		t.Fatal(err)
	}
	var ending []string
	own := func(line string) bool { return strings.HasPrefix(line, "UPD ") && strings.Contains(line, "frotz") }
	for _, c := range table.Commands(forum.Admin) {
		switch {
		case c.Stays:
			lines = append(lines, c.Name()+" plugh", c.Name()+" --after=0", c.Name()+" 3331 --after=0", c.Name()+" plugh --after=0")
		case slices.Contains(late, c.Name()):
			ending = append(ending, linesOf(c)...)
		default:
			lines = append(lines, linesOf(c)...)
		}
	}
	return slices.DeleteFunc(append(lines, ending...), own)
}

// differs reports whether a line says in its own way that something was taken: what it
// says is looked through for secrets alone.
func differs(line string) bool {
	verb, _, _ := strings.Cut(line, " ")
	return slices.Contains([]string{"FOLLOW", "MODLOG"}, verb)
}

// found returns the secrets that are in a text and not in what was asked.
func found(asked, text string) (all []string) {
	for _, s := range secrets {
		if strings.Contains(text, s) && !strings.Contains(asked, s) {
			all = append(all, s)
		}
	}
	return all
}

// TestHiddenTellsNothing to a stranger: every command, by exec, says what it would if what
// is hidden had been deleted, and none of it says a secret.
func TestHiddenTellsNothing(t *testing.T) {
	t.Parallel()
	hidden, deleted := newHouses(t)
	lines := strangersLines(t)
	for _, line := range lines {
		for _, flag := range []string{"", " --json"} {
			verb, rest, _ := strings.Cut(line, " ")
			asked := strings.TrimSpace(verb + flag + " " + rest)
			until := ""
			if verb == "FOLLOW" {
				until = last
			}
			got := hidden.exec("Leia", asked, until)
			if leaked := found(asked, got.out); leaked != nil {
				t.Errorf("%s tells %q:\n%s", asked, leaked, got.out)
			}
			if want := deleted.exec("Leia", asked, until); !differs(line) && got != want {
				t.Errorf("%s (-deleted +hidden):\n%s", asked, cmp.Diff(want, got, cmp.AllowUnexported(done{})))
			}
		}
	}
	t.Logf("%d lines", 2*len(lines))
}

func newHouses(t *testing.T) (hidden, deleted *house) {
	t.Helper()
	return openHouse(t, newWorld(t, true).Forum), openHouse(t, newWorld(t, false).Forum)
}

// TestHiddenTellsNothingInAShell that has a terminal, with completion and notices.
func TestHiddenTellsNothingInAShell(t *testing.T) {
	t.Parallel()
	hidden, _ := newHouses(t)
	var typed strings.Builder
	for _, line := range strangersLines(t) {
		verb, _, _ := strings.Cut(line, " ")
		if found("", line) == nil && !slices.Contains([]string{"FOLLOW", "XIT", "SHT", "PASSWD", "CLOSE", "UPD"}, verb) {
			fmt.Fprintf(&typed, " %s\rq", line) // q ends a pager, and else is deleted
			typed.WriteString("\x15")
		}
	}
	typed.WriteString(" RDT p\t\t\x15 UNHIDE p\t\t\x15 RDT \t\t\x15 DWN 3331 \t\t\x15 XIT\r")
	if shown := hidden.typed("Leia", typed.String()); found("", shown) != nil || !strings.Contains(shown, last) {
		t.Errorf("the shell showed:\n%s", shown)
	}
}

// TestHiddenTellsNothingOverSFTP nor by scp, nor to the tools that hash files.
func TestHiddenTellsNothingOverSFTP(t *testing.T) {
	t.Parallel()
	hidden, deleted := newHouses(t)
	leaks := hidden.tree("Luke")
	for asked, shows := range map[string]bool{
		"list /": false, "list /plugh": true, "read /plugh/frotz.txt": true, "read /3331/.thread.txt": true, "read /lobby/.thread.txt": true,
	} {
		if strings.Contains(leaks[asked], "frotz") != shows {
			t.Errorf("%s shows its author %q", asked, leaks[asked])
		}
	}
	for _, look := range []func(*house, string) map[string]string{(*house).tree, (*house).attempts} {
		want, got := look(deleted, "Leia"), look(hidden, "Leia")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-deleted +hidden):\n%s", diff)
		}
		for asked, text := range got {
			if leaked := found(asked, text); leaked != nil {
				t.Errorf("%s tells %q:\n%s", asked, leaked, text)
			}
		}
	}
}

// tree returns what a person sees of the file tree, by what was asked for.
func (h *house) tree(name string) map[string]string {
	h.t.Helper()
	seen := make(map[string]string)
	c := h.files(name)
	defer c.Close()
	for _, path := range []string{
		"/", "/plugh", "/plugh/frotz.txt", "/plugh/.thread.txt", "/plugh/.thread.json", "/3331", "/3331/map.txt",
		"/3331/.thread.txt", "/3331/.thread.json", "/lobby", "/lobby/.thread.txt", "/.inbox", "/@Luke",
	} {
		entries, err := c.ReadDir(path)
		for _, e := range entries {
			seen["list "+path] += shown(e)
		}
		seen["list "+path] += fmt.Sprint(err)
		if info, err := c.Stat(path); err == nil {
			seen["stat "+path] = shown(info)
		} else {
			seen["stat "+path] = err.Error()
		}
		seen["read "+path] = content(c, path)
		for _, tool := range []string{"scp -f", "scp -r -f", "md5sum", "sha1sum", "sha256sum"} {
			asked := tool + " " + path
			seen[asked] = h.exec(name, asked, "").out
		}
	}
	return seen
}

func shown(i os.FileInfo) string {
	return fmt.Sprintln(i.Name(), i.Size(), i.Mode(), i.ModTime().UTC())
}

func content(c *sftp.Client, path string) string {
	file, err := c.Open(path)
	if err != nil {
		return err.Error()
	}
	defer file.Close()
	text, err := io.ReadAll(file)
	return fmt.Sprint(string(text), err)
}

// attempts returns what becomes of what a person tries to change in the file tree.
func (h *house) attempts(name string) map[string]string {
	h.t.Helper()
	c := h.files(name)
	defer c.Close()
	_, created := c.Create("/plugh/mine.txt")
	return map[string]string{
		"write /plugh/mine.txt":   fmt.Sprint(created),
		"rename /plugh/frotz.txt": fmt.Sprint(c.Rename("/plugh/frotz.txt", "/plugh/mine.txt")),
		"remove /plugh/frotz.txt": fmt.Sprint(c.Remove("/plugh/frotz.txt")),
		"rename /plugh":           fmt.Sprint(c.Rename("/plugh", "/mine")),
		"rmdir /plugh":            fmt.Sprint(c.RemoveDirectory("/plugh")),
		"mkdir /plugh":            fmt.Sprint(c.Mkdir("/plugh")),
	}
}
