package sshlog

import (
	"strings"
	"unicode/utf8"

	"sshforum/forum"
)

// maxText is how many bytes of a peer's text fit a log line or a prompt.
const maxText = 200

// Text returns text from a peer as logs and prompts may hold it.
func Text(s string) string {
	if len(s) > maxText {
		s = strings.TrimRightFunc(s[:maxText], func(r rune) bool { return r == utf8.RuneError }) + "…"
	}
	return forum.Printable(s)
}
