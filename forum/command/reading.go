package command

import (
	"context"

	"sshforum/forum"
)

func watch(ctx context.Context, c *Call) (Result, error) {
	if !c.Args.Has("thread") {
		all, err := c.Service.Levels(c.Actor)
		return LevelList{all}, err
	}
	return setLevel(ctx, c, forum.Watched)
}

func unwatch(ctx context.Context, c *Call) (Result, error) { return setLevel(ctx, c, forum.Normal) }

func mute(ctx context.Context, c *Call) (Result, error) { return setLevel(ctx, c, forum.Muted) }

func setLevel(ctx context.Context, c *Call, level forum.Level) (Result, error) {
	t, err := c.Service.SetLevel(ctx, c.Actor, c.Args.Word("thread"), level)
	return LevelSet{t}, err
}

// ErrNothingNew is the error of NEW --quiet if there is no news. It sets the exit status; no
// text is shown.
var ErrNothingNew = forum.Errorf(forum.NotFound, "Nothing new.")

func showNews(ctx context.Context, c *Call) (Result, error) {
	n, err := c.Service.News(ctx, c.Actor)
	switch {
	case err != nil || !c.Args.Flag("quiet"):
		return News{n}, err
	case !n.Any():
		return nil, ErrNothingNew
	}
	return nil, nil
}

func next(ctx context.Context, c *Call) (Result, error) {
	n, err := c.Service.Next(ctx, c.Actor)
	switch {
	case err != nil:
		return nil, err
	case n.Mention != nil:
		return MentionShown{*n.Mention}, nil
	case n.Private != nil:
		return openInbox(ctx, c, n.Private.Peer)
	case n.Reading != nil:
		return ThreadText{Reading: *n.Reading, Unread: n.Unread}, nil
	}
	return News{}, nil
}

func catchUp(ctx context.Context, c *Call) (Result, error) {
	done, err := c.Service.CatchUp(ctx, c.Actor, c.Args.Word("thread"))
	return CaughtUp{done}, err
}

// mentionsShown is how many mentions are listed by default.
const mentionsShown = 20

func listMentions(ctx context.Context, c *Call) (Result, error) {
	last, err := c.Args.Number("last")
	if err != nil {
		return nil, err
	}
	if last == 0 {
		last = mentionsShown
	}
	all, err := c.Service.Mentions(ctx, c.Actor, last)
	return MentionList{all}, err
}

func reply(ctx context.Context, c *Call) (Result, error) {
	target, err := c.target()
	if err != nil {
		return nil, err
	}
	text, err := c.text()
	if err != nil {
		return nil, err
	}
	p, err := c.Service.Reply(ctx, c.Actor, target, text, c.sendOptions()...)
	return MessagePosted{p}, err
}

func readSince(ctx context.Context, c *Call) (Result, error) {
	since, err := parseSince(c.Args.Phrase("time"), c.Service.Clock().In(c.Zone))
	if err != nil {
		return nil, c.Args.Errorf("%v", err)
	}
	messages, err := c.Service.ReadSince(ctx, c.Actor, since)
	return MessagesSince{Messages: messages, Old: c.Args.Flag("old")}, err
}
