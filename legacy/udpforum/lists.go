package udpforum

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"sshforum/forum"
	"sshforum/legacy"
)

// announceThreads says that there are threads; then the client asks for their titles.
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
	n := fitting(lines, maxMessage)
	if n < len(lines) {
		n = fitting(lines, maxMessage-len(more(len(lines))))
		lines = append(lines[:n:n], more(len(lines)-n))
	}
	return strings.Join(lines, ""), nil
}

// more says that n lines are left out.
func more(n int) string { return fmt.Sprintf("... %d more: ssh shows all\n", n) }

// fitting returns how many lines fit room bytes.
func fitting(lines []string, room int) int {
	for n, line := range lines {
		if room -= len(line); room < 0 {
			return n
		}
	}
	return len(lines)
}

// maxLines is more lines of a thread than fit one message.
const maxLines = 300

// readThread returns the latest entries of a thread, as many as fit, oldest first.
func (s *session) readThread(ctx context.Context, a arguments) (string, error) {
	reading, err := s.service.Read(ctx, s.c.Actor(), a.thread(), forum.Range{Last: maxLines})
	if err != nil {
		return "", err
	}
	var latest []forum.Entry
	whole := reading.After == 0
	for e, err := range reading.Entries {
		if err != nil {
			return "", err
		}
		if len(latest) == 2*maxLines {
			latest = slices.Delete(latest, 0, maxLines)
			whole = false
		}
		latest = append(latest, e)
	}
	slices.Reverse(latest)
	total := len(latest)
	if !whole {
		// Each file has one line.
		files, err := s.service.Files(ctx, s.c.Actor(), forum.Place{Thread: a.thread()})
		if err != nil {
			return "", err
		}
		total = max(total, int(reading.Thread.Messages)+len(files))
	}
	return s.show(reading.Thread, latest, total), nil
}

// show returns as many of the latest entries as fit one message, oldest first, and how
// many of the total are left out; it notes the messages that were shown. If not even the
// first entry fits, it is cut.
func (s *session) show(t forum.Thread, latest []forum.Entry, total int) string {
	if len(latest) == 0 {
		return threadEmpty.say(t.Title)
	}
	lines := make([]string, len(latest))
	for i, e := range latest {
		lines[i] = line(e)
	}
	n := fitting(lines, maxMessage)
	if n < total {
		room := maxMessage - len(more(total))
		if n = fitting(lines, room); n == 0 {
			lines[0] = shorten(lines[0], room)
			n = 1
		}
	}
	for _, e := range slices.Backward(latest[:n]) {
		if e.Number > 0 {
			s.seen.Show(t, e.Number, e.Message.ID)
		}
	}
	lines = lines[:n]
	slices.Reverse(lines)
	if n < total {
		lines = append(lines, more(total-n))
	}
	return strings.Join(lines, "")
}

// line shows an entry in one line, so that no text passes for an entry of its own.
func line(e forum.Entry) string {
	author := forum.Printable(cmp.Or(e.Author, "?"))
	switch {
	case e.Message.Upload != "":
		return fmt.Sprintf("%s uploaded %s\n", author, forum.Printable(e.Message.Upload))
	case e.Folded:
		return fmt.Sprintf("%d %s: (you blocked them; ssh shows it)\n", e.Number, author)
	}
	return fmt.Sprintf("%d %s: %s\n", e.Number, author, forum.Printable(e.Message.Text))
}

// shorten cuts a line so that it takes room bytes.
func shorten(line string, room int) string {
	const rest = ": ssh shows all\n"
	return legacy.Cut(line, room-len(rest)) + rest
}
