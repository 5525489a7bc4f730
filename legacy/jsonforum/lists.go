package jsonforum

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sshforum/forum/rules"
	"sshforum/legacy"
)

// listThreads returns an object that has the titles as keys, as many as fit. The client uses
// only the keys.
func (s *session) listThreads(ctx context.Context, _ request) (string, error) {
	threads, err := s.service.Threads(ctx, s.c.Actor())
	if err != nil {
		return "", err
	}
	titles := make([]string, len(threads))
	for i, t := range threads {
		titles[i] = t.Title
	}
	return keys(titles), nil
}

const (
	noValue = ": {}"
	comma   = ", "
)

// keys returns titles as the keys of an object that fits one message.
func keys(titles []string) string {
	more := func(n int) string { return fmt.Sprintf("... %d more: ssh shows all", n) }
	around := len(noValue + comma)
	room := maxMessage - len("{}") + len(comma)
	if n := fitting(titles, around, room); n < len(titles) {
		n = fitting(titles, around, room-around-len(legacy.ASCII(more(len(titles)))))
		titles = append(titles[:n:n], more(len(titles)-n))
	}
	for i, title := range titles {
		titles[i] = legacy.ASCII(title) + noValue
	}
	return "{" + strings.Join(titles, comma) + "}"
}

// fitting returns how many texts fit room bytes as JSON, with around bytes more for each.
func fitting(texts []string, around, room int) int {
	for n, text := range texts {
		if room -= len(legacy.ASCII(text)) + around; room < 0 {
			return n
		}
	}
	return len(texts)
}

// readThread returns an array of lines: the creator of the thread, which the client does not
// print, and the latest entries.
func (s *session) readThread(_ context.Context, r request) (string, error) {
	tail, err := s.c.Tail(r.Thread, maxMessage, func(e rules.Entry) int { return len(legacy.ASCII(line(e))) + len(",") })
	if err != nil {
		return "", err
	}
	return s.show(tail), nil
}

// show returns as many of the latest entries as fit one message, oldest first, and marks them
// as shown. If not even the newest fits, it is cut.
func (s *session) show(tail legacy.Tail) string {
	latest := tail.Latest
	lines := make([]string, len(latest))
	for i, e := range latest {
		lines[i] = line(e)
	}
	head := tail.Creator + "\n"
	room := maxMessage - len(legacy.ASCII([]string{head}))
	cut := fitting(lines, len(","), room) < len(lines)
	if cut {
		room -= max(len(legacy.ASCII(moreLine(0))), len(legacy.ASCII(moreLine(tail.Thread.Messages)))) + len(",")
		n := fitting(lines, len(","), room)
		if n == 0 {
			lines[0] = shorten(lines[0], room-len(","))
			n = 1
		}
		lines, latest = lines[:n], latest[:n]
	}
	unread := tail.Thread.Messages // older than those in lines
	for _, e := range latest {
		if e.Number > 0 {
			unread = e.Number - 1
			s.seen.Show(tail.Thread, e.Number, e.Message.ID)
		}
	}
	lines = append(lines, head)
	slices.Reverse(lines)
	if cut {
		lines = append(lines, moreLine(unread))
	}
	return legacy.ASCII(lines)
}

func line(e rules.Entry) string { return legacy.Line(e, maxMessage) }

// moreLine returns the line for n messages that are left out; 0 means that only lines of
// uploads are.
func moreLine(n uint64) string {
	if n == 0 {
		return "... earlier uploads: ssh shows all\n"
	}
	return fmt.Sprintf("... %d earlier messages: ssh shows all\n", n)
}

// shorten cuts a line until it takes at most room bytes as JSON.
func shorten(line string, room int) string {
	const rest = ": ssh shows all\n"
	for size := len(legacy.ASCII(line)); size > room; size = len(legacy.ASCII(line)) {
		text := strings.TrimSuffix(line, rest)
		line = legacy.Cut(text, min(len(text)-1, len(text)*room/size)) + rest
	}
	return line
}
