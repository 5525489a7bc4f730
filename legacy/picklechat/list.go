package picklechat

import "strings"

// list is a reply of lines, as many of them as one message has room for.
type list struct {
	reply reply
	more  func(n int) string // the line that says how many are left out
	lines []string
	bytes int // of the lines
	out   int // that are left out
}

// maxMore is room enough for the last line.
const maxMore = 80

func newList(r reply, more func(n int) string) *list { return &list{reply: r, more: more} }

// add adds a line while there is room, and reports whether there was.
func (l *list) add(line string) bool {
	room := maxMessage - len(pickle(replies[l.reply].kind, "")) - maxMore
	if l.out > 0 || l.bytes+len(line) > room {
		l.out++
		return false
	}
	l.lines = append(l.lines, line)
	l.bytes += len(line)
	return true
}

func (l *list) empty() bool { return len(l.lines) == 0 }

func (l *list) say() answer {
	text := strings.Join(l.lines, "")
	if l.out > 0 {
		text += l.more(l.out)
	}
	return l.reply.say(text)
}
