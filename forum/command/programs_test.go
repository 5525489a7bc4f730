package command

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"sshforum/forum"
)

func standard(t *testing.T) *Table {
	t.Helper()
	table, err := Standard()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestProgramsAreNoCommands(t *testing.T) {
	table := standard(t)
	const shell = "This is a forum and no shell; HELP lists its commands."
	for verb, want := range map[string]string{
		"sh": shell, "/bin/bash": shell, "cat": shell, "exec": shell, "cd": shell, "uname": shell, "mv": shell, "reboot": shell,
		"rsync":           "This is a forum and runs no rsync; copy files with sftp, scp or rclone.",
		"/usr/bin/borg":   "This is a forum and runs no borg; copy files with sftp, scp or rclone.",
		"git-upload-pack": "This is a forum and runs no git-upload-pack; copy files with sftp, scp or rclone.",
		"mosh-server":     "This is a forum and runs no mosh-server; copy files with sftp, scp or rclone.",
		"ls":              "Invalid command\ndid you mean LST?",
		"CAT":             "Invalid command\ndid you mean CRT?",
		"rsynx":           "Invalid command\nHELP lists the commands",
		"":                "Invalid command\nHELP lists the commands",
	} {
		_, err := table.Find(verb)
		if forum.KindOf(err) != forum.Usage || forum.Explain(err) != want {
			t.Errorf("%q: %v; want %q", verb, forum.Explain(err), want)
		}
		if got := errors.Is(err, ErrProgram); got != strings.HasPrefix(want, "This") {
			t.Errorf("%q is a program: %v", verb, got)
		}
	}
	for name := range maps.Keys(copying) {
		if _, err := table.Find(name); !errors.Is(err, ErrProgram) {
			t.Errorf("%s is found: %v", name, err)
		}
	}
	for name := range maps.Keys(ofShells) {
		if _, err := table.Find(name); !errors.Is(err, ErrProgram) || copying[name] {
			t.Errorf("%s is found, or is there twice: %v", name, err)
		}
	}
}

// A command that cannot easily be undone, or that not everybody may use, is never suggested for
// a misspelt word.
func TestGraveCommandsAreNotProposed(t *testing.T) {
	table := standard(t)
	for _, word := range []string{"SHTT", "sth", "Sh", "shutdwon", "CLOS", "cloze", "remov", "rmvv", "mrv", "bam", "hidee", "SLWO", "pni", "lokc"} {
		if _, err := table.Find(word); forum.Explain(err) != "Invalid command\nHELP lists the commands" {
			t.Errorf("%s: %s", word, forum.Explain(err))
		}
	}
	for _, c := range table.Commands(forum.Admin) {
		for _, name := range []string{c.Name(), c.Alias} {
			for _, typed := range mistakes(name) {
				if found, err := table.Find(typed); found == nil {
					proposed, _ := table.Find(strings.TrimSuffix(strings.TrimPrefix(forum.Explain(err), "Invalid command\ndid you mean "), "?"))
					if proposed != nil && (proposed.Grave || proposed.For > forum.Member) {
						t.Errorf("%s proposes %s", typed, proposed.Name())
					}
				}
			}
		}
	}
	for _, name := range []string{"SHT", "CLOSE", "RMV", "BAN"} { // Find knows them by their names all the same
		if _, err := table.Find(name); err != nil || !slices.Contains(table.Names(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// mistakes returns the words that result if a letter of word is left out, doubled or swapped.
func mistakes(word string) (all []string) {
	for i := range len(word) {
		all = append(all, word[:i]+word[i+1:], word[:i]+word[i:i+1]+word[i:])
		if i > 0 {
			all = append(all, word[:i-1]+word[i:i+1]+word[i-1:i]+word[i+1:])
		}
	}
	return all
}
