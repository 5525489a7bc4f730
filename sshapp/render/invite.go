package render

import "sshforum/forum/command"

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
