package command

import (
	"context"
	"time"
)

func ban(ctx context.Context, c *Call) (Result, error) {
	until, err := c.until("for")
	if err != nil {
		return nil, err
	}
	b, err := c.Service.Ban(ctx, c.Actor, c.Args.Word("who"), until, c.Args.Rest())
	return Banned{b}, err
}

func unban(ctx context.Context, c *Call) (Result, error) {
	b, err := c.Service.Unban(ctx, c.Actor, c.Args.Word("who"), c.Args.Rest())
	return Unbanned{b}, err
}

func bans(_ context.Context, c *Call) (Result, error) {
	all, err := c.Service.Bans(c.Actor)
	return BanList{all}, err
}

// until returns the end of the duration given for a flag, or the zero time.
func (c *Call) until(flag string) (time.Time, error) {
	if !c.Args.Flag(flag) {
		return time.Time{}, nil
	}
	d, err := parseAgo(c.Args.Value(flag))
	if err != nil {
		return time.Time{}, c.Args.Errorf("--%s takes a time such as 30m, 12h or 7d", flag)
	}
	return c.Service.Clock().Add(d), nil
}
