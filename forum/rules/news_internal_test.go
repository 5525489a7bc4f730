package rules

import (
	"context"

	"sshforum/forum"
)

// Settle reads what is new for an actor, and returns a function that then moves the horizon,
// however little was new.
func Settle(s *Service, ctx context.Context, actor Actor) (move func() error, err error) {
	change, err := s.readNews(actor, -1, func(n *newsReader) error {
		n.threads()
		return nil
	})
	return func() error {
		if change == nil {
			return nil
		}
		_, err := submit(ctx, s.core, Actor{User: actor.User}, change)
		return err
	}, err
}

// SlowNews is News by a look at every thread and every entry.
func SlowNews(s *Service, actor Actor) (news News, err error) {
	left := s.people.pendingOf(actor.User)
	err = s.view(actor, func(r forum.Reader) error {
		n := newsFor(r, actor.User, left)
		for t := range r.Threads() {
			i, u := n.interest(t), UnreadThread{Thread: t}
			u.Level = i.Level
			for m := range r.Entries(t.ID, 0) {
				if m.Upload == "" && !i.Read.Has(m.ID.Seq) {
					u.Messages++
				}
			}
			switch {
			case u.Messages == 0:
			case u.Level == forum.Muted:
				news.Muted++
			default:
				news.Threads = append(news.Threads, u)
			}
		}
		for id := range r.Mentions(actor.User) {
			t, _ := r.Thread(id.Thread)
			m, _ := r.Message(id)
			if !t.Removed.Done() && !n.interest(t).Read.Has(id.Seq) && !r.Blocked(actor.User, m.Author) {
				news.Mentions++
			}
		}
		news.Private = n.private()
		return nil
	})
	sortNews(news.Threads)
	return news, err
}

// MostUnread is the most threads of a rank in News.
const MostUnread = mostUnread
