package picklechat

import (
	"context"
	"maps"
	"strconv"
	"strings"
	"time"

	"sshforum/forum"
	"sshforum/forum/rules"
)

// shown remembers the messages on a client's screen by the number and the time under which they
// were shown.
type shown struct{ ids map[place]forum.MessageID }

type place struct {
	number uint64
	time   string // as the board shows it
}

// maxShown is how many messages are remembered. At that number all are forgotten; then an order
// means the message that has the number at that time.
const maxShown = 4096

func (s *shown) put(number uint64, time string, id forum.MessageID) {
	if s.ids == nil || len(s.ids) >= maxShown {
		s.ids = make(map[place]forum.MessageID)
	}
	s.ids[place{number, time}] = id
}

// drop forgets a message that the client itself has deleted. The client's user then expects
// that the next message has its number.
func (s *shown) drop(id forum.MessageID) {
	maps.DeleteFunc(s.ids, func(_ place, shown forum.MessageID) bool { return shown == id })
}

// target returns the message that an order names by its number and its time: the one that was
// shown with both, or otherwise the one that has both now.
func (s *session) target(ctx context.Context, order []string) (n uint64, target rules.Target, err error) {
	number, err := strconv.Atoi(order[0])
	if err != nil {
		return 0, target, refusal(notInteger)
	}
	if number <= 0 {
		return 0, target, refusal(noMessage)
	}
	at, err := time.Parse(timeRead, strings.Join(order[1:], " "))
	here := place{uint64(number), at.Format(timeForm)}
	if err != nil {
		here.time = "" // no message has this time
	}
	if id, there := s.shown.ids[here]; there {
		target, err = s.withTime(ctx, rules.Target{Title: s.thread, ID: id}, here.time)
		if err != refusal(otherTime) { // it has another time if it was edited
			return here.number, target, err
		}
	}
	target, err = s.withTime(ctx, rules.Target{Title: s.thread, Number: here.number}, here.time)
	return here.number, target, err
}

// withTime returns the message that target means, if its time is when. Errors:
// refusal(otherTime) if it is not.
func (s *session) withTime(ctx context.Context, target rules.Target, when string) (rules.Target, error) {
	h, err := s.service.History(ctx, s.c.Actor(), target)
	if err == nil && s.time(stamp(h.Message)) != when {
		err = refusal(otherTime)
	}
	target.ID = h.Message.ID
	return target, err
}
