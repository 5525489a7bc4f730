package command

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The manual's table of commands has every command with its usage and its alias, and no others.
// A row for two commands, such as LOCK and UNLOCK, has them in one order.
func TestManualListsTheCommands(t *testing.T) {
	manual, err := os.ReadFile("../../docs/manual.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := make(map[string]string)
	for _, row := range regexp.MustCompile("(?m)^\\| (`[A-Z]{3}.*?) \\| (.*?) \\|").FindAllStringSubmatch(strings.ReplaceAll(string(manual), `\|`, "¦"), -1) {
		words := strings.Split(row[2], ", ")
		for i, usage := range strings.Split(row[1], ", ") {
			listed[strings.ReplaceAll(strings.Trim(usage, "`"), "¦", "|")] = words[i]
		}
	}
	table, err := Standard()
	if err != nil {
		t.Fatal(err)
	}
	want := make(map[string]string)
	for _, c := range table.commands {
		want[c.Usage] = c.Alias
	}
	if diff := cmp.Diff(want, listed); diff != "" {
		t.Error(diff)
	}
}
