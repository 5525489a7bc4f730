package render

import (
	"sshforum/forum"
	"sshforum/forum/command"
)

var inviteRows = []row{
	// INVITE
	one("sshforum.invite-made.v1", (*Text).inviteMade, func(r command.InviteMade) madeInviteJSON {
		return madeInviteJSON{inviteOf(r.Invite), r.Secret}
	}),
	// INVITE --revoke
	one("sshforum.invite-revoked.v1", (*Text).inviteRevoked, func(r command.InviteRevoked) inviteJSON { return inviteOf(r.Invite) }),
	// INVITES
	one("sshforum.invites.v1", (*Text).inviteList, func(r command.InviteList) inviteListJSON {
		return inviteListJSON{list(r.Invites, inviteOf)}
	}),
}

// inviteJSON is an invite without its code.
type inviteJSON struct {
	// Number of the invite, for `INVITE --revoke`.
	Invite uint64 `json:"invite"`
	// When it was made.
	Created utc `json:"created"`
	// When it expires.
	Until utc `json:"until"`
}

// madeInviteJSON is an invite that was just made.
type madeInviteJSON struct {
	inviteJSON
	// The code that opens one account. It is shown only once.
	Code string `json:"code"`
}

// inviteListJSON is the list of a person's invites.
type inviteListJSON struct {
	// The open invites.
	Invites []inviteJSON `json:"invites"`
}

func inviteOf(i forum.Invite) inviteJSON { return inviteJSON{i.Number, utc{i.Made}, utc{i.Expires}} }

func (t *Text) inviteMade(r command.InviteMade) error {
	return t.printf("%s\nThis code opens one account until %s. It is shown this once.\n", r.Secret, t.Look.moment(r.Expires))
}

func (t *Text) inviteRevoked(r command.InviteRevoked) error {
	return t.printf("Invite %d is no longer valid.\n", r.Number)
}

func (t *Text) inviteList(r command.InviteList) error {
	if len(r.Invites) == 0 {
		return t.printf("You have no open invites; INVITE makes one.\n")
	}
	for _, i := range r.Invites {
		if err := t.printf("%d made %s, until %s\n", i.Number, t.Look.moment(i.Made), t.Look.moment(i.Expires)); err != nil {
			return err
		}
	}
	return nil
}
