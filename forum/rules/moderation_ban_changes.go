package rules

import (
	"net/netip"
	"time"

	"sshforum/forum"
)

// The acts about bans in the audit log.
const (
	AuditUserBan      forum.AuditAct = "user.ban"
	AuditUserUnban    forum.AuditAct = "user.unban"
	AuditNetworkBan   forum.AuditAct = "network.ban"
	AuditNetworkUnban forum.AuditAct = "network.unban"
)

func auditNetwork(network netip.Prefix) string { return "source " + network.String() }

type banUser struct {
	origin

	Name   string // a NameKey
	Until  time.Time
	Reason string
}

func (c *banUser) apply(tx forum.Tx, by forum.User) (Ban, error) {
	u, err := person(tx, c.Name)
	if err == nil {
		err = by.MayModerate(u)
	}
	if err == nil {
		err = mayReplace(tx, by, u.Banned)
	}
	if err == nil {
		err = checkEnd(c.Until, tx.Time())
	}
	if err != nil {
		return Ban{}, err
	}
	u.Banned = forum.Sanction{By: by.ID, Since: tx.Time(), Until: c.Until, Reason: c.Reason}
	tx.PutUser(u)
	record(tx, by, forum.AuditEntry{Act: AuditUserBan, Object: auditUser(u.ID), Name: u.Name, Reason: c.Reason, Until: c.Until})
	b := Ban{User: u.ID, Name: u.Name, Sanction: u.Banned, ByName: by.Name}
	tx.Publish(forum.Event{Kind: forum.UserBanned, Actor: by.ID, Name: by.Name, To: u.ID, ToName: u.Name})
	return b, nil
}

type unbanUser struct {
	origin

	Name   string // a NameKey
	Reason string
}

func (c *unbanUser) apply(tx forum.Tx, by forum.User) (Ban, error) {
	u, err := person(tx, c.Name)
	if err == nil {
		err = by.MayModerate(u)
	}
	if err == nil && !u.Banned.Holds(tx.Time()) {
		err = forum.Errorf(forum.NotFound, "%s is not banned.", u.Name)
	}
	if err == nil {
		err = mayReplace(tx, by, u.Banned)
	}
	if err != nil {
		return Ban{}, err
	}
	b := Ban{User: u.ID, Name: u.Name, Sanction: u.Banned, ByName: authorName(tx, u.Banned.By)}
	u.Banned = forum.Sanction{}
	tx.PutUser(u)
	record(tx, by, forum.AuditEntry{Act: AuditUserUnban, Object: auditUser(u.ID), Name: u.Name, Reason: c.Reason})
	return b, nil
}

type banNetwork struct {
	origin

	Source  string // source of the actor
	Network netip.Prefix
	Until   time.Time
	Reason  string
}

func (c *banNetwork) apply(tx forum.Tx, by forum.User) (Ban, error) {
	old, _ := tx.BannedNetwork(c.Network)
	err := c.allowed(by)
	if err == nil {
		err = mayReplace(tx, by, old.Sanction)
	}
	if err == nil {
		err = checkEnd(c.Until, tx.Time())
	}
	if err != nil {
		return Ban{}, err
	}
	b := forum.NetworkBan{Network: c.Network, Sanction: forum.Sanction{By: by.ID, Since: tx.Time(), Until: c.Until, Reason: c.Reason}}
	tx.PutBannedNetwork(b)
	record(tx, by, forum.AuditEntry{Act: AuditNetworkBan, Object: auditNetwork(b.Network), Reason: c.Reason, Until: c.Until})
	return Ban{Network: b.Network, Sanction: b.Sanction, ByName: by.Name}, nil
}

func (c *banNetwork) allowed(by forum.User) error {
	widest := widestIPv6
	if c.Network.Addr().Is4() {
		widest = widestIPv4
	}
	own, _ := netip.ParseAddr(c.Source)
	switch {
	case !by.May(forum.ModeratePeople, by.ID):
		return errNoModerator
	case c.Network != c.Network.Masked() || c.Network.Bits() < widest:
		return forum.Errorf(forum.Invalid, "%s is too wide to be banned; give a network of at least /%d.", c.Network, widest)
	case c.Network.IsSingleIP() && c.Network.Addr() == own.Unmap().WithZone(""):
		return forum.Errorf(forum.Conflict, "%s is your own address; you would keep yourself out.", own)
	case c.Network.Contains(own.Unmap().WithZone("")):
		return forum.Errorf(forum.Conflict, "%s has your own address, %s; you would keep yourself out.", networkName(c.Network), own)
	}
	return nil
}

var errNoModerator = forum.Errorf(forum.Denied, "Only a moderator can ban.")

type unbanNetwork struct {
	origin

	Network netip.Prefix
	Reason  string
}

func (c *unbanNetwork) apply(tx forum.Tx, by forum.User) (Ban, error) {
	if !by.May(forum.ModeratePeople, by.ID) {
		return Ban{}, errNoModerator
	}
	b, ok := tx.BannedNetwork(c.Network)
	if !ok || !b.Holds(tx.Time()) {
		return Ban{}, notBanned(tx, c.Network)
	}
	if err := mayReplace(tx, by, b.Sanction); err != nil {
		return Ban{}, err
	}
	tx.DropBannedNetwork(b.Network)
	record(tx, by, forum.AuditEntry{Act: AuditNetworkUnban, Object: auditNetwork(b.Network), Reason: c.Reason})
	return Ban{Network: b.Network, Sanction: b.Sanction, ByName: authorName(tx, b.By)}, nil
}

// notBanned returns the error that a network is not banned, with the wider ban that keeps it
// out all the same, if there is one.
func notBanned(tx forum.Tx, network netip.Prefix) error {
	for b := range tx.BannedNetworks() {
		if b.Holds(tx.Time()) && b.Network.Contains(network.Addr()) && b.Network.Bits() < network.Bits() {
			return forum.Hinted(forum.HintUnban, b.Network.String(), forum.Errorf(forum.NotFound, "%s is banned as a part of %s.", networkName(network), b.Network))
		}
	}
	return forum.Errorf(forum.NotFound, "%s is not banned.", networkName(network))
}
