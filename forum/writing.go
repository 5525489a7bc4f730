package forum

import (
	"errors"
	"fmt"
	"time"
)

// ErrModerated is in the chain of what is answered to whoever cannot write because of what
// a moderator has done. Its kind is Denied, and its sentence says what.
var ErrModerated = errors.New("a moderator keeps this from being written")

func moderatedf(format string, args ...any) error {
	return &Error{Kind: Denied, Msg: fmt.Sprintf(format, args...), Err: ErrModerated}
}

// mayWrite refuses to put something into t, or to change what u has put there. Errors:
// Denied.
func mayWrite(r Reader, u User, t Thread) error {
	if err := maySpeak(u, r.Time()); err != nil {
		return err
	}
	return mayChange(u, t)
}

// maySpeak refuses whoever is silenced.
func maySpeak(u User, now time.Time) error {
	if u.Silenced.Holds(now) {
		return moderatedf("You are silenced%s; you can read, and TELL moderators.", sanctionText(u.Silenced))
	}
	return nil
}

// mayAddress refuses whoever is silenced, but not to write to a moderator.
func mayAddress(u, to User, now time.Time) error {
	if to.May(ModeratePeople, to.ID) {
		return nil
	}
	return maySpeak(u, now)
}

// mayChange refuses a locked thread to all but moderators.
func mayChange(u User, t Thread) error {
	switch {
	case !t.Locked || u.May(ModerateThreads, u.ID):
		return nil
	case t.LockReason != "":
		return moderatedf("Thread %s is locked (%s); you can read it.", t.Title, t.LockReason)
	}
	return moderatedf("Thread %s is locked; you can read it.", t.Title)
}

// mayAdd is mayWrite for a new entry, which must not come too soon after u's last one in a
// slow thread. All guests are one person. Errors: Denied; Limited.
func mayAdd(r Reader, u User, t Thread) error {
	if err := mayWrite(r, u, t); err != nil {
		return err
	}
	if t.Slow == 0 || u.May(ModerateThreads, u.ID) {
		return nil
	}
	last := t.GuestPosted
	if u.ID != Guests {
		last = r.Interest(u.ID, t.ID).Posted
	}
	wait := last.Add(t.Slow).Sub(r.Time())
	if last.IsZero() || wait <= 0 {
		return nil
	}
	return Errorf(Limited, "Thread %s takes one message in %s from each person; try again in %s.",
		t.Title, DurationText(t.Slow), DurationText(wait))
}

// DurationText writes a duration in its two largest units, such as "1 h 30 min", rounded
// up to a second.
func DurationText(d time.Duration) string {
	d = (d + time.Second - 1).Truncate(time.Second)
	text, units := "", 0
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}} {
		if n := d / unit.length; n > 0 && units < 2 {
			text += fmt.Sprintf(" %d %s", n, unit.name)
			d -= n * unit.length
			units++
		}
	}
	if text == "" {
		return "0 s"
	}
	return text[1:]
}
