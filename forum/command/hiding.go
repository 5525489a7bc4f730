package command

import "context"

func hide(ctx context.Context, c *Call) (Result, error) {
	if !c.Args.Has("n") {
		t, err := c.Service.HideThread(ctx, c.Actor, c.Args.Word("thread"), c.Args.Rest())
		return ThreadHidden{t}, err
	}
	target, err := c.target()
	if err != nil {
		return nil, err
	}
	p, err := c.Service.HideMessage(ctx, c.Actor, target, c.Args.Rest())
	return MessageHidden{p}, err
}

func unhide(ctx context.Context, c *Call) (Result, error) {
	if !c.Args.Has("n") {
		t, err := c.Service.UnhideThread(ctx, c.Actor, c.Args.Word("thread"), c.Args.Value("as"))
		return ThreadUnhidden{t}, err
	}
	if c.Args.Flag("as") {
		return nil, c.Args.Errorf("--as is for threads, not for messages")
	}
	target, err := c.target()
	if err != nil {
		return nil, err
	}
	p, err := c.Service.UnhideMessage(ctx, c.Actor, target)
	return MessageUnhidden{p}, err
}
