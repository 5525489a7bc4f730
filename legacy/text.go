package legacy

import "unicode/utf8"

// Cut returns as much of s as fits max bytes, cut between characters and with … in place
// of the rest.
func Cut(s string, max int) string {
	const rest = "…"
	if len(s) <= max {
		return s
	}
	end := max - len(rest)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + rest
}
