package forum

import (
	"context"
	"time"
)

// LockThread keeps all but moderators from writing to a thread and from changing what is
// in it. The reason may be "". Errors: NotFound; Denied; Conflict; Invalid reason.
func (s *Service) LockThread(ctx context.Context, actor Actor, title, reason string) (Thread, error) {
	reason, err := CleanReason(reason)
	if err != nil {
		return Thread{}, err
	}
	return submit(ctx, s, actor, &lockThread{Title: TitleKey(title), Locked: true, Reason: reason})
}

// UnlockThread opens a locked thread. Errors: NotFound; Denied; Conflict.
func (s *Service) UnlockThread(ctx context.Context, actor Actor, title string) (Thread, error) {
	return submit(ctx, s, actor, &lockThread{Title: TitleKey(title)})
}

// PinThread lists a thread before all that are not pinned, or no longer. Errors:
// NotFound; Denied; Conflict.
func (s *Service) PinThread(ctx context.Context, actor Actor, title string, pinned bool) (Thread, error) {
	return submit(ctx, s, actor, &pinThread{Title: TitleKey(title), Pinned: pinned})
}

// MaxSlow is the longest time between two messages that a slow thread can ask for.
const MaxSlow = 24 * time.Hour

// SlowThread sets the least time between two entries of one person in a thread, 0 for
// none, or up to MaxSlow. Moderators are exempt. Errors: Invalid; NotFound; Denied; Conflict.
func (s *Service) SlowThread(ctx context.Context, actor Actor, title string, interval time.Duration) (Thread, error) {
	if interval != interval.Truncate(time.Second) || interval < 0 || interval > MaxSlow {
		return Thread{}, Errorf(Invalid, "The time between two messages is from 1 s to %s, or off.", DurationText(MaxSlow))
	}
	return submit(ctx, s, actor, &slowThread{Title: TitleKey(title), Interval: interval})
}

// moderatedThread returns a thread that u may moderate. Errors: Denied; NotFound.
func moderatedThread(r Reader, u User, title string) (Thread, error) {
	if !u.May(ModerateThreads, u.ID) {
		return Thread{}, errNotModerator
	}
	return openThread(r, u, title)
}

type lockThread struct {
	origin

	Title  string
	Locked bool
	Reason string `json:",omitempty"`
}

func (c *lockThread) apply(tx Tx, u User) (Thread, error) {
	t, err := moderatedThread(tx, u, c.Title)
	switch {
	case err != nil:
		return Thread{}, err
	case c.Locked && t.Locked:
		return Thread{}, Errorf(Conflict, "Thread %s is locked already.", t.Title)
	case !c.Locked && !t.Locked:
		return Thread{}, Errorf(Conflict, "Thread %s is not locked.", t.Title)
	}
	t.Locked, t.LockReason = c.Locked, c.Reason
	act := AuditThreadUnlock
	if c.Locked {
		act = AuditThreadLock
	}
	return putModerated(tx, u, t, AuditEntry{Act: act, Reason: c.Reason})
}

type pinThread struct {
	origin

	Title  string
	Pinned bool
}

func (c *pinThread) apply(tx Tx, u User) (Thread, error) {
	t, err := moderatedThread(tx, u, c.Title)
	switch {
	case err != nil:
		return Thread{}, err
	case c.Pinned && t.Pinned:
		return Thread{}, Errorf(Conflict, "Thread %s is pinned already.", t.Title)
	case !c.Pinned && !t.Pinned:
		return Thread{}, Errorf(Conflict, "Thread %s is not pinned.", t.Title)
	}
	t.Pinned = c.Pinned
	act := AuditThreadUnpin
	if c.Pinned {
		act = AuditThreadPin
	}
	return putModerated(tx, u, t, AuditEntry{Act: act})
}

type slowThread struct {
	origin

	Title    string
	Interval time.Duration
}

func (c *slowThread) apply(tx Tx, u User) (Thread, error) {
	t, err := moderatedThread(tx, u, c.Title)
	switch {
	case err != nil:
		return Thread{}, err
	case c.Interval == 0 && t.Slow == 0:
		return Thread{}, Errorf(Conflict, "Thread %s is not slow.", t.Title)
	}
	t.Slow = c.Interval
	value := "off"
	if t.Slow > 0 {
		value = DurationText(t.Slow)
	}
	return putModerated(tx, u, t, AuditEntry{Act: AuditThreadSlow, Value: value})
}

// putModerated stores t, and e of the act that changed it.
func putModerated(tx Tx, by User, t Thread, e AuditEntry) (Thread, error) {
	tx.PutThread(t)
	e.Object, e.Name = auditThread(t.ID), t.Title
	record(tx, by, e)
	return t, nil
}
