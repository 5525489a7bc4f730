package rules

import "strings"

// prose returns the words of a text that are its author's own, in which names are looked up:
// code and quoted lines are replaced by blanks. A block of code stands between lines of three
// or more backticks; a span of code stands between equally many backticks within one line; a
// quoted line begins with >. Block and span are those of CommonMark 0.31 (4.5, 6.1), except
// that a span ends with its line.
func prose(text string) string {
	if !strings.ContainsAny(text, "`>") {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	fence := "" // the backticks that began the present block of code, or ""
	for line := range strings.Lines(text) {
		bare := strings.TrimLeft(line, " \t")
		ticks := leadingTicks(bare)
		switch {
		case fence != "":
			if len(ticks) >= len(fence) && strings.TrimSpace(bare) == ticks {
				fence = ""
			}
		case len(ticks) >= 3 && !strings.Contains(bare[len(ticks):], "`"):
			fence = ticks
		case !strings.HasPrefix(bare, ">"):
			writeWithoutSpans(&b, line)
			continue
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// writeWithoutSpans writes a line, with a space in place of each span of code.
func writeWithoutSpans(b *strings.Builder, line string) {
	for {
		at := strings.IndexByte(line, '`')
		if at < 0 {
			b.WriteString(line)
			return
		}
		ticks := leadingTicks(line[at:])
		b.WriteString(line[:at])
		line = line[at+len(ticks):]
		if end := closingTicks(line, len(ticks)); end >= 0 {
			b.WriteByte(' ')
			line = line[end:]
		} else {
			b.WriteString(ticks)
		}
	}
}

// closingTicks returns the index behind the first row of exactly n backticks in line, or -1 if
// there is none.
func closingTicks(line string, n int) int {
	for at := 0; ; {
		next := strings.IndexByte(line[at:], '`')
		if next < 0 {
			return -1
		}
		row := len(leadingTicks(line[at+next:]))
		if at += next + row; row == n {
			return at
		}
	}
}

func leadingTicks(s string) string { return s[:len(s)-len(strings.TrimLeft(s, "`"))] }
