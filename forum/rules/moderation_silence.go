package rules

import (
	"context"
	"time"

	"sshforum/forum"
)

// Silence takes the right to write from a person until a time, or until Unsilence if until is
// zero. A silenced person can read, and write to moderators. An existing silence is replaced.
// Errors: NotFound; Denied; Invalid reason, or end in the past.
func (s *ModerationService) Silence(ctx context.Context, actor Actor, name string, until time.Time, reason string) (forum.User, error) {
	reason, err := forum.CleanReason(reason)
	if err != nil {
		return forum.User{}, err
	}
	if reason == "" {
		return forum.User{}, forum.Errorf(forum.Invalid, "A silence needs a reason; whoever is silenced is told it.")
	}
	return submit(ctx, s.core, actor, &silenceUser{User: forum.NameKey(name), Until: until, Reason: reason})
}

// Unsilence gives the right to write back to a person. Errors: NotFound; Denied; Conflict.
func (s *ModerationService) Unsilence(ctx context.Context, actor Actor, name string) (forum.User, error) {
	return submit(ctx, s.core, actor, &unsilenceUser{User: forum.NameKey(name)})
}

type silenceUser struct {
	origin

	User   string // a NameKey
	Until  time.Time
	Reason string
}

func (c *silenceUser) apply(tx forum.Tx, by forum.User) (forum.User, error) {
	u, err := moderatedPerson(tx, by, c.User)
	if err == nil {
		err = checkEnd(c.Until, tx.Time())
	}
	if err != nil {
		return forum.User{}, err
	}
	u.Silenced = forum.Sanction{By: by.ID, Since: tx.Time(), Until: c.Until, Reason: c.Reason}
	tx.PutUser(u)
	record(tx, by, forum.AuditEntry{Act: forum.AuditUserSilence, Object: auditUser(u.ID), Name: u.Name, Reason: c.Reason, Until: c.Until})
	tx.Publish(notifyPerson(tx, u, forum.Explain(maySpeak(u, tx.Time()))))
	return u, nil
}

type unsilenceUser struct {
	origin

	User string // a NameKey
}

func (c *unsilenceUser) apply(tx forum.Tx, by forum.User) (forum.User, error) {
	u, err := moderatedPerson(tx, by, c.User)
	switch {
	case err != nil:
		return forum.User{}, err
	case !u.Silenced.Holds(tx.Time()):
		return forum.User{}, forum.Errorf(forum.Conflict, "%s is not silenced.", u.Name)
	}
	u.Silenced = forum.Sanction{}
	tx.PutUser(u)
	record(tx, by, forum.AuditEntry{Act: forum.AuditUserUnsilence, Object: auditUser(u.ID), Name: u.Name})
	tx.Publish(notifyPerson(tx, u, "You are no longer silenced."))
	return u, nil
}

// notifyPerson sends a person a message of the operator, and returns its event.
func notifyPerson(tx forum.Tx, u forum.User, text string) forum.Event {
	return privateMessageEvent(putOperatorMessage(tx, u.ID, text), Operator().Name, u.Name)
}

// moderatedPerson returns the account of a person whose silence by may change. Errors: NotFound;
// Denied.
func moderatedPerson(r forum.Reader, by forum.User, key string) (forum.User, error) {
	u, err := person(r, key)
	if err == nil {
		err = by.MayModerate(u)
	}
	if err == nil {
		err = mayReplace(r, by, u.Silenced)
	}
	return u, err
}
