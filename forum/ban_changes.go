package forum

import (
	"net/netip"
	"time"
)

// The acts about bans in the audit log.
const (
	AuditUserBan      AuditAct = "user.ban"
	AuditUserUnban    AuditAct = "user.unban"
	AuditNetworkBan   AuditAct = "network.ban"
	AuditNetworkUnban AuditAct = "network.unban"
)

func auditNetwork(network netip.Prefix) string { return "source " + network.String() }

type banUser struct {
	By     UserID
	At     time.Time
	Name   string // a NameKey
	Until  time.Time
	Reason string
}

func (c *banUser) Kind() string    { return "ban.user" }
func (c *banUser) When() time.Time { return c.At }

func (c *banUser) Apply(tx Tx) (any, Event, error) {
	by, err := account(tx, c.By)
	if err != nil {
		return nil, Event{}, err
	}
	u, err := person(tx, c.Name)
	if err == nil {
		err = by.mayModerate(u)
	}
	if err == nil {
		err = mayReplace(tx, by, u.Banned)
	}
	if err == nil {
		err = ahead(c.Until, tx.Time())
	}
	if err != nil {
		return nil, Event{}, err
	}
	u.Banned = Sanction{By: by.ID, Since: tx.Time(), Until: c.Until, Reason: c.Reason}
	tx.PutUser(u)
	record(tx, by, AuditEntry{Act: AuditUserBan, Object: auditUser(u.ID), Name: u.Name, Reason: c.Reason, Until: c.Until})
	b := Ban{User: u.ID, Name: u.Name, Sanction: u.Banned, ByName: by.Name}
	return b, Event{Kind: UserBanned, Actor: by.ID, Name: by.Name, To: u.ID, ToName: u.Name}, nil
}

type unbanUser struct {
	By     UserID
	At     time.Time
	Name   string // a NameKey
	Reason string
}

func (c *unbanUser) Kind() string    { return "ban.user.lift" }
func (c *unbanUser) When() time.Time { return c.At }

func (c *unbanUser) Apply(tx Tx) (any, Event, error) {
	by, err := account(tx, c.By)
	if err != nil {
		return nil, Event{}, err
	}
	u, err := person(tx, c.Name)
	if err == nil {
		err = by.mayModerate(u)
	}
	if err == nil && !u.Banned.Holds(tx.Time()) {
		err = Errorf(NotFound, "%s is not banned.", u.Name)
	}
	if err == nil {
		err = mayReplace(tx, by, u.Banned)
	}
	if err != nil {
		return nil, Event{}, err
	}
	b := Ban{User: u.ID, Name: u.Name, Sanction: u.Banned, ByName: authorName(tx, u.Banned.By)}
	u.Banned = Sanction{}
	tx.PutUser(u)
	record(tx, by, AuditEntry{Act: AuditUserUnban, Object: auditUser(u.ID), Name: u.Name, Reason: c.Reason})
	return b, Event{}, nil
}

type banNetwork struct {
	By      UserID
	At      time.Time
	Source  string // where the actor comes from
	Network netip.Prefix
	Until   time.Time
	Reason  string
}

func (c *banNetwork) Kind() string    { return "ban.network" }
func (c *banNetwork) When() time.Time { return c.At }

func (c *banNetwork) Apply(tx Tx) (any, Event, error) {
	by, err := account(tx, c.By)
	if err != nil {
		return nil, Event{}, err
	}
	old, _ := tx.BannedNetwork(c.Network)
	if err = c.allowed(by); err == nil {
		err = mayReplace(tx, by, old.Sanction)
	}
	if err == nil {
		err = ahead(c.Until, tx.Time())
	}
	if err != nil {
		return nil, Event{}, err
	}
	b := NetworkBan{c.Network, Sanction{By: by.ID, Since: tx.Time(), Until: c.Until, Reason: c.Reason}}
	tx.PutBannedNetwork(b)
	record(tx, by, AuditEntry{Act: AuditNetworkBan, Object: auditNetwork(b.Network), Reason: c.Reason, Until: c.Until})
	return Ban{Network: b.Network, Sanction: b.Sanction, ByName: by.Name}, Event{}, nil
}

func (c *banNetwork) allowed(by User) error {
	widest := widestIPv6
	if c.Network.Addr().Is4() {
		widest = widestIPv4
	}
	own, _ := netip.ParseAddr(c.Source)
	switch {
	case !by.May(ModeratePeople, by.ID):
		return errNoModerator
	case c.Network != c.Network.Masked() || c.Network.Bits() < widest:
		return Errorf(Invalid, "%s is too wide to be banned; give a network of at least /%d.", c.Network, widest)
	case c.Network.IsSingleIP() && c.Network.Addr() == own.Unmap().WithZone(""):
		return Errorf(Conflict, "%s is your own address; you would keep yourself out.", own)
	case c.Network.Contains(own.Unmap().WithZone("")):
		return Errorf(Conflict, "%s has your own address, %s; you would keep yourself out.", networkName(c.Network), own)
	}
	return nil
}

var errNoModerator = Errorf(Denied, "Only a moderator can ban.")

type unbanNetwork struct {
	By      UserID
	At      time.Time
	Network netip.Prefix
	Reason  string
}

func (c *unbanNetwork) Kind() string    { return "ban.network.lift" }
func (c *unbanNetwork) When() time.Time { return c.At }

func (c *unbanNetwork) Apply(tx Tx) (any, Event, error) {
	by, err := account(tx, c.By)
	if err != nil {
		return nil, Event{}, err
	}
	if !by.May(ModeratePeople, by.ID) {
		return nil, Event{}, errNoModerator
	}
	b, ok := tx.BannedNetwork(c.Network)
	if !ok || !b.Holds(tx.Time()) {
		return nil, Event{}, notBanned(tx, c.Network)
	}
	if err := mayReplace(tx, by, b.Sanction); err != nil {
		return nil, Event{}, err
	}
	tx.DropBannedNetwork(b.Network)
	record(tx, by, AuditEntry{Act: AuditNetworkUnban, Object: auditNetwork(b.Network), Reason: c.Reason})
	return Ban{Network: b.Network, Sanction: b.Sanction, ByName: authorName(tx, b.By)}, Event{}, nil
}

// notBanned says so, and which ban keeps the network out none the less.
func notBanned(tx Tx, network netip.Prefix) error {
	for b := range tx.BannedNetworks() {
		if b.Holds(tx.Time()) && b.Network.Contains(network.Addr()) && b.Network.Bits() < network.Bits() {
			return Errorf(NotFound, "%s is banned as a part of %s; UNBAN that.", networkName(network), b.Network)
		}
	}
	return Errorf(NotFound, "%s is not banned.", networkName(network))
}
