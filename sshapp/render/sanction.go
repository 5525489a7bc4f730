package render

import (
	"fmt"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
)

var sanctionRows = []row{
	// BAN
	one("sshforum.banned.v1", (*Text).banned, func(r command.Banned) banJSON { return newBanJSON(r.Ban) }),
	// UNBAN
	one("sshforum.unbanned.v1", (*Text).unbanned, func(r command.Unbanned) banJSON { return newBanJSON(r.Ban) }),
	// BANS
	one("sshforum.bans.v1", (*Text).banList, func(r command.BanList) banListJSON { return banListJSON{list(r.Bans, newBanJSON)} }),
	// SILENCE, UNSILENCE
	one("sshforum.person-moderated.v1", (*Text).personModerated, func(r command.PersonModerated) moderatedPersonJSON {
		return moderatedPersonJSON{r.User.Name, r.Act, r.User.Silenced.Reason, utc{r.User.Silenced.Until}}
	}),
}

// banJSON is a ban of an account or of a network.
type banJSON struct {
	// Name of the banned person.
	Person string `json:"person,omitempty"`
	// The banned network, as in `192.0.2.0/24`.
	Network string `json:"network,omitempty"`
	// Name of the moderator.
	By string `json:"by"`
	sanctionJSON
}

// sanctionJSON is a sanction: a silence or a ban.
type sanctionJSON struct {
	// When it began.
	Since utc `json:"since"`
	// When it ends by itself; absent if it does not.
	Until utc `json:"until,omitzero"`
	// Reason.
	Reason string `json:"reason"`
}

// banListJSON is the list of bans.
type banListJSON struct {
	// The bans.
	Bans []banJSON `json:"bans"`
}

// moderatedPersonJSON is a person after an act of a moderator.
type moderatedPersonJSON struct {
	// Name of the person.
	Person string `json:"person"`
	// Kind of the act, as in the audit log.
	Act forum.AuditAct `json:"act"`
	// Reason of the silence.
	Reason string `json:"reason,omitempty"`
	// When they can write again.
	Until utc `json:"until,omitzero"`
}

func newBanJSON(b rules.Ban) banJSON {
	ban := banJSON{By: b.ByName, sanctionJSON: newSanctionJSON(b.Sanction)}
	if b.User != 0 {
		ban.Person = b.Name
	} else {
		ban.Network = b.Network.String()
	}
	return ban
}

func newSanctionJSON(s forum.Sanction) sanctionJSON {
	return sanctionJSON{utc{s.Since}, utc{s.Until}, s.Reason}
}

func (t *Text) banned(r command.Banned) error {
	return t.printf("%s is banned%s; UNBAN ends it.\n", forum.Printable(r.Whom()), t.until(r.Sanction))
}

func (t *Text) unbanned(r command.Unbanned) error {
	return t.printf("%s is not banned any more.\n", forum.Printable(r.Whom()))
}

func (t *Text) banList(r command.BanList) error {
	if len(r.Bans) == 0 {
		return t.printf("Nobody is banned.\n")
	}
	for _, b := range r.Bans {
		err := t.printf("%s%s, by %s %s: %s\n", t.Look.strong(forum.Printable(b.Whom())), t.until(b.Sanction),
			forum.Printable(b.ByName), t.Look.ago(b.Since), forum.Printable(b.Reason))
		if err != nil {
			return err
		}
	}
	return nil
}

// until returns when a sanction ends, or "" if it does not end by itself.
func (t *Text) until(s forum.Sanction) string {
	if s.Until.IsZero() {
		return ""
	}
	return fmt.Sprintf(" until %s", t.Look.moment(s.Until))
}

func (t *Text) personModerated(r command.PersonModerated) error {
	name := forum.Printable(r.User.Name)
	if r.Act != forum.AuditUserSilence {
		return t.printf(moderationWords[r.Act], name)
	}
	return t.printf(moderationWords[r.Act], name, t.until(r.User.Silenced))
}
