package picklechat

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/legacy"
)

// timeForm is the form in which times are shown, and timeRead the one in which they are read:
// with or without leading zeroes.
const (
	timeForm = "02 Jan 2006 15:04:05"
	timeRead = "2 Jan 2006 15:4:5"
	timeLen  = 4 // words
)

func (s *session) time(t time.Time) string { return t.In(s.zone).Format(timeForm) }

// stamp returns the time that the board shows for a message: that of its last edit, if there is
// one.
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
	p, err := s.service.Post(ctx, s.c.Actor(), s.thread, text, rules.Casual())
	if err != nil {
		return answer{}, err
	}
	s.shown.put(p.Number, s.time(p.Message.Posted), p.Message.ID)
	return posted.say(p.Number, s.time(p.Message.Posted)), nil
}

func (s *session) deleteMessage(ctx context.Context, body any) (answer, error) {
	order, rest := firstWords(body, 1+timeLen)
	if len(order) < 1+timeLen || rest != "" {
		return answer{}, refusal(deleteUsage)
	}
	n, target, err := s.target(ctx, order)
	if err != nil {
		return answer{}, err
	}
	p, err := s.service.DeleteMessage(ctx, s.c.Actor(), target)
	if err == nil {
		s.shown.drop(target.ID)
	}
	return deleted.say(n, s.time(p.Message.Removed.At)), err
}

func (s *session) editMessage(ctx context.Context, body any) (answer, error) {
	order, text := firstWords(body, 1+timeLen)
	if text == "" {
		return answer{}, refusal(editUsage)
	}
	n, target, err := s.target(ctx, order)
	if err != nil {
		return answer{}, err
	}
	p, err := s.service.EditMessage(ctx, s.c.Actor(), target, text)
	if err == nil {
		s.shown.put(n, s.time(p.Message.Edited), target.ID)
	}
	return edited.say(n, s.time(p.Message.Edited)), err
}

// firstWords returns the first n words of a body, or fewer if there are not as many, and the
// rest of it.
func firstWords(body any, n int) (first []string, rest string) {
	rest, _ = body.(string)
	for rest = strings.TrimSpace(rest); rest != "" && len(first) < n; {
		var word string
		word, rest, _ = strings.Cut(rest, " ")
		first, rest = append(first, word), strings.TrimLeft(rest, " ")
	}
	return first, rest
}

// maxEditsChecked is how many messages RDM checks, at the end of the board, for those that were
// posted before the time and edited since.
const maxEditsChecked = 2000

// read lists the messages at or after a time, in the order of their numbers, as many as fit one
// reply. The last line has the command for the rest, with the number of the next message.
func (s *session) read(ctx context.Context, body any) (answer, error) {
	order, number := firstWords(body, timeLen)
	from, err := strconv.ParseUint(cmp.Or(number, "1"), 10, 64)
	if len(order) < timeLen || err != nil {
		return answer{}, refusal(readUsage)
	}
	since, err := time.ParseInLocation(timeRead, strings.Join(order, " "), s.zone)
	if err != nil {
		return answer{}, refusal(notTime)
	}
	reading, err := s.service.Read(ctx, s.c.Actor(), s.thread, rules.Range{From: from, Since: since, Edited: maxEditsChecked})
	if err != nil {
		return answer{}, err
	}
	list := newList(newMessages)
	for e, err := range reading.Entries {
		if err != nil {
			return answer{}, err
		}
		if e.Number == 0 || stamp(e.Message).Before(since) {
			continue
		}
		if !list.add(s.line(e)) {
			list.end(fmt.Sprintf("... more: RDM %s %d shows them\n", s.time(since), e.Number))
			break
		}
		s.shown.put(e.Number, s.time(stamp(e.Message)), e.Message.ID)
	}
	if list.empty() {
		return noNewMessages.say(), nil
	}
	return list.say(), nil
}

// maxText is how many bytes of a message's text are shown in its line.
const maxText = 1500

func (s *session) line(e rules.Entry) string {
	done := "posted"
	if !e.Message.Edited.IsZero() {
		done = "edited"
	}
	return fmt.Sprintf("#%d, %s: \"%s\", %s at %s.\n", e.Number, forum.Printable(e.Author),
		legacy.Text(e, maxText), done, s.time(stamp(e.Message)))
}
