package rules

import (
	"context"

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
	read := make(map[forum.ThreadID]forum.Marks)
	mark := func(r forum.Reader, t forum.Thread, i forum.Interest) {
		read[t.ID] = forum.Marks{Upto: t.Last}
		if unread := unread(r, t, i.Read); unread > 0 {
			done.Threads++
			done.Messages += unread
		}
	}
	err = s.viewNews(ctx, actor, func(n *newsReader) error {
		if title == "" {
			for t, i := range n.open(skipNone) {
				mark(n, t, i)
			}
			return nil
		}
		t, err := liveThread(n, forum.TitleKey(title))
		if err != nil {
			return err
		}
		if i := n.interest(t); i.Read.Upto < t.Last {
			mark(n, t, i)
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
	var left []forum.LeveledThread
	for _, m := range c.Read {
		t, ok := tx.Thread(m.Thread)
		if !ok {
			continue // purged
		}
		i := interest(tx, u, t)
		if read := i.Read.And(m.Marks.Within(t.Last)); !read.Equal(i.Read) {
			i.Read = read
			tx.SetInterest(u.ID, t.ID, i)
			left = append(left, leftover(t, i))
		}
	}
	tx.SetBacklog(u.ID, left)
	return nothing{}, nil
}
