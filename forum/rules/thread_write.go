package rules

import (
	"errors"
	"fmt"
	"time"

	"sshforum/forum"
)

// ErrModerated is in the chain of the error for writing that a moderator's act forbids. The
// error's kind is Denied, and its sentence names the act.
var ErrModerated = errors.New("a moderator keeps this from being written")

func moderatedf(format string, args ...any) error {
	return &forum.Error{Kind: forum.Denied, Msg: fmt.Sprintf(format, args...), Err: ErrModerated}
}

// mayWrite refuses to add an entry to t, or to change one that u has added. Errors: Denied.
func mayWrite(r forum.Reader, u forum.User, t forum.Thread) error {
	if err := maySpeak(u, r.Time()); err != nil {
		return err
	}
	return mayChange(u, t)
}

// maySpeak refuses a silenced person. Errors: Denied.
func maySpeak(u forum.User, now time.Time) error {
	if u.Silenced.Holds(now) {
		return moderatedf("You are silenced%s; you can read, and write to moderators.", sanctionText(u.Silenced))
	}
	return nil
}

// mayAddress refuses a silenced person who does not write to a moderator. Errors: Denied.
func mayAddress(u, to forum.User, now time.Time) error {
	if to.May(forum.ModeratePeople, to.ID) {
		return nil
	}
	return maySpeak(u, now)
}

// mayChange refuses changes in a locked thread, except by moderators. Errors: Denied.
func mayChange(u forum.User, t forum.Thread) error {
	switch {
	case !t.Locked || u.May(forum.ModerateThreads, u.ID):
		return nil
	case t.LockReason != "":
		return moderatedf("Thread %s is locked (%s); you can read it.", t.Title, t.LockReason)
	}
	return moderatedf("Thread %s is locked; you can read it.", t.Title)
}

// mayAdd is mayWrite for a new entry. In a slow thread it also refuses an entry that comes too
// soon after u's last one; all guests count as one person. Errors: Denied; Limited.
func mayAdd(r forum.Reader, u forum.User, t forum.Thread) error {
	if err := mayWrite(r, u, t); err != nil {
		return err
	}
	if t.Slow == 0 || u.May(forum.ModerateThreads, u.ID) {
		return nil
	}
	last := t.GuestPosted
	if u.ID != forum.Guests {
		last = r.Interest(u.ID, t.ID).Posted
	}
	wait := last.Add(t.Slow).Sub(r.Time())
	if last.IsZero() || wait <= 0 {
		return nil
	}
	return forum.Errorf(forum.Limited, "Thread %s takes one message in %s from each person; try again in %s.",
		t.Title, forum.DurationText(t.Slow), forum.DurationText(wait))
}
