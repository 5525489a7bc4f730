package rules

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"sshforum/forum"
)

// maxKeys bounds the public keys of one account.
const maxKeys = 64

// Newcomer is who asks for an account.
type Newcomer struct {
	Name     string
	Password string
	Keys     []forum.Key // to log in with; may be empty
	Invite   string      // code of an invite, where one is needed
	Source   string      // where the peer connected from: an IP address
	Shared   bool        // as of an Actor
}

// Register makes a member's account for whoever chose a free name. Errors: Denied when
// registration is closed, the invite is not valid, or, with ErrBanned, a key is that of a
// banned account; Invalid name or password; Conflict when
// the name is taken; Limited when too many are made from that source.
func (s *AccountService) Register(ctx context.Context, n Newcomer) (forum.User, error) {
	c := &addUser{Name: n.Name, Role: forum.Member, Keys: n.Keys, Registered: true}
	switch s.cfg.Registration {
	case RegistrationOpen:
	case RegistrationInvite:
		if err := s.CheckInvite(n.Invite); err != nil {
			return forum.User{}, err
		}
		code := inviteCode(n.Invite)
		c.Invite = &code
	default:
		return forum.User{}, forum.Errorf(forum.Denied, "Registration is closed; ask the operator for an account.")
	}
	if err := s.logins.checkNewPassword(n.Name, n.Password); err != nil {
		return forum.User{}, err
	}
	for _, k := range n.Keys {
		if err := s.logins.KeyBanned(k.Blob); err != nil {
			return forum.User{}, err
		}
	}
	if err := s.checkRegistering(n); err != nil {
		return forum.User{}, err
	}
	u, err := s.addUser(ctx, Operator(), c, n.Password)
	if err == nil {
		err = s.logins.linkBySource(ctx, u.ID, n.Source, n.Shared)
	}
	return u, err
}

// addUser submits c when it has what it lacks: a name that can be taken, and a password.
func (s *AccountService) addUser(ctx context.Context, actor Actor, c *addUser, password string) (u forum.User, err error) {
	if c.Name, err = s.FreeName(c.Name); err != nil {
		return u, err
	}
	if c.Password, err = s.cfg.Passwords.Hash(ctx, password); err != nil {
		return u, err
	}
	return submit(ctx, s.core, actor, c)
}

// Keys returns the actor's public keys in the order they were added.
func (s *AccountService) Keys(actor Actor) (keys []forum.Key, err error) {
	err = s.view(actor, func(r forum.Reader) error {
		keys = r.Keys(actor.User)
		return nil
	})
	return keys, err
}

// AddKey lets the actor log in with one more public key. The caller has checked that
// k.Blob is a key. Errors: Conflict; Limited.
func (s *AccountService) AddKey(ctx context.Context, actor Actor, k forum.Key) (forum.Key, error) {
	k.Comment = forum.Printable(k.Comment)
	k, err := submit(ctx, s.core, actor, &addKey{Key: k})
	if err == nil {
		err = s.logins.linkByKeys(ctx, actor.User, k)
	}
	return k, err
}

// RemoveKey takes one of the actor's keys away. Errors: NotFound; Conflict when nothing
// would be left to log in with.
func (s *AccountService) RemoveKey(ctx context.Context, actor Actor, blob []byte) (forum.Key, error) {
	return submit(ctx, s.core, actor, &removeKey{Blob: blob})
}

// SetKeys makes keys all the public keys the actor logs in with. Errors: Limited;
// Conflict when nothing would be left to log in with.
func (s *AccountService) SetKeys(ctx context.Context, actor Actor, keys []forum.Key) error {
	_, err := submit(ctx, s.core, actor, &setKeys{Keys: keys})
	if err == nil {
		err = s.logins.linkByKeys(ctx, actor.User, keys...)
	}
	return err
}

type addUser struct {
	origin

	Name     string
	Password string // PHC string
	Role     forum.Role
	Keys     []forum.Key

	Registered bool              `json:",omitempty"` // by the person whose account it is
	Known      bool              `json:",omitempty"` // imported
	Invite     *forum.InviteCode `json:",omitempty"` // of the invite that is used up
}

func (c *addUser) apply(tx forum.Tx, by forum.User) (forum.User, error) {
	if !by.May(forum.ManageAccounts, by.ID) {
		return forum.User{}, forum.Errorf(forum.Denied, "Only an admin can add accounts.")
	}
	if err := free(tx, c.Name); err != nil {
		return forum.User{}, err
	}
	var invite forum.Invite
	if c.Invite != nil {
		var err error
		if invite, by, err = openInvite(tx, *c.Invite, tx.Time()); err != nil {
			return forum.User{}, err
		}
	}
	u := forum.User{ID: tx.NewUserID(), Name: c.Name, Role: c.Role, Created: tx.Time(), Known: c.Known}
	tx.PutUser(u)
	tx.SetPassword(u.ID, c.Password)
	for _, k := range c.Keys[:min(len(c.Keys), maxKeys)] {
		k.Added = tx.Time()
		tx.PutKey(u.ID, k)
	}
	switch {
	case c.Invite != nil:
		tx.DropInvite(invite)
		record(tx, by, forum.AuditEntry{Act: forum.AuditUserInvite, Object: auditUser(u.ID), Name: u.Name})
	case !c.Registered:
		record(tx, by, forum.AuditEntry{Act: forum.AuditUserAdd, Object: auditUser(u.ID), Name: u.Name, Value: u.Role.String()})
	}
	tx.Publish(forum.Event{Kind: forum.UserRegistered, Actor: u.ID, Name: u.Name})
	return u, nil
}

