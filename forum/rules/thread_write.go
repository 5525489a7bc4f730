package rules

import (
	"errors"
	"fmt"
	"time"

	"sshforum/forum"
)

// ErrModerated is in the chain of what is answered to whoever cannot write because of what
// a moderator has done. Its kind is Denied, and its sentence says what.
var ErrModerated = errors.New("a moderator keeps this from being written")

func moderatedf(format string, args ...any) error {
	return &forum.Error{Kind: forum.Denied, Msg: fmt.Sprintf(format, args...), Err: ErrModerated}
}

// mayWrite refuses to put something into t, or to change what u has put there. Errors:
// Denied.
func mayWrite(r forum.Reader, u forum.User, t forum.Thread) error {
	if err := maySpeak(u, r.Time()); err != nil {
		return err
	}
	return mayChange(u, t)
}

// maySpeak refuses whoever is silenced.
func maySpeak(u forum.User, now time.Time) error {
	if u.Silenced.Holds(now) {
		return moderatedf("You are silenced%s; you can read, and write to moderators.", sanctionText(u.Silenced))
	}
	return nil
}

// mayAddress refuses whoever is silenced, but not to write to a moderator.
func mayAddress(u, to forum.User, now time.Time) error {
	if to.May(forum.ModeratePeople, to.ID) {
		return nil
	}
	return maySpeak(u, now)
}

// mayChange refuses a locked thread to all but moderators.
func mayChange(u forum.User, t forum.Thread) error {
	switch {
	case !t.Locked || u.May(forum.ModerateThreads, u.ID):
		return nil
	case t.LockReason != "":
		return moderatedf("Thread %s is locked (%s); you can read it.", t.Title, t.LockReason)
	}
	return moderatedf("Thread %s is locked; you can read it.", t.Title)
}

// mayAdd is mayWrite for a new entry, which must not come too soon after u's last one in a
// slow thread. All guests are one person. Errors: Denied; Limited.
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
