package sshlog

import (
	"strings"
	"unicode/utf8"

	"sshforum/forum"
)

// maxText limits a peer's text in a log line or a prompt, in bytes.
const maxText = 200

// Text returns text from a peer as it may appear in logs and prompts: printable, and at most
// maxText bytes with "…" after it if it was longer.
func Text(s string) string {
	if len(s) > maxText {
		s = strings.TrimRightFunc(s[:maxText], func(r rune) bool { return r == utf8.RuneError }) + "…"
	}
	return forum.Printable(s)
}
