package forum

import (
	"context"
	"time"
)

// Silence takes writing from a person until a time, or until it is ended if that is zero.
// They can read, and write to moderators. A silence that is there is replaced. Errors:
// NotFound; Denied; Invalid reason, or end in the past.
func (s *Service) Silence(ctx context.Context, actor Actor, name string, until time.Time, reason string) (User, error) {
	reason, err := CleanReason(reason)
	if err != nil {
		return User{}, err
	}
	if reason == "" {
		return User{}, Errorf(Invalid, "A silence needs a reason; whoever is silenced is told it.")
	}
	return submit[User](ctx, s.Journal, &silenceUser{By: actor.User, At: s.Clock(), User: NameKey(name), Until: until, Reason: reason})
}

// Unsilence gives writing back to a person. Errors: NotFound; Denied; Conflict.
func (s *Service) Unsilence(ctx context.Context, actor Actor, name string) (User, error) {
	return submit[User](ctx, s.Journal, &unsilenceUser{By: actor.User, At: s.Clock(), User: NameKey(name)})
}

type silenceUser struct {
	By     UserID
	At     time.Time
	User   string // a NameKey
	Until  time.Time
	Reason string
}

func (c *silenceUser) Kind() string    { return "user.silence" }
func (c *silenceUser) When() time.Time { return c.At }

func (c *silenceUser) Apply(tx Tx) (any, Event, error) {
	by, u, err := moderated(tx, c.By, c.User)
	if err == nil {
		err = ahead(c.Until, tx.Time())
	}
	if err != nil {
		return nil, Event{}, err
	}
	u.Silenced = Sanction{By: by.ID, Since: tx.Time(), Until: c.Until, Reason: c.Reason}
	tx.PutUser(u)
	record(tx, by, AuditEntry{Act: AuditUserSilence, Object: auditUser(u.ID), Name: u.Name, Reason: c.Reason, Until: c.Until})
	return u, tellPerson(tx, u, Explain(maySpeak(u, tx.Time()))), nil
}

type unsilenceUser struct {
	By   UserID
	At   time.Time
	User string // a NameKey
}

func (c *unsilenceUser) Kind() string    { return "user.unsilence" }
func (c *unsilenceUser) When() time.Time { return c.At }

func (c *unsilenceUser) Apply(tx Tx) (any, Event, error) {
	by, u, err := moderated(tx, c.By, c.User)
	switch {
	case err != nil:
		return nil, Event{}, err
	case !u.Silenced.Holds(tx.Time()):
		return nil, Event{}, Errorf(Conflict, "%s is not silenced.", u.Name)
	}
	u.Silenced = Sanction{}
	tx.PutUser(u)
	record(tx, by, AuditEntry{Act: AuditUserUnsilence, Object: auditUser(u.ID), Name: u.Name})
	return u, tellPerson(tx, u, "You are no longer silenced."), nil
}

// tellPerson writes to a person, and returns the event of that.
func tellPerson(tx Tx, u User, text string) Event {
	return letterEvent(write(tx, u.ID, text), Operator().Name, u.Name)
}

// moderated returns the account by, and that of a person whose silence it may change.
// Errors: NotFound; Denied.
func moderated(r Reader, by UserID, key string) (moderator, u User, err error) {
	if moderator, err = account(r, by); err != nil {
		return moderator, u, err
	}
	if u, err = person(r, key); err != nil {
		return moderator, u, err
	}
	if err = moderator.mayModerate(u); err == nil {
		err = mayReplace(r, moderator, u.Silenced)
	}
	return moderator, u, err
}
