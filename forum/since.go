package forum

import (
	"context"
	"iter"
	"slices"
	"time"

	"sshforum/forum/search"
)

// ReadSince yields the messages of all threads that were posted at or after since and
// before the call, the oldest first, without those of people the actor has blocked. It
// reads on as it is ranged over, a page at a time, and ends with the first error.
func (s *Service) ReadSince(ctx context.Context, actor Actor, since time.Time) (iter.Seq2[Posted, error], error) {
	var ids []MessageID
	err := s.view(actor, func(r Reader) error {
		sought := Sought{Terms: []search.Term{presentTerm()}, After: since, Unseen: unseenBy(r, actor.User)}
		for group := range r.Matches(sought) {
			ids = slices.AppendSeq(ids, group.Messages)
		}
		slices.Reverse(ids)
		return nil
	})
	return func(yield func(Posted, error) bool) {
		for page := range slices.Chunk(ids, pageEntries) {
			messages, err := s.messages(ctx, actor, page)
			if err != nil {
				yield(Posted{}, err)
				return
			}
			for _, m := range messages {
				if !yield(m, nil) {
					return
				}
			}
		}
	}, err
}

// messages returns those of ids that can be read, without the lines of uploads.
func (s *Service) messages(ctx context.Context, actor Actor, ids []MessageID) (all []Posted, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	err = s.view(actor, func(r Reader) error {
		for _, id := range ids {
			t, _ := r.Thread(id.Thread)
			m, ok := r.Message(id)
			if ok && !t.Removed.Done() && !m.Removed.Done() && m.Upload == "" {
				all = append(all, standing(r, t, m))
			}
		}
		return nil
	})
	return all, err
}
