package rules

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"time"

	"sshforum/forum"
)

// newsReader looks up what one person has not read, according to the stored marks and the
// pending ones.
type newsReader struct {
	forum.Reader
	user    forum.User
	left    pending
	horizon time.Time             // of the backlog, or when the account was made, if that is later
	walked  int                   // how many threads were touched since then; open counts them
	latest  time.Time             // when the last of them was touched; the horizon if there is none
	newly   []forum.LeveledThread // those of them that the backlog must have if the horizon moves
}

func newsFor(r forum.Reader, id forum.UserID, left pending) *newsReader {
	n := &newsReader{Reader: r, left: left, horizon: r.Horizon(id)}
	n.user, _ = r.User(id)
	if n.user.Created.After(n.horizon) {
		n.horizon = n.user.Created
	}
	return n
}

func (n *newsReader) interest(t forum.Thread) forum.Interest {
	return n.left.interest(interest(n.Reader, n.user, t), t)
}

// open yields the threads that have entries which the person has not read, with the person's
// interests: those touched since the horizon, then those in the backlog whose level is not
// skipped. So it costs nothing to have read a thread. Levels in the backlog are Normal or higher.
func (n *newsReader) open(skip func(forum.Level) bool) iter.Seq2[forum.Thread, forum.Interest] {
	return func(yield func(forum.Thread, forum.Interest) bool) {
		n.walked, n.latest, n.newly = 0, n.horizon, nil
		for t := range n.ThreadsSince(n.horizon) {
			stored := n.Interest(n.user.ID, t.ID)
			n.walked++
			if t.Touched().After(n.latest) {
				n.latest = t.Touched()
			}
			if left := leftover(t, stored); left.Level != forum.Unset {
				n.newly = append(n.newly, left)
			}
			i := n.left.interest(interestOr(n.Reader, n.user, t, stored), t)
			if !t.Removed.Done() && i.Read.Upto < t.Last && !yield(t, i) {
				n.walked = 0 // newly is not complete
				return
			}
		}
		for left := range n.Backlog(n.user.ID) {
			if skip(left.Level) {
				continue
			}
			t, _ := n.Thread(left.Thread)
			if t.Removed.Done() || !t.Touched().Before(n.horizon) {
				continue
			}
			if i := n.interest(t); i.Read.Upto < t.Last && !yield(t, i) {
				return
			}
		}
	}
}

func skipNone(forum.Level) bool { return false }

// leftover returns what the backlog has of a thread in which a person has the interest i. A
// thread with entries in which they have none may be unread.
func leftover(t forum.Thread, i forum.Interest) forum.LeveledThread {
	left := forum.LeveledThread{Thread: t.ID}
	if i.Read.Upto < t.Last {
		left.Level = max(i.Level, forum.Normal)
	}
	return left
}

// walkMost is how many threads may have been touched since the horizon of a person before the
// horizon is moved.
const walkMost = 256

// viewNews reads what is new for an actor. If that was much to read, it moves the horizon, so
// that it will be little the next time.
func (s *ThreadService) viewNews(ctx context.Context, actor Actor, read func(*newsReader) error) error {
	settle, err := s.readNews(actor, walkMost, read)
	if settle != nil {
		_, _ = submit(ctx, s.core, Actor{User: actor.User}, settle) // without it, the next time takes as long
	}
	return err
}

// readNews reads what is new for an actor. If more than most threads were touched since the
// horizon, it returns the change that moves it.
func (s *ThreadService) readNews(actor Actor, most int, read func(*newsReader) error) (settle *settleBacklog, err error) {
	left := s.people.pendingOf(actor.User)
	err = s.view(actor, func(r forum.Reader) error {
		n := newsFor(r, actor.User, left)
		if err := read(n); err != nil {
			return err
		}
		if n.walked > most && n.user.ID != 0 {
			settle = &settleBacklog{Before: r.Horizon(actor.User), Horizon: n.latest, Threads: n.newly}
		}
		return nil
	})
	if settle != nil {
		slices.SortFunc(settle.Threads, func(a, b forum.LeveledThread) int { return cmp.Compare(a.Thread, b.Thread) })
	}
	return settle, err
}

// settleBacklog moves a person's horizon to when the last thread was touched, and not to the time
// of the clock: after a restart, changes may have a time that the clock had passed. It says only what the person has or has not read
// according to the stored marks, so that nothing is lost with marks that are pending.
type settleBacklog struct {
	origin

	Before  time.Time // horizon until now
	Horizon time.Time
	Threads []forum.LeveledThread // touched before Horizon, and unread
}

// apply does nothing if the horizon or the forum's time has been moved since the person's news
// were read. What else has happened since does no harm: a thread that was read may be in the
// backlog, one that was touched is above the horizon, and an edit that makes an entry unread has
// put its thread into the backlog, where it stays.
func (c *settleBacklog) apply(tx forum.Tx, u forum.User) (nothing, error) {
	if u.ID == 0 || !tx.Horizon(u.ID).Equal(c.Before) || c.Horizon.After(tx.Time()) {
		return nothing{}, nil
	}
	tx.SetBacklog(u.ID, c.Threads)
	tx.SetHorizon(u.ID, c.Horizon)
	return nothing{}, nil
}
