package rules

import (
	"context"
	"time"

	"sshforum/forum"
)

// LockThread keeps everybody except moderators from writing to a thread and from changing its
// entries. The reason may be "". Errors: NotFound; Denied; Conflict; Invalid reason.
func (s *ModerationService) LockThread(ctx context.Context, actor Actor, title, reason string) (forum.Thread, error) {
	reason, err := forum.CleanReason(reason)
	if err != nil {
		return forum.Thread{}, err
	}
	return submit(ctx, s.core, actor, &lockThread{Title: forum.TitleKey(title), Locked: true, Reason: reason})
}

// UnlockThread unlocks a thread. Errors: NotFound; Denied; Conflict.
func (s *ModerationService) UnlockThread(ctx context.Context, actor Actor, title string) (forum.Thread, error) {
	return submit(ctx, s.core, actor, &lockThread{Title: forum.TitleKey(title)})
}

// PinThread lists a thread before all unpinned ones or, if pinned is false, no longer does.
// Errors: NotFound; Denied; Conflict.
func (s *ModerationService) PinThread(ctx context.Context, actor Actor, title string, pinned bool) (forum.Thread, error) {
	return submit(ctx, s.core, actor, &pinThread{Title: forum.TitleKey(title), Pinned: pinned})
}

// MaxSlow is the longest interval that SlowThread takes.
const MaxSlow = 24 * time.Hour

// SlowThread sets the shortest time between two entries of one person in a thread: up to
// MaxSlow, or 0 for no limit. Moderators are exempt. Errors: Invalid; NotFound; Denied;
// Conflict.
func (s *ModerationService) SlowThread(ctx context.Context, actor Actor, title string, interval time.Duration) (forum.Thread, error) {
	if interval != interval.Truncate(time.Second) || interval < 0 || interval > MaxSlow {
		return forum.Thread{}, forum.Errorf(forum.Invalid, "The time between two messages is from 1 s to %s, or off.", forum.DurationText(MaxSlow))
	}
	return submit(ctx, s.core, actor, &slowThread{Title: forum.TitleKey(title), Interval: interval})
}

// moderatedThread returns a thread that u may moderate. Errors: Denied; NotFound.
func moderatedThread(r forum.Reader, u forum.User, title string) (forum.Thread, error) {
	if !u.May(forum.ModerateThreads, u.ID) {
		return forum.Thread{}, forum.ErrNotModerator
	}
	return openThread(r, u, title)
}

type lockThread struct {
	origin

	Title  string
	Locked bool
	Reason string `json:",omitempty"`
}

func (c *lockThread) apply(tx forum.Tx, u forum.User) (forum.Thread, error) {
	t, err := moderatedThread(tx, u, c.Title)
	switch {
	case err != nil:
		return forum.Thread{}, err
	case c.Locked && t.Locked:
		return forum.Thread{}, forum.Errorf(forum.Conflict, "Thread %s is locked already.", t.Title)
	case !c.Locked && !t.Locked:
		return forum.Thread{}, forum.Errorf(forum.Conflict, "Thread %s is not locked.", t.Title)
	}
	t.Locked, t.LockReason = c.Locked, c.Reason
	act := forum.AuditThreadUnlock
	if c.Locked {
		act = forum.AuditThreadLock
	}
	return putModerated(tx, u, t, forum.AuditEntry{Act: act, Reason: c.Reason})
}

type pinThread struct {
	origin

	Title  string
	Pinned bool
}

func (c *pinThread) apply(tx forum.Tx, u forum.User) (forum.Thread, error) {
	t, err := moderatedThread(tx, u, c.Title)
	switch {
	case err != nil:
		return forum.Thread{}, err
	case c.Pinned && t.Pinned:
		return forum.Thread{}, forum.Errorf(forum.Conflict, "Thread %s is pinned already.", t.Title)
	case !c.Pinned && !t.Pinned:
		return forum.Thread{}, forum.Errorf(forum.Conflict, "Thread %s is not pinned.", t.Title)
	}
	t.Pinned = c.Pinned
	act := forum.AuditThreadUnpin
	if c.Pinned {
		act = forum.AuditThreadPin
	}
	return putModerated(tx, u, t, forum.AuditEntry{Act: act})
}

type slowThread struct {
	origin

	Title    string
	Interval time.Duration
}

func (c *slowThread) apply(tx forum.Tx, u forum.User) (forum.Thread, error) {
	t, err := moderatedThread(tx, u, c.Title)
	switch {
	case err != nil:
		return forum.Thread{}, err
	case c.Interval == 0 && t.Slow == 0:
		return forum.Thread{}, forum.Errorf(forum.Conflict, "Thread %s is not slow.", t.Title)
	}
	t.Slow = c.Interval
	value := "off"
	if t.Slow > 0 {
		value = forum.DurationText(t.Slow)
	}
	return putModerated(tx, u, t, forum.AuditEntry{Act: forum.AuditThreadSlow, Value: value})
}

// putModerated stores t, and e, the audit entry of the act that changed it.
func putModerated(tx forum.Tx, by forum.User, t forum.Thread, e forum.AuditEntry) (forum.Thread, error) {
	tx.PutThread(t)
	e.Object, e.Name = auditThread(t.ID), t.Title
	record(tx, by, e)
	return t, nil
}
