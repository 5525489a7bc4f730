package sshapp

import (
	"strings"
	"unicode/utf8"

	"sshforum/forum"
)

// maxShown is how many bytes of a peer's text fit a log line or a prompt.
const maxShown = 200

// shown returns text from a peer as logs and prompts may hold it.
func shown(s string) string {
	if len(s) > maxShown {
		s = strings.TrimRightFunc(s[:maxShown], func(r rune) bool { return r == utf8.RuneError }) + "…"
	}
	return forum.Printable(s)
}
