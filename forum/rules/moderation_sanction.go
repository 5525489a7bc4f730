package rules

import (
	"time"

	"sshforum/forum"
)

// sanctionText returns the end and the reason of s, to follow a sentence such as "You are
// silenced".
func sanctionText(s forum.Sanction) string {
	text := ""
	if !s.Until.IsZero() {
		text = " until " + s.Until.UTC().Format("2006-01-02 15:04 MST")
	}
	if s.Reason != "" {
		text += " (" + s.Reason + ")"
	}
	return text
}

// maxSanction is the longest sanction that has an end.
const maxSanction = 100 * 365 * 24 * time.Hour

// checkEnd refuses an end of a sanction that is in the past or too far away. Errors: Invalid.
func checkEnd(until, now time.Time) error {
	switch {
	case until.IsZero():
		return nil
	case !until.After(now):
		return forum.Errorf(forum.Invalid, "The end is in the past.")
	case until.After(now.Add(maxSanction)):
		return forum.Errorf(forum.Invalid, "The end is too far away; leave it out for none.")
	}
	return nil
}

// mayUndo refuses to restore something that an admin or the operator has hidden or deleted,
// unless by is an admin. Errors: Denied.
func mayUndo(r forum.Reader, by forum.User, removed forum.Removal) error {
	return mayReplace(r, by, forum.Sanction{By: removed.By, Since: removed.At})
}

// mayReplace refuses to change a sanction by an admin or the operator, unless by is an admin.
// Errors: Denied.
func mayReplace(r forum.Reader, by forum.User, old forum.Sanction) error {
	if !old.Holds(r.Time()) || by.Role == forum.Admin {
		return nil
	}
	if other, ok := r.User(old.By); !ok || other.Role == forum.Admin {
		return forum.Errorf(forum.Denied, "%s has decided this; only an admin can change it.", authorName(r, old.By))
	}
	return nil
}
