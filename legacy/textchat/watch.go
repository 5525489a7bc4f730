package textchat

import (
	"context"

	"sshforum/forum"
)

// watch shows what others say in the room, by whatever door, until ctx ends.
func (s *session) watch(ctx context.Context) {
	for {
		switch err := s.follow(ctx); forum.KindOf(err) {
		case forum.NotFound: // so much was missed that it is not kept
		case forum.Internal:
			_ = s.c.Checked(err)
			return
		default:
			return
		}
	}
}

// overhear shows the commands of others until ctx ends.
func (s *session) overhear(ctx context.Context) {
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

// follow shows messages by the title of the room, since a thread of that title may be
// removed and made anew.
func (s *session) follow(ctx context.Context) error {
	for events, err := range s.service.Follow(ctx, s.c.Actor(), nil, 0, false) {
		if err != nil {
			return err
		}
		for _, e := range events {
			if e.Kind != forum.MessagePosted || e.Title != forum.TitleKey(s.room.Thread) || e.Text == "" || s.mine(e) {
				continue
			}
			if err := s.c.Tell(pieces(said.say(e.Name, forum.Printable(e.Text)))...); err != nil {
				return err
			}
		}
	}
	return nil
}

// mine reports whether the client said it itself. It waits for a message that is being
// posted, whose event may come before its answer.
func (s *session) mine(e forum.Event) bool {
	if e.Actor != forum.Guests {
		return false
	}
	s.sending <- struct{}{}
	defer func() { <-s.sending }()
	own := s.own[e.Message]
	delete(s.own, e.Message)
	return own
}
