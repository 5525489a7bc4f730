package rules

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"slices"
	"strings"
	"time"

	"sshforum/forum"
)

// Registration says who may make an account without an admin or the operator.
type Registration uint8

const (
	RegistrationClosed Registration = iota // nobody
	RegistrationInvite                     // whoever has an invite
	RegistrationOpen                       // everybody
)

// Inviters says who makes invites beside the operator.
type Inviters uint8

const (
	NobodyInvites Inviters = iota
	ModeratorsInvite
	MembersInvite
)

const (
	maxInvites   = 20 // open ones of a person
	maxInviteFor = 30 * 24 * time.Hour
)

// NewInvite is an invite with the code to give away.
type NewInvite struct {
	forum.Invite
	Secret string
}

// Invite makes an invite that holds for a while, at most 30 days. Errors: Denied; Invalid
// duration; Conflict where nobody needs one; Limited.
func (s *AccountService) Invite(ctx context.Context, actor Actor, lasts time.Duration) (NewInvite, error) {
	switch {
	case s.cfg.Registration == RegistrationOpen:
		return NewInvite{}, forum.Errorf(forum.Conflict, "Everybody can make an account here; nobody needs an invite.")
	case s.cfg.Registration == RegistrationClosed:
		return NewInvite{}, forum.Errorf(forum.Conflict, "Registration is closed; an invite would open nothing.")
	case s.cfg.Inviters == NobodyInvites && actor.User != operator:
		return NewInvite{}, forum.Errorf(forum.Denied, "Invites are made by the operator alone.")
	case lasts <= 0 || lasts > maxInviteFor:
		return NewInvite{}, forum.Errorf(forum.Invalid, "An invite holds for at most %d days.", maxInviteFor/(24*time.Hour))
	}
	least := forum.Moderator
	if s.cfg.Inviters == MembersInvite {
		least = forum.Member
	}
	secret := rand.Text()
	made, err := submit(ctx, s.core, actor, &makeInvite{
		Least: least, Code: inviteCode(secret), For: lasts,
	})
	return NewInvite{made, groups(secret)}, err
}

// Invites returns the actor's invites that are still open, by number.
func (s *AccountService) Invites(actor Actor) (open []forum.Invite, err error) {
	now := s.Clock()
	err = s.view(actor, func(r forum.Reader) error {
		u, err := account(r, actor.User)
		if err != nil {
			return err
		}
		for i := range r.Invites(u.ID) {
			if i.Expires.After(now) {
				open = append(open, i)
			}
		}
		return nil
	})
	return open, err
}

// RevokeInvite ends an invite of the actor. Errors: NotFound; Limited.
func (s *AccountService) RevokeInvite(ctx context.Context, actor Actor, number uint64) (forum.Invite, error) {
	return submit(ctx, s.core, actor, &revokeInvite{Number: number})
}

// CheckInvite reports whether an account could be made with a code now. Errors: Denied.
func (s *AccountService) CheckInvite(secret string) error {
	now := s.Clock()
	return s.cfg.Store.View(func(r forum.Reader) error {
		_, _, err := openInvite(r, inviteCode(secret), now)
		return err
	})
}

var errInvite = forum.Errorf(forum.Denied, "This invite code is not valid; it may have been used, or have expired.")

// openInvite returns the invite with a code, and who made it, whose account is open.
func openInvite(r forum.Reader, code forum.InviteCode, now time.Time) (i forum.Invite, by forum.User, err error) {
	i, ok := r.InviteByCode(code)
	if !ok || !i.Expires.After(now) {
		return i, by, errInvite
	}
	if by, err = account(r, cmp.Or(i.By, operator)); err != nil {
		return i, by, errInvite
	}
	return i, by, nil
}

// inviteCode returns what is kept of a code, however it was typed.
func inviteCode(secret string) forum.InviteCode {
	typed := strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(secret))
	return sha256.Sum256([]byte(typed))
}

// groups parts a code so that it can be read out and typed.
func groups(secret string) string {
	var parts []string
	for part := range slices.Chunk([]byte(secret), 4) {
		parts = append(parts, string(part))
	}
	return strings.Join(parts, "-")
}

type makeInvite struct {
	origin

	Least forum.Role // who may
	Code  forum.InviteCode
	For   time.Duration
}

// Apply drops those invites of the same person of which it is certain that they have
// expired, so that nobody has many more than there may be open ones.
func (c *makeInvite) apply(tx forum.Tx, u forum.User) (forum.Invite, error) {
	switch {
	case !u.May(forum.InvitePeople, u.ID) || u.Role < c.Least:
		return forum.Invite{}, forum.Errorf(forum.Denied, "Only %ss can invite people.", c.Least)
	}
	if err := maySpeak(u, tx.Time()); err != nil {
		return forum.Invite{}, err
	}
	all := slices.Collect(tx.Invites(u.ID))
	expired := func(i forum.Invite) bool { return !i.Expires.After(tx.Time()) }
	i := forum.Invite{By: u.ID, Number: 1, Code: c.Code, Made: tx.Time(), Expires: tx.Time().Add(c.For)}
	if n := len(all); n > 0 {
		i.Number = all[n-1].Number + 1
	}
	if open := slices.DeleteFunc(slices.Clone(all), expired); len(open) >= maxInvites {
		return forum.Invite{}, forum.Errorf(forum.Limited, "You have %d open invites, which is the most; revoke one first.", len(open))
	}
	for _, old := range all {
		if lasts := old.Expires.Sub(old.Made); !old.Made.After(longAgo(tx, tx.Time(), lasts)) {
			tx.DropInvite(old)
		}
	}
	tx.PutInvite(i)
	return i, nil
}

type revokeInvite struct {
	origin

	Number uint64
}

func (c *revokeInvite) apply(tx forum.Tx, u forum.User) (forum.Invite, error) {
	for i := range tx.Invites(u.ID) {
		if i.Number == c.Number {
			tx.DropInvite(i)
			return i, nil
		}
	}
	return forum.Invite{}, forum.Hinted(forum.HintInvites, "", forum.Errorf(forum.NotFound, "You have no invite %d.", c.Number))
}
