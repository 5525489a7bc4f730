package command

import "context"

func who(ctx context.Context, c *Call) (Result, error) {
	since, err := c.since("since")
	switch {
	case err != nil:
		return nil, err
	case c.Args.Flag("all") && c.Args.Flag("since"):
		return nil, c.Args.Errorf("give --all or --since, not both")
	case c.Args.Flag("all"):
		visits, err := c.Service.Visits(ctx, c.Actor)
		return LoginHistory{visits}, err
	case c.Args.Flag("since"):
		all, err := c.Service.WhoSince(ctx, c.Actor, since)
		return WereHere{all}, err
	}
	all, err := c.Service.Who(ctx, c.Actor)
	return AreHere{all}, err
}

func tell(ctx context.Context, c *Call) (Result, error) {
	text, err := c.text()
	if err != nil {
		return nil, err
	}
	d, err := c.Service.SendPrivateMessage(ctx, c.Actor, c.Args.Word("user"), text, c.sendOptions()...)
	return PrivateSent{d}, err
}

func sayToAll(ctx context.Context, c *Call) (Result, error) {
	text, err := c.text()
	if err != nil {
		return nil, err
	}
	said, err := c.Service.Say(ctx, c.Actor, text)
	return SaidToAll{said}, err
}

// privateMessagesShown is how many messages of a conversation are shown by default.
const privateMessagesShown = 50

func inbox(ctx context.Context, c *Call) (Result, error) {
	switch {
	case c.Args.Has("user"):
		return openInbox(ctx, c, c.Args.Word("user"))
	case c.Args.Flag("all") || c.Args.Flag("read"):
		return nil, c.Args.Errorf("--all and --read need a user")
	}
	all, err := c.Service.Inbox(ctx, c.Actor)
	return Inbox{all}, err
}

// openInbox shows the conversation with a person.
func openInbox(ctx context.Context, c *Call, name string) (Result, error) {
	last := privateMessagesShown
	if c.Args.Flag("all") {
		last = 0
	}
	x, err := c.Service.ReadConversation(ctx, c.Actor, name, last)
	if err == nil && c.Args.Flag("read") {
		err = c.Service.MarkConversation(ctx, c.Actor, x.Peer.ID, x.Upto)
	}
	return Conversation{x}, err
}

func block(ctx context.Context, c *Call) (Result, error) {
	if !c.Args.Has("user") {
		all, err := c.Service.Blocks(ctx, c.Actor)
		return BlockList{all}, err
	}
	u, err := c.Service.Block(ctx, c.Actor, c.Args.Word("user"))
	return Blocked{u}, err
}

func unblock(ctx context.Context, c *Call) (Result, error) {
	u, err := c.Service.Unblock(ctx, c.Actor, c.Args.Word("user"))
	return Unblocked{u}, err
}

func privateTalk(ctx context.Context, c *Call) (Result, error) {
	name := c.Args.Word("user")
	if c.Args.Rest() != "" {
		with, err := c.Visit.TalkLine(name, c.Args.Rest())
		return TalkLineSent{with}, err
	}
	with, begun, err := c.Visit.AskTalk(ctx, name)
	if begun {
		return TalkBegun{with}, err
	}
	return TalkAsked{with}, err
}

func stopTalk(_ context.Context, c *Call) (Result, error) {
	with, how, err := c.Visit.StopTalk(c.Args.Word("user"))
	return TalkEnded{with, how}, err
}
