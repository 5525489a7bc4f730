package shell

import (
	"context"
	"strings"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
	"sshforum/sshapp/lineedit"
)

// maxCandidates limits the candidates that a Tab offers.
const maxCandidates = 200

// complete returns the texts that may stand at the cursor of the line being typed.
func (sh *shell) complete(line string, cursor int) lineedit.Completion {
	place := sh.table.At(line, cursor, jsonFlag)
	candidates := place.Choices
	if of, ok := completions[place.Kind]; ok {
		candidates = of(sh, place)
	}
	c := lineedit.Completion{Start: place.Start}
	for _, candidate := range candidates {
		if len(c.Candidates) == maxCandidates {
			break
		}
		if !hasPrefixFold(candidate, place.Prefix) || candidate != forum.Printable(candidate) {
			continue
		}
		if quoted[place.Kind] {
			candidate = command.Quote(candidate)
		}
		c.Candidates = append(c.Candidates, candidate)
	}
	return c
}

// quoted has the kinds of arguments whose values are quoted if needed. Other candidates, such
// as flags, are syntax of a command.
var quoted = map[string]bool{"thread": true, "user": true, "who": true, "name": true}

// completions has the function that lists the candidates of each kind of argument.
var completions = map[string]func(*shell, command.Place) []string{
	"command": func(sh *shell, p command.Place) []string { return sh.verbs(p.Prefix) },
	"thread":  func(sh *shell, p command.Place) []string { return sh.titles(p.Prefix) },
	"user":    func(sh *shell, p command.Place) []string { return sh.names(p.Prefix) },
	"who":     func(sh *shell, p command.Place) []string { return sh.names(p.Prefix) },
	"name":    func(sh *shell, p command.Place) []string { return sh.files(p.Args.Word("thread")) },
	"word":    func(sh *shell, p command.Place) []string { return sh.filters(p.Prefix) },
	"text":    func(sh *shell, p command.Place) []string { return sh.mentions(p.Prefix) },
	"setting": func(*shell, command.Place) []string { return settingNames() },
	"value":   func(_ *shell, p command.Place) []string { return settingValues(p.Args.Word("setting")) },
}

func settingNames() (names []string) {
	for _, s := range forum.Settings {
		names = append(names, s.Name)
	}
	return names
}

func settingValues(name string) []string {
	s, _ := forum.FindSetting(name)
	return s.Values
}

// verbs returns the names of the commands, and the plain words too if the person types
// lower-case letters.
func (sh *shell) verbs(prefix string) []string {
	var verbs []string
	small := prefix != "" && prefix == strings.ToLower(prefix)
	u, err := sh.service.Account(sh.actor)
	if err != nil {
		return nil
	}
	for _, c := range sh.table.Commands(u.Role) {
		if small {
			verbs = append(verbs, c.Alias)
		}
		if !small || !strings.EqualFold(c.Alias, c.Name()) {
			verbs = append(verbs, c.Name())
		}
	}
	return verbs
}

func (sh *shell) titles(prefix string) []string {
	titles, err := sh.service.Titles(sh.actor, prefix, maxCandidates)
	if err != nil {
		return nil
	}
	return titles
}

func (sh *shell) names(prefix string) []string {
	names, err := sh.service.Names(sh.actor, prefix, maxCandidates)
	if err != nil {
		return nil
	}
	return names
}

func (sh *shell) files(thread string) []string {
	found, err := sh.filesIn(context.Background(), sh.actor, rules.Place{Thread: thread})
	if err != nil {
		return nil
	}
	names := make([]string, len(found))
	for i, f := range found {
		names[i] = f.Name
	}
	return names
}

// filters returns the values that may stand behind the colon of a search's filter.
func (sh *shell) filters(prefix string) []string {
	filter, value, _ := strings.Cut(prefix, ":")
	var values []string
	switch strings.ToLower(filter) {
	case "author":
		values = sh.names(value)
	case "in":
		values = sh.titles(value)
	case "has":
		values = []string{"file"}
	}
	for i := range values {
		values[i] = filter + ":" + values[i]
	}
	return values
}

// mentions returns the names that may stand behind an @ in a text.
func (sh *shell) mentions(prefix string) []string {
	name, ok := strings.CutPrefix(prefix, "@")
	if !ok {
		return nil
	}
	names := sh.names(name)
	for i := range names {
		names[i] = "@" + names[i]
	}
	return names
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
