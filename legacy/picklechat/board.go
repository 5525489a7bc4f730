package picklechat

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sshforum/forum"
	"sshforum/legacy"
)

// Times as they are shown, and as they are read: with or without leading zeroes.
const (
	timeForm = "02 Jan 2006 15:04:05"
	timeRead = "2 Jan 2006 15:4:5"
	timeLen  = 4 // words
)

func (s *session) time(t time.Time) string { return t.In(s.zone).Format(timeForm) }

// stamp returns the time that the board shows of a message: its last edit's.
func stamp(m forum.Message) time.Time {
	if m.Edited.IsZero() {
		return m.Posted
	}
	return m.Edited
}

func (s *session) post(ctx context.Context, body any) (answer, error) {
	text, _ := body.(string)
	if strings.TrimSpace(text) == "" {
		return answer{}, refusal(emptyMessage)
	}
	p, err := s.service.Post(ctx, s.c.Actor(), s.thread, text, forum.Casual())
	if err != nil {
		return answer{}, err
	}
	s.c.Visit().Sent()
	s.seen.Show(p.Thread, p.Number, p.Message.ID)
	return posted.say(p.Number, s.time(p.Message.Posted)), nil
}

func (s *session) deleteMessage(ctx context.Context, body any) (answer, error) {
	order, rest := leading(body, 1+timeLen)
	if len(order) < 1+timeLen || rest != "" {
		return answer{}, refusal(deleteUsage)
	}
	n, target, err := s.target(ctx, order)
	if err != nil {
		return answer{}, err
	}
	p, err := s.service.DeleteMessage(ctx, s.c.Actor(), target)
	return deleted.say(n, s.time(p.Message.Removed.At)), err
}

func (s *session) editMessage(ctx context.Context, body any) (answer, error) {
	order, text := leading(body, 1+timeLen)
	if text == "" {
		return answer{}, refusal(editUsage)
	}
	n, target, err := s.target(ctx, order)
	if err != nil {
		return answer{}, err
	}
	p, err := s.service.EditMessage(ctx, s.c.Actor(), target, text)
	return edited.say(n, s.time(p.Message.Edited)), err
}

// leading returns the first n words of a body, or as many as there are, and what follows.
func leading(body any, n int) (first []string, rest string) {
	rest, _ = body.(string)
	for rest = strings.TrimSpace(rest); rest != "" && len(first) < n; {
		var word string
		word, rest, _ = strings.Cut(rest, " ")
		first, rest = append(first, word), strings.TrimLeft(rest, " ")
	}
	return first, rest
}

// target returns the message that an order names by its number and its time: the one that
// was shown under the number, or else the one that has it now; the time tells whether
// that is meant.
func (s *session) target(ctx context.Context, order []string) (n int, target forum.Target, err error) {
	n, err = strconv.Atoi(order[0])
	if err != nil {
		return n, target, refusal(notInteger)
	}
	target, err = forum.ParseTarget(s.thread, strconv.Itoa(n), &s.seen)
	if err != nil {
		return n, target, refusal(noMessage)
	}
	if target.ID.IsZero() {
		target = forum.Target{Title: s.thread, Number: uint64(n)}
	}
	h, err := s.service.History(ctx, s.c.Actor(), target)
	if err != nil {
		return n, target, err
	}
	target.ID = h.Message.ID
	at, err := time.Parse(timeRead, strings.Join(order[1:], " "))
	if err != nil || at.Format(timeForm) != s.time(stamp(h.Message)) {
		return n, target, refusal(otherTime)
	}
	return n, target, nil
}

// reach is how many of the last messages RDM looks at. A reply has room for some fifty, and
// an edit counts as new, so that a time alone does not say where to begin.
const reach = 2000

// read lists the messages at or after a time, as many as fit one reply.
func (s *session) read(ctx context.Context, body any) (answer, error) {
	order, rest := leading(body, timeLen)
	if len(order) < timeLen || rest != "" {
		return answer{}, refusal(readUsage)
	}
	since, err := time.ParseInLocation(timeRead, strings.Join(order, " "), s.zone)
	if err != nil {
		return answer{}, refusal(notTime)
	}
	reading, err := s.service.Read(ctx, s.c.Actor(), s.thread, forum.Range{Last: reach})
	if err != nil {
		return answer{}, err
	}
	list := newList(newMessages, func(n int) string { return fmt.Sprintf("... %d more: RDM with a later time shows them\n", n) })
	for e, err := range reading.Entries {
		if err != nil {
			return answer{}, err
		}
		if e.Number == 0 || e.Folded || stamp(e.Message).Before(since) {
			continue
		}
		if list.add(s.line(e)) {
			s.seen.Show(reading.Thread, e.Number, e.Message.ID)
		}
	}
	if list.empty() {
		return noNewMessages.say(), nil
	}
	return list.say(), nil
}

// maxText is how many bytes of a message its line has.
const maxText = 1500

func (s *session) line(e forum.Entry) string {
	done := "posted"
	if !e.Message.Edited.IsZero() {
		done = "edited"
	}
	return fmt.Sprintf("#%d, %s: \"%s\", %s at %s.\n", e.Number, forum.Printable(e.Author),
		legacy.Text(e, maxText), done, s.time(stamp(e.Message)))
}
