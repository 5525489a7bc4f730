package rules

import (
	"context"
	"fmt"
	"time"

	"sshforum/forum"
)

// CloseOwn closes the actor's own account for ever. Its sessions end, its private data is
// erased, its messages stay, and nobody else can take its name. If anonymise is set, the name
// is also removed from everything that stays. proof is the account's password, or its name if
// it has no password. Errors: Denied; Limited; Invalid if proof is not the name; Conflict if
// the actor is the only admin.
func (s *AccountService) CloseOwn(ctx context.Context, actor Actor, proof string, anonymise bool) (forum.User, error) {
	has, err := s.logins.HasPassword(actor)
	switch {
	case err != nil:
		return forum.User{}, err
	case has:
		err = s.logins.ConfirmPassword(ctx, actor, proof)
	case forum.NameKey(proof) != forum.NameKey(actor.Name):
		err = forum.Errorf(forum.Invalid, "That is not your name; your account was not closed.")
	}
	if err != nil {
		return forum.User{}, err
	}
	return s.closeAccount(ctx, actor, &closeAccount{User: actor.User, Erase: true, Anonymise: anonymise})
}

// CloseAccount closes an account. Its sessions end, nobody can log in to it or take its name,
// and all its data stays. Errors: Denied; NotFound.
func (s *AccountService) CloseAccount(ctx context.Context, actor Actor, name string) (forum.User, error) {
	u, err := s.accountByName(name)
	if err != nil {
		return u, err
	}
	return s.closeAccount(ctx, actor, &closeAccount{User: u.ID})
}

// Anonymise closes, erases and anonymises an account, as its person can with CloseOwn. The
// account may be closed already. Errors: Denied; NotFound.
func (s *AccountService) Anonymise(ctx context.Context, actor Actor, name string) (u forum.User, err error) {
	err = s.cfg.Store.View(func(r forum.Reader) error {
		var ok bool
		if u, ok = r.UserByName(forum.NameKey(name)); !ok {
			return noAccount(name)
		}
		return nil
	})
	if err != nil {
		return u, err
	}
	return s.closeAccount(ctx, actor, &closeAccount{User: u.ID, Erase: true, Anonymise: true})
}

// eraseGrace is how long a request to close an account waits for the erasure. The next purge
// continues an erasure that takes longer.
const eraseGrace = 5 * time.Second

func (s *AccountService) closeAccount(ctx context.Context, actor Actor, c *closeAccount) (forum.User, error) {
	u, err := submit(ctx, s.core, actor, c)
	if err != nil {
		return u, err
	}
	s.roster.endSessions(u.ID, errClosed)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), eraseGrace) // the caller's session may have ended with the others
	defer cancel()
	_ = s.erase(ctx, u.ID)
	return u, nil
}

type closeAccount struct {
	origin

	User      forum.UserID
	Erase     bool `json:",omitempty"` // the private data
	Anonymise bool `json:",omitempty"`
}

func (c *closeAccount) apply(tx forum.Tx, by forum.User) (forum.User, error) {
	u, err := managedOrClosed(tx, by, c.User)
	switch {
	case err != nil:
		return forum.User{}, err
	case !u.Closed.IsZero() && !c.Anonymise:
		return forum.User{}, errNoAccount
	case by.ID == u.ID && u.Role == forum.Admin && !otherAdmin(tx, u.ID):
		return forum.User{}, forum.Errorf(forum.Conflict, "You are the only admin; the operator can make somebody else one first.")
	}
	act := forum.AuditUserClose
	if u.Closed.IsZero() {
		u.Closed = tx.Time()
	}
	u.Role, u.Erased = forum.Member, u.Erased || c.Erase
	if c.Anonymise && !anonymous(u) {
		act = forum.AuditUserAnonymise
		tx.HoldName(nameHash(u.Name))
		tx.HoldName(skeletonHash(u.Name))
		u.Name = formerMember(u.ID)
	}
	tx.PutUser(u)
	dropCredentials(tx, u.ID)
	if c.Erase {
		tx.SetPreferences(u.ID, forum.Preferences{})
		tx.SetCommandHistory(u.ID, nil)
		tx.DropBacklog(u.ID)
		tx.PutErasure(forum.Erasure{User: u.ID})
	}
	recordOver(tx, by, u.ID, forum.AuditEntry{Act: act, Object: auditUser(u.ID), Name: u.Name})
	tx.Publish(forum.Event{Kind: forum.UserClosed, Actor: by.ID, Name: authorName(tx, by.ID), To: u.ID, ToName: u.Name})
	return u, nil
}

// dropCredentials drops the account's password and keys, and the invites that it made.
func dropCredentials(tx forum.Tx, id forum.UserID) {
	tx.SetPassword(id, "")
	for _, k := range tx.Keys(id) {
		tx.DropKey(id, k)
	}
	for i := range tx.Invites(id) {
		tx.DropInvite(i)
	}
}

func otherAdmin(r forum.Reader, id forum.UserID) bool {
	for u := range r.Users() {
		if u.ID != id && u.Role == forum.Admin && u.Closed.IsZero() {
			return true
		}
	}
	return false
}

// formerMember returns the name of an anonymised account. Nobody can register it, since it
// has spaces.
func formerMember(id forum.UserID) string { return fmt.Sprintf("former member %d", id) }

func anonymous(u forum.User) bool { return u.Name == formerMember(u.ID) }
