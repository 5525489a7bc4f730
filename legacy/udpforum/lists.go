package udpforum

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sshforum/forum/rules"
	"sshforum/legacy"
)

// announceThreads replies whether there are threads. If there are, the client then asks for
// their titles.
func (s *session) announceThreads(ctx context.Context, _ arguments) (string, error) {
	threads, err := s.service.Threads(ctx, s.c.Actor())
	if len(threads) == 0 {
		return noThreads.say(), err
	}
	return threadsFollow.say(), err
}

// listThreads returns the titles, as many as fit, the most recently active first.
func (s *session) listThreads(ctx context.Context, _ arguments) (string, error) {
	threads, err := s.service.Threads(ctx, s.c.Actor())
	if err != nil || len(threads) == 0 {
		return noThreads.say(), err
	}
	lines := make([]string, len(threads))
	for i, t := range threads {
		lines[i] = t.Title + "\n"
	}
	n := fitting(lines, s.room())
	if n < len(lines) {
		n = fitting(lines, s.room()-len(moreLine(len(lines))))
		lines = append(lines[:n:n], moreLine(len(lines)-n))
	}
	return strings.Join(lines, ""), nil
}

// moreLine returns the line for n titles or messages that are left out; 0 means that only lines
// of uploads are.
func moreLine(n int) string {
	if n == 0 {
		return "... earlier uploads: ssh shows all\n"
	}
	return fmt.Sprintf("... %d more: ssh shows all\n", n)
}

// fitting returns how many lines fit room bytes.
func fitting(lines []string, room int) int {
	for n, line := range lines {
		if room -= len(line); room < 0 {
			return n
		}
	}
	return len(lines)
}

// readThread returns the latest entries of a thread, as many as fit, oldest first.
func (s *session) readThread(_ context.Context, a arguments) (string, error) {
	tail, err := s.c.Tail(a.thread(), s.room(), func(e rules.Entry) int { return len(line(e)) })
	if err != nil {
		return "", err
	}
	return s.show(tail), nil
}

// show returns as many of the latest entries as fit one message, oldest first, and the number
// of messages that are left out. It marks the shown ones as shown. If not even the newest entry
// fits, it is cut.
func (s *session) show(tail legacy.Tail) string {
	latest := tail.Latest
	if len(latest) == 0 {
		return threadEmpty.say(tail.Thread.Title)
	}
	lines := make([]string, len(latest))
	for i, e := range latest {
		lines[i] = line(e)
	}
	cut := fitting(lines, s.room()) < len(lines)
	if cut {
		room := s.room() - max(len(moreLine(0)), len(moreLine(int(tail.Thread.Messages))))
		n := fitting(lines, room)
		if n == 0 {
			lines[0] = shorten(lines[0], room)
			n = 1
		}
		lines, latest = lines[:n], latest[:n]
	}
	unread := tail.Thread.Messages // older than those in lines
	for _, e := range slices.Backward(latest) {
		if e.Number > 0 {
			unread = min(unread, e.Number-1)
			s.seen.Show(tail.Thread, e.Number, e.Message.ID)
		}
	}
	slices.Reverse(lines)
	if cut {
		lines = append(lines, moreLine(int(unread)))
	}
	return strings.Join(lines, "")
}

func line(e rules.Entry) string { return legacy.Line(e, maxMessage) }

// shorten cuts a line to room bytes.
func shorten(line string, room int) string {
	const rest = ": ssh shows all\n"
	return legacy.Cut(line, room-len(rest)) + rest
}
