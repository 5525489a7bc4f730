package rules

import "strings"

// prose returns what of a text its author says, for whoever looks for names in it: code and
// what is quoted of others become spaces. Code stands between lines of three backticks or
// more, or in a line between as many backticks on either side; a quoted line begins with >.
// These are the block and the span of CommonMark 0.31 (4.5, 6.1), a span within one line.
func prose(text string) string {
	if !strings.ContainsAny(text, "`>") {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	fence := "" // of the block of code that has begun
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

// writeWithoutSpans writes a line with a space in place of each span of code.
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

// closingTicks returns where line goes on behind its first row of just n backticks, or -1.
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