type addKey struct {
	origin

	Key forum.Key
}

func (c *addKey) apply(tx forum.Tx, u forum.User) (forum.Key, error) {
	keys := tx.Keys(u.ID)
	switch {
	case slices.ContainsFunc(keys, sameKey(c.Key.Blob)):
		return forum.Key{}, forum.Errorf(forum.Conflict, "Your account has this key already.")
	case len(keys) >= maxKeys:
		return forum.Key{}, forum.Errorf(forum.Limited, "Your account has %d keys, which is the most; remove one first.", maxKeys)
	}
	k := c.Key
	k.Added = tx.Time()
	tx.PutKey(u.ID, k)
	return k, nil
}

type removeKey struct {
	origin

	Blob []byte
}

func (c *removeKey) apply(tx forum.Tx, u forum.User) (forum.Key, error) {
	keys := tx.Keys(u.ID)
	i := slices.IndexFunc(keys, sameKey(c.Blob))
	switch {
	case i < 0:
		return forum.Key{}, forum.Errorf(forum.NotFound, "Your account has no such key.")
	case len(keys) == 1 && tx.Password(u.ID) == "":
		return forum.Key{}, errLastKey
	}
	tx.DropKey(u.ID, keys[i])
	return keys[i], nil
}

type setKeys struct {
	origin

	Keys []forum.Key
}

func (c *setKeys) apply(tx forum.Tx, u forum.User) (nothing, error) {
	switch {
	case len(c.Keys) == 0 && tx.Password(u.ID) == "":
		return nothing{}, errLastKey
	case len(c.Keys) > maxKeys:
		return nothing{}, forum.Errorf(forum.Limited, "An account has at most %d keys; remove some first.", maxKeys)
	}
	old := tx.Keys(u.ID)
	for _, k := range old {
		if !slices.ContainsFunc(c.Keys, sameKey(k.Blob)) {
			tx.DropKey(u.ID, k)
		}
	}
	for _, k := range c.Keys {
		k.Added = tx.Time()
		if i := slices.IndexFunc(old, sameKey(k.Blob)); i >= 0 {
			k.Added = old[i].Added
		}
		tx.PutKey(u.ID, k)
	}
	return nothing{}, nil
}

// errLastKey refuses to leave an account that nobody can log in to.
var errLastKey = forum.Hinted(forum.HintAnotherKey, "", forum.Errorf(forum.Conflict, "This is your only way to log in."))

func sameKey(blob []byte) func(forum.Key) bool {
	return func(k forum.Key) bool { return bytes.Equal(k.Blob, blob) }
}

// managed returns the account id, which by may change because it is its own or because it
// manages accounts.
func managed(r forum.Reader, by forum.User, id forum.UserID) (forum.User, error) {
	u, err := managedOrClosed(r, by, id)
	if err == nil && !u.Closed.IsZero() {
		err = errNoAccount
	}
	return u, err
}

// managedOrClosed is managed for an account that may be closed.
func managedOrClosed(r forum.Reader, by forum.User, id forum.UserID) (forum.User, error) {
	switch {
	case by.ID == id:
		return by, nil
	case !by.May(forum.ManageAccounts, by.ID):
		return forum.User{}, forum.Errorf(forum.Denied, "Only an admin can change another account.")
	}
	u, ok := r.User(id)
	if !ok {
		return u, errNoAccount
	}
	return u, by.MayModerate(u)
}

var errNoAccount = forum.Errorf(forum.NotFound, "No such account.")

// FreeName returns name as an account could have it. Errors: Invalid, also for a name that
// looks like another; Conflict when it is taken.
func (s *AccountService) FreeName(name string) (string, error) {
	name, err := forum.CleanName(name)
	if err != nil {
		return "", err
	}
	return name, s.cfg.Store.View(func(r forum.Reader) error { return free(r, name) })
}

func free(r forum.Reader, name string) error {
	if taken(r, name) {
		return nameTaken(name)
	}
	return checkLookalike(r, name)
}

func nameTaken(name string) error {
	return forum.Errorf(forum.Conflict, "The name %s is taken; choose another.", name)
}

// Names returns up to limit names of open accounts that begin with prefix, in any case.
func (s *AccountService) Names(actor Actor, prefix string, limit int) (names []string, err error) {
	prefix = forum.NameKey(prefix)
	err = s.view(actor, func(r forum.Reader) error {
		for u := range r.Users() {
			if len(names) == limit {
				break
			}
			if u.Closed.IsZero() && strings.HasPrefix(forum.NameKey(u.Name), prefix) {
				names = append(names, u.Name)
			}
		}
		return nil
	})
	return names, err
}
