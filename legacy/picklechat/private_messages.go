package picklechat

import (
	"context"
	"fmt"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/legacy"
)

// tell sends a private message, or without a name shows the unread ones, since the dialect has
// no pushes.
func (s *session) tell(ctx context.Context, body any) (answer, error) {
	order, text := firstWords(body, 1)
	switch {
	case len(order) == 0:
		return s.showPrivateMessages(ctx)
	case text == "":
		return answer{}, refusal(tellUsage)
	}
	d, err := s.service.SendPrivateMessage(ctx, s.c.Actor(), order[0], text)
	if err != nil {
		return answer{}, err
	}
	return messageSent.say(d.To), nil
}

// showPrivateMessages shows as many of the unread private messages as fit one reply, and marks
// them as read.
func (s *session) showPrivateMessages(ctx context.Context) (answer, error) {
	inbox, err := s.service.Inbox(ctx, s.c.Actor())
	if err != nil {
		return answer{}, err
	}
	list := newList(privateMessages)
	for _, c := range inbox {
		if c.Unread == 0 {
			continue
		}
		if full, err := s.unread(ctx, c, list); err != nil || full {
			return list.say(), err
		}
	}
	if list.empty() {
		return noLetters.say(), nil
	}
	return list.say(), nil
}

// unread lists the unread messages of a person, and reports whether the list became full.
func (s *session) unread(ctx context.Context, c rules.NamedConversation, list *list) (full bool, err error) {
	exchange, err := s.service.ReadConversation(ctx, s.c.Actor(), c.Name, 1)
	if err != nil {
		return false, err
	}
	for l, err := range exchange.Messages {
		switch {
		case err != nil:
			return false, err
		case l.To != s.c.Actor().User || l.Seq <= c.ReadTo:
			continue
		case !list.add(fmt.Sprintf("%s: \"%s\", sent at %s.\n", forum.Printable(c.Name), legacy.OneLine(l.Text, maxText), s.time(l.Sent))):
			list.end("... more: TELL shows them\n")
			return true, nil
		}
		s.c.Visit().MarkConversation(c.Peer, l.Seq)
	}
	return false, nil
}
