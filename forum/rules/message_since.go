package rules

import (
	"context"
	"iter"
	"slices"
	"time"

	"sshforum/forum"
	"sshforum/forum/search"
)

// ReadSince yields the messages of all threads that were posted at or after since and before
// the call, oldest first, without those of people whom the actor has blocked. It reads one page
// at a time while it is ranged over, and ends with the first error.
func (s *MessageService) ReadSince(ctx context.Context, actor Actor, since time.Time) (iter.Seq2[Posted, error], error) {
	var ids []forum.MessageID
	err := s.view(actor, func(r forum.Reader) error {
		sought := forum.Sought{Terms: []search.Term{forum.PresentTerm()}, After: since, Unseen: unseenBy(r, actor.User)}
		for group := range r.Matches(sought) {
			ids = slices.AppendSeq(ids, group.Messages)
		}
		slices.Reverse(ids)
		return nil
	})
	return func(yield func(Posted, error) bool) {
		ids := ids
		for len(ids) > 0 {
			messages, read, err := s.messages(ctx, actor, ids)
			if err != nil {
				yield(Posted{}, err)
				return
			}
			for _, m := range messages {
				if !yield(m, nil) {
					return
				}
			}
			ids = ids[read:]
		}
	}, err
}

// messages reads a page. It returns the readable messages among the first ids, without the
// lines of uploads, and the number of ids that the page used up.
func (s *MessageService) messages(ctx context.Context, actor Actor, ids []forum.MessageID) (page []Posted, read int, err error) {
	if err := ctx.Err(); err != nil {
		return nil, 0, err
	}
	err = s.view(actor, func(r forum.Reader) error {
		bytes := 0
		for _, id := range ids[:min(pageEntries, len(ids))] {
			if bytes >= pageBytes {
				break
			}
			read++
			t, _ := r.Thread(id.Thread)
			m, ok := r.Message(id)
			if ok && !t.Removed.Done() && !m.Removed.Done() && m.Upload == "" {
				page = append(page, newPosted(r, t, m))
				bytes += len(m.Text)
			}
		}
		return nil
	})
	return page, read, err
}
