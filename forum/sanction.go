package forum

import "time"

// Sanction is what a moderator has taken from somebody, such as writing, and until when.
// The zero Sanction takes nothing.
type Sanction struct {
	By     UserID
	Since  time.Time
	Until  time.Time // zero when it has no end
	Reason string
}

// Holds reports whether the sanction is in force at t.
func (s Sanction) Holds(t time.Time) bool {
	return !s.Since.IsZero() && (s.Until.IsZero() || t.Before(s.Until))
}

// sanctionText goes on after a sentence such as "You are silenced", with the end and the reason.
func sanctionText(s Sanction) string {
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

// ahead refuses an end of a sanction that has come already, or is too far away. Errors:
// Invalid.
func ahead(until, now time.Time) error {
	switch {
	case until.IsZero():
		return nil
	case !until.After(now):
		return Errorf(Invalid, "The end is in the past.")
	case until.After(now.Add(maxSanction)):
		return Errorf(Invalid, "The end is too far away; leave it out for none.")
	}
	return nil
}

// mayUndo refuses to let anybody but an admin bring back what an admin or the operator has
// hidden or deleted. Errors: Denied.
func mayUndo(r Reader, by User, removed Removal) error {
	return mayReplace(r, by, Sanction{By: removed.By, Since: removed.At})
}

// mayReplace refuses to let anybody but an admin change what an admin or the operator has
// decided. Errors: Denied.
func mayReplace(r Reader, by User, old Sanction) error {
	if !old.Holds(r.Time()) || by.Role == Admin {
		return nil
	}
	if other, ok := r.User(old.By); !ok || other.Role == Admin {
		return Errorf(Denied, "%s has decided this; only an admin can change it.", authorName(r, old.By))
	}
	return nil
}
