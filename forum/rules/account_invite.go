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

// Registration sets which people may make an account without an admin or the operator.
type Registration uint8

const (
	RegistrationClosed Registration = iota // nobody
	RegistrationInvite                     // people with an invite
	RegistrationOpen                       // everybody
)

// Inviters sets which people may make invites besides the operator.
type Inviters uint8

const (
	NobodyInvites Inviters = iota
	ModeratorsInvite
	MembersInvite
)

const (
	maxInvites   = 20 // open invites of one person
	maxInviteFor = 30 * 24 * time.Hour
)

// NewInvite is an invite with its code.
type NewInvite struct {
	forum.Invite
	Secret string // the code, in groups of 4 characters
}

// Invite makes an invite that is valid for the duration lasts, at most 30 days. Errors: Denied;
// Invalid duration; Conflict if registration does not use invites; Limited.
func (s *AccountService) Invite(ctx context.Context, actor Actor, lasts time.Duration) (NewInvite, error) {
	switch {
	case s.cfg.Registration == RegistrationOpen:
		return NewInvite{}, forum.Errorf(forum.Conflict, "Everybody can make an account here; nobody needs an invite.")
	case s.cfg.Registration == RegistrationClosed:
		return NewInvite{}, forum.Errorf(forum.Conflict, "Registration is closed, so an invite cannot be used.")
	case s.cfg.Inviters == NobodyInvites && actor.User != operator:
		return NewInvite{}, forum.Errorf(forum.Denied, "Only the operator can make invites.")
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
	return NewInvite{made, formatCode(secret)}, err
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

// RevokeInvite revokes an invite of the actor. Errors: NotFound; Limited.
func (s *AccountService) RevokeInvite(ctx context.Context, actor Actor, number uint64) (forum.Invite, error) {
	return submit(ctx, s.core, actor, &revokeInvite{Number: number})
}

// CheckInvite returns nil if an account could be made with the code now. Errors: Denied if not.
func (s *AccountService) CheckInvite(secret string) error {
	now := s.Clock()
	return s.cfg.Store.View(func(r forum.Reader) error {
		_, _, err := openInvite(r, inviteCode(secret), now)
		return err
	})
}

var errInvite = forum.Errorf(forum.Denied, "This invite code is not valid; it may have been used, or have expired.")

// openInvite returns the invite with a code, and the account that made it. Errors: Denied if
// there is no such invite, it has expired, or that account is not open.
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

// inviteCode returns the stored hash of a code. It ignores case, spaces and hyphens.
func inviteCode(secret string) forum.InviteCode {
	typed := strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(secret))
	return sha256.Sum256([]byte(typed))
}

// formatCode splits a code into groups of 4 characters, so that it is easy to read out and type.
func formatCode(secret string) string {
	var parts []string
	for part := range slices.Chunk([]byte(secret), 4) {
		parts = append(parts, string(part))
	}
	return strings.Join(parts, "-")
}

type makeInvite struct {
	origin

	Least forum.Role // the lowest role that may invite
	Code  forum.InviteCode
	For   time.Duration
}

// apply also drops the person's invites that have certainly expired, so that the stored rows
// are not many more than the open invites.
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
