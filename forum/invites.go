package forum

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"iter"
	"slices"
	"strings"
	"time"
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

// Invite lets one person make an account, by a code. Who has made it is told the code
// once; what is kept is its hash.
type Invite struct {
	By      UserID // 0 for the operator
	Number  uint64 // among those of By
	Code    InviteCode
	Made    time.Time
	Expires time.Time
}

// InviteCode is the SHA-256 of a code. A code has at least 128 random bits, so the hash
// needs no salt and cannot be guessed.
type InviteCode [sha256.Size]byte

// NewInvite is an invite with the code to give away.
type NewInvite struct {
	Invite
	Secret string
}

// InviteReader is the part of Reader that is about invites.
type InviteReader interface {
	Invites(by UserID) iter.Seq[Invite] // by number, expired ones too
	InviteByCode(code InviteCode) (Invite, bool)
}

// InviteTx is the part of Tx that is about invites.
type InviteTx interface {
	PutInvite(i Invite)
	DropInvite(i Invite)
}

// Invite makes an invite that holds for a while, at most 30 days. Errors: Denied; Invalid
// duration; Conflict where nobody needs one; Limited.
func (s *Service) Invite(ctx context.Context, actor Actor, lasts time.Duration) (NewInvite, error) {
	switch {
	case s.Registration == RegistrationOpen:
		return NewInvite{}, Errorf(Conflict, "Everybody can make an account here; nobody needs an invite.")
	case s.Registration == RegistrationClosed:
		return NewInvite{}, Errorf(Conflict, "Registration is closed; an invite would open nothing.")
	case s.Inviters == NobodyInvites && actor.User != operator:
		return NewInvite{}, Errorf(Denied, "Invites are made by the operator alone.")
	case lasts <= 0 || lasts > maxInviteFor:
		return NewInvite{}, Errorf(Invalid, "An invite holds for at most %d days.", maxInviteFor/(24*time.Hour))
	}
	least := Moderator
	if s.Inviters == MembersInvite {
		least = Member
	}
	secret := rand.Text()
	made, err := submit(ctx, s, actor, &makeInvite{
		Least: least, Code: inviteCode(secret), For: lasts,
	})
	return NewInvite{made, groups(secret)}, err
}

// Invites returns the actor's invites that are still open, by number.
func (s *Service) Invites(actor Actor) (open []Invite, err error) {
	now := s.Clock()
	err = s.view(actor, func(r Reader) error {
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
func (s *Service) RevokeInvite(ctx context.Context, actor Actor, number uint64) (Invite, error) {
	return submit(ctx, s, actor, &revokeInvite{Number: number})
}

// CheckInvite reports whether an account could be made with a code now. Errors: Denied.
func (s *Service) CheckInvite(secret string) error {
	now := s.Clock()
	return s.Store.View(func(r Reader) error {
		_, _, err := openInvite(r, inviteCode(secret), now)
		return err
	})
}

var errInvite = Errorf(Denied, "This invite code is not valid; it may have been used, or have expired.")

// openInvite returns the invite with a code, and who made it, whose account is open.
func openInvite(r Reader, code InviteCode, now time.Time) (i Invite, by User, err error) {
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
func inviteCode(secret string) InviteCode {
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

	Least Role // who may
	Code  InviteCode
	For   time.Duration
}

// Apply drops those invites of the same person of which it is certain that they have
// expired, so that nobody has many more than there may be open ones.
func (c *makeInvite) apply(tx Tx, u User) (Invite, error) {
	switch {
	case !u.May(InvitePeople, u.ID) || u.Role < c.Least:
		return Invite{}, Errorf(Denied, "Only %ss can invite people.", c.Least)
	}
	if err := maySpeak(u, tx.Time()); err != nil {
		return Invite{}, err
	}
	all := slices.Collect(tx.Invites(u.ID))
	expired := func(i Invite) bool { return !i.Expires.After(tx.Time()) }
	i := Invite{By: u.ID, Number: 1, Code: c.Code, Made: tx.Time(), Expires: tx.Time().Add(c.For)}
	if n := len(all); n > 0 {
		i.Number = all[n-1].Number + 1
	}
	if open := slices.DeleteFunc(slices.Clone(all), expired); len(open) >= maxInvites {
		return Invite{}, Errorf(Limited, "You have %d open invites, which is the most; revoke one first.", len(open))
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

func (c *revokeInvite) apply(tx Tx, u User) (Invite, error) {
	for i := range tx.Invites(u.ID) {
		if i.Number == c.Number {
			tx.DropInvite(i)
			return i, nil
		}
	}
	return Invite{}, Errorf(NotFound, "You have no invite %d; INVITES lists them.", c.Number)
}
