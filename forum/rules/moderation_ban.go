package rules

import (
	"cmp"
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"time"

	"sshforum/forum"
)

// Ban is the ban of an account or, if User is 0, of a network.
type Ban struct {
	User    forum.UserID
	Name    string
	Network netip.Prefix
	forum.Sanction
	ByName string
}

// Whom returns the name of the account or the network.
func (b Ban) Whom() string {
	if b.User != 0 {
		return b.Name
	}
	return networkName(b.Network)
}

// ErrBanned is in the chain of the error that people with a banned account get, once they have
// proved that the account is theirs. The error's kind is Denied, and its sentence has the
// reason.
var ErrBanned = errors.New("the account is banned")

// banned returns the error for somebody whom s keeps out.
func banned(s forum.Sanction) error {
	until := "."
	if !s.Until.IsZero() {
		until = " until " + s.Until.UTC().Format("2006-01-02 15:04 UTC") + "."
	}
	return &forum.Error{Kind: forum.Denied, Msg: "You are banned from this forum" + until + " Reason: " + s.Reason, Err: ErrBanned}
}

// Ban keeps an account, an address or a network out until a time, or until the ban is lifted if
// until is zero, and ends its connections. who is a network as ParseNetwork reads it, or
// otherwise the name of an account, with or without @ before it. An existing ban is replaced.
// Errors: Denied; NotFound; Invalid if the network is too wide or the end is in the past;
// Conflict if the ban would keep the actor out, or if the network is exempt from bans.
func (s *ModerationService) Ban(ctx context.Context, actor Actor, who string, until time.Time, reason string) (b Ban, err error) {
	if reason, err = forum.CleanReason(reason); err != nil {
		return b, err
	}
	if reason == "" {
		return b, forum.Errorf(forum.Invalid, "A ban needs a reason; whoever is banned is told it.")
	}
	if network, ok := ParseNetwork(who); ok {
		return s.banNetwork(ctx, actor, network, until, reason)
	}
	b, err = submit(ctx, s.core, actor, &banUser{Name: accountKey(who), Until: until, Reason: reason})
	if err == nil {
		s.roster.endSessions(b.User, banned(b.Sanction))
		err = s.LoadBans()
	}
	return b, err
}

func (s *ModerationService) banNetwork(ctx context.Context, actor Actor, network netip.Prefix, until time.Time, reason string) (b Ban, err error) {
	if s.exempt(network) {
		return b, forum.Errorf(forum.Conflict, "%s is exempt from bans, by the setting ssh.exempt.", networkName(network))
	}
	b, err = submit(ctx, s.core, actor, &banNetwork{
		Source: actor.Source, Network: network, Until: until, Reason: reason,
	})
	if err == nil {
		err = s.LoadBans()
	}
	if err == nil && s.cfg.Evict != nil {
		s.cfg.Evict()
	}
	return b, err
}

// exempt reports whether all of network is exempt from bans.
func (s *ModerationService) exempt(network netip.Prefix) bool {
	return slices.ContainsFunc(s.cfg.Exempt, func(e netip.Prefix) bool {
		return e.Contains(network.Addr()) && e.Bits() <= network.Bits()
	})
}

// Unban lifts a ban. who is read as by Ban. Errors: Denied; NotFound, also if there is no such
// ban.
func (s *ModerationService) Unban(ctx context.Context, actor Actor, who, reason string) (b Ban, err error) {
	if reason, err = forum.CleanReason(reason); err != nil {
		return b, err
	}
	if network, ok := ParseNetwork(who); ok {
		b, err = submit(ctx, s.core, actor, &unbanNetwork{Network: network, Reason: reason})
	} else {
		b, err = submit(ctx, s.core, actor, &unbanUser{Name: accountKey(who), Reason: reason})
	}
	if err == nil {
		err = s.LoadBans()
	}
	return b, err
}

// accountKey returns the key of a name that may have an @ before it.
func accountKey(who string) string { return forum.NameKey(strings.TrimPrefix(who, "@")) }

// Bans returns the bans in force: first accounts, by name, then networks. Errors: Denied.
func (s *ModerationService) Bans(actor Actor) (bans []Ban, err error) {
	now := s.Clock()
	err = s.cfg.Store.View(func(r forum.Reader) error {
		u, err := account(r, actor.User)
		if err == nil && !u.May(forum.ModeratePeople, u.ID) {
			err = forum.Errorf(forum.Denied, "Only a moderator can see who is banned.")
		}
		if err != nil {
			return err
		}
		for u := range r.Users() {
			if u.Banned.Holds(now) {
				bans = append(bans, Ban{User: u.ID, Name: u.Name, Sanction: u.Banned, ByName: authorName(r, u.Banned.By)})
			}
		}
		slices.SortFunc(bans, func(a, b Ban) int { return cmp.Compare(forum.NameKey(a.Name), forum.NameKey(b.Name)) })
		for b := range r.BannedNetworks() {
			if b.Holds(now) {
				bans = append(bans, Ban{Network: b.Network, Sanction: b.Sanction, ByName: authorName(r, b.By)})
			}
		}
		return nil
	})
	return bans, err
}

// LoadBans reads the banned networks and people. It must be called before NetworkBanned and
// KeyBanned.
func (s *ModerationService) LoadBans() error {
	s.loading.Lock()
	defer s.loading.Unlock()
	var bans []forum.NetworkBan
	var people *bannedPeople
	err := s.cfg.Store.View(func(r forum.Reader) error {
		bans, people = slices.Collect(r.BannedNetworks()), newBannedPeople(r)
		return nil
	})
	if err == nil {
		s.networks.Store(newNetworks(bans))
		s.bannedPeople.Store(people)
	}
	return err
}

// NetworkBanned reports whether connections from addr are refused now. It does not read the
// store.
func (s *ModerationService) NetworkBanned(addr netip.Addr) bool {
	n := s.networks.Load()
	return n != nil && n.has(addr, s.Clock())
}
