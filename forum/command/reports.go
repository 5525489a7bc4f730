package command

import (
	"context"

	"sshforum/forum"
	"sshforum/forum/rules"
)

func report(ctx context.Context, c *Call) (Result, error) {
	var target *rules.Target
	if c.Args.Has("n") {
		t, err := c.target()
		if err != nil {
			return nil, err
		}
		target = &t
	}
	r, err := c.Service.Report(ctx, c.Actor, c.Args.Word("thread"), target, c.Args.Rest())
	return Reported{r}, err
}

func queue(_ context.Context, c *Call) (Result, error) {
	cases, err := c.Service.Queue(c.Actor, c.Args.Flag("unfold"))
	return ReportQueue{cases}, err
}

func resolve(ctx context.Context, c *Call) (Result, error) {
	object, err := forum.ParseObject(c.Args.Word("id"))
	if err != nil {
		return nil, err
	}
	r, err := c.Service.Resolve(ctx, c.Actor, object, c.Args.Rest())
	return ReportsResolved{r}, err
}
