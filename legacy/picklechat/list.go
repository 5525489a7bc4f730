package picklechat

import "strings"

// list is a reply that consists of lines, as many as fit one message.
type list struct {
	reply reply
	lines []string
	room  int // bytes that more lines may have
}

// maxEnd is the space for the last line, which says that there are more.
const maxEnd = 80

func newList(r reply) *list { return &list{reply: r, room: r.room() - maxEnd} }

// add adds a line. It reports false if there is no room for it.
func (l *list) add(line string) bool {
	if len(line) > l.room {
		return false
	}
	l.lines = append(l.lines, line)
	l.room -= len(line)
	return true
}

// end adds the last line, for which there is always room.
func (l *list) end(line string) { l.lines = append(l.lines, line) }

func (l *list) empty() bool { return len(l.lines) == 0 }

func (l *list) say() answer { return l.reply.say(strings.Join(l.lines, "")) }
