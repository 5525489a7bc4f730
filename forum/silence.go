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
	return submit(ctx, s, actor, &silenceUser{User: NameKey(name), Until: until, Reason: reason})
}

// Unsilence gives writing back to a person. Errors: NotFound; Denied; Conflict.
func (s *Service) Unsilence(ctx context.Context, actor Actor, name string) (User, error) {
	return submit(ctx, s, actor, &unsilenceUser{User: NameKey(name)})
}

type silenceUser struct {
	origin

	User   string // a NameKey
	Until  time.Time
	Reason string
}

func (c *silenceUser) apply(tx Tx, by User) (User, error) {
	u, err := moderated(tx, by, c.User)
	if err == nil {
		err = ahead(c.Until, tx.Time())
	}
	if err != nil {
		return User{}, err
	}
	u.Silenced = Sanction{By: by.ID, Since: tx.Time(), Until: c.Until, Reason: c.Reason}
	tx.PutUser(u)
	record(tx, by, AuditEntry{Act: AuditUserSilence, Object: auditUser(u.ID), Name: u.Name, Reason: c.Reason, Until: c.Until})
	tx.Tell(tellPerson(tx, u, Explain(maySpeak(u, tx.Time()))))
	return u, nil
}

type unsilenceUser struct {
	origin

	User string // a NameKey
}

func (c *unsilenceUser) apply(tx Tx, by User) (User, error) {
	u, err := moderated(tx, by, c.User)
	switch {
	case err != nil:
		return User{}, err
	case !u.Silenced.Holds(tx.Time()):
		return User{}, Errorf(Conflict, "%s is not silenced.", u.Name)
	}
	u.Silenced = Sanction{}
	tx.PutUser(u)
	record(tx, by, AuditEntry{Act: AuditUserUnsilence, Object: auditUser(u.ID), Name: u.Name})
	tx.Tell(tellPerson(tx, u, "You are no longer silenced."))
	return u, nil
}

// tellPerson writes to a person, and returns the event of that.
func tellPerson(tx Tx, u User, text string) Event {
	return letterEvent(write(tx, u.ID, text), Operator().Name, u.Name)
}

// moderated returns the account of a person whose silence by may change. Errors:
// NotFound; Denied.
func moderated(r Reader, by User, key string) (User, error) {
	u, err := person(r, key)
	if err == nil {
		err = by.mayModerate(u)
	}
	if err == nil {
		err = mayReplace(r, by, u.Silenced)
	}
	return u, err
}
