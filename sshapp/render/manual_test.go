package render

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
	"sshforum/sshapp/exit"
)

// firstColumn returns the first column of the manual's table with these words in its head: each
// word in code style, or the whole cell if it has none.
func firstColumn(t *testing.T, head string) (cells []string) {
	t.Helper()
	manual, err := os.ReadFile("../../docs/manual.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(manual), "\n| "+head)
	table, _, _ = strings.Cut(table, "\n\n")
	for _, row := range strings.Split(table, "\n")[2:] {
		cell, _, _ := strings.Cut(row[2:], " |")
		code := regexp.MustCompile("`([^`]*)`").FindAllStringSubmatch(cell, -1)
		for _, c := range code {
			cells = append(cells, c[1])
		}
		if code == nil {
			cells = append(cells, cell)
		}
	}
	slices.Sort(cells)
	return cells
}

// TestJSONPageNamesEveryCommand that a person can give.
func TestJSONPageNamesEveryCommand(t *testing.T) {
	page, err := os.ReadFile("../../docs/json.md")
	if err != nil {
		t.Fatal(err)
	}
	table, err := command.Standard()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range table.Commands(forum.Admin) {
		if !regexp.MustCompile(`\b` + c.Name() + `\b`).Match(page) {
			t.Errorf("docs/json.md does not say what %s answers", c.Name())
		}
	}
}

func TestManualHasTheTablesOfTheProgram(t *testing.T) {
	exits := []string{strconv.Itoa(exit.OK), strconv.Itoa(exit.NoProgram)}
	for kind := forum.Internal; kind <= forum.Unavailable; kind++ {
		exits = append(exits, strconv.Itoa(exit.Status(forum.Errorf(kind, "No"))))
	}
	var settings, records []string
	for _, s := range forum.Settings {
		settings = append(settings, s.Name)
	}
	for kind := range recordFields {
		if kind != rules.EndRecord { // is told of above the table
			records = append(records, string(kind))
		}
	}
	for head, want := range map[string][]string{"status | means": exits, "setting | values": settings, "`record` | is": records} {
		slices.Sort(want)
		if diff := cmp.Diff(slices.Compact(want), firstColumn(t, head)); diff != "" {
			t.Errorf("%s: %s", head, diff)
		}
	}
}
