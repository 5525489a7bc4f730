package textchat

import (
	"context"

	"sshforum/forum"
)

// watch shows messages that others post to the room by any door, until ctx ends.
func (s *session) watch(ctx context.Context) {
	for {
		switch err := s.follow(ctx); forum.KindOf(err) {
		case forum.NotFound: // the missed events are no longer kept
		case forum.Internal:
			_ = s.c.Checked(err)
			return
		default:
			return
		}
	}
}

// showEchoes shows the commands of others until ctx ends.
func (s *session) showEchoes(ctx context.Context) {
	for {
		select {
		case line := <-s.client.echoes:
			if s.c.Tell(pieces(line)...) != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// follow shows messages of threads with the title of the room, since such a thread may be
// removed and made again.
func (s *session) follow(ctx context.Context) error {
	for events, err := range s.service.Follow(ctx, s.c.Actor(), nil, 0, false) {
		if err != nil {
			return err
		}
		for _, e := range events {
			if e.Kind != forum.MessagePosted || e.Title != forum.TitleKey(s.room.Thread) || e.Text == "" || s.isOwn(e) {
				continue
			}
			if err := s.c.Tell(pieces(said.say(e.Name, forum.Printable(e.Text)))...); err != nil {
				return err
			}
		}
	}
	return nil
}

// isOwn reports whether the client itself posted the message of an event. It waits while a
// message is being posted, whose event may come before its result.
func (s *session) isOwn(e *forum.Event) bool {
	if e.Actor != forum.Guests {
		return false
	}
	s.sending <- struct{}{}
	defer func() { <-s.sending }()
	own := s.own[e.Message]
	delete(s.own, e.Message)
	return own
}
