package rules

import (
	"context"
	"slices"

	"sshforum/forum"
	"sshforum/forum/limit"
)

// CaughtUp counts what CatchUp has marked as read.
type CaughtUp struct {
	Threads  int
	Messages uint64
}

// CatchUp marks all present entries of a thread as read, or of all threads if title is "". It
// does not mark private messages, which are read only by opening them. Errors: NotFound;
// Limited.
func (s *ThreadService) CatchUp(ctx context.Context, actor Actor, title string) (done CaughtUp, err error) {
	if err := s.checkPace(actor, limit.Changing); err != nil {
		return done, err
	}
	read, left := make(map[forum.ThreadID]forum.Marks), s.people.pendingOf(actor.User)
	err = s.view(actor, func(r forum.Reader) error {
		n := newsFor(r, actor.User, left)
		threads := r.Threads()
		if title != "" {
			t, err := liveThread(r, forum.TitleKey(title))
			if err != nil {
				return err
			}
			threads = slices.Values([]forum.Thread{t})
		}
		for t := range threads {
			if i := n.interest(t); i.Read.Upto < t.Last {
				read[t.ID] = forum.Marks{Upto: t.Last}
				if unread := unread(r, t, i.Read); unread > 0 {
					done.Threads++
					done.Messages += unread
				}
			}
		}
		return nil
	})
	if err != nil {
		return done, err
	}
	return done, s.people.storeSeen(ctx, actor.User, read)
}

// ThreadMarks has the entries of a thread that were shown.
type ThreadMarks struct {
	Thread forum.ThreadID
	Marks  forum.Marks
}

// setMarks marks entries as read. It never marks any as unread; only an edit that mentions the
// person does.
type setMarks struct {
	origin

	Read []ThreadMarks
}

func (c *setMarks) apply(tx forum.Tx, u forum.User) (nothing, error) {
	if u.ID == 0 {
		return nothing{}, nil
	}
	for _, m := range c.Read {
		t, ok := tx.Thread(m.Thread)
		if !ok {
			continue // purged
		}
		i := interest(tx, u, t)
		if read := i.Read.And(m.Marks.Within(t.Last)); !read.Equal(i.Read) {
			i.Read = read
			tx.SetInterest(u.ID, t.ID, i)
		}
	}
	return nothing{}, nil
}
