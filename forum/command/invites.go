package command

import "context"

// inviteFor is how long an invite is valid by default.
const inviteFor = 7 * day

func invite(ctx context.Context, c *Call) (Result, error) {
	if c.Args.Flag("revoke") {
		if c.Args.Flag("for") {
			return nil, c.Args.Errorf("give --for or --revoke, not both")
		}
		n, err := c.Args.Number("revoke")
		if err != nil {
			return nil, err
		}
		revoked, err := c.Service.RevokeInvite(ctx, c.Actor, uint64(n))
		return InviteRevoked{revoked}, err
	}
	lasts := inviteFor
	if c.Args.Flag("for") {
		var err error
		if lasts, err = parseAgo(c.Args.Value("for")); err != nil {
			return nil, c.Args.Errorf("--for takes how long, such as 12h or 7d")
		}
	}
	made, err := c.Service.Invite(ctx, c.Actor, lasts)
	return InviteMade{made}, err
}

func listInvites(_ context.Context, c *Call) (Result, error) {
	open, err := c.Service.Invites(c.Actor)
	return InviteList{open}, err
}
