package command

import (
	"context"
	"strconv"
	"strings"
	"time"

	"sshforum/forum"
	"sshforum/forum/rules"
)

func createThread(ctx context.Context, c *Call) (Result, error) {
	t, err := c.Service.CreateThread(ctx, c.Actor, c.Args.Word("thread"), c.sendOptions()...)
	return ThreadCreated{t}, err
}

func listThreads(ctx context.Context, c *Call) (Result, error) {
	threads, err := c.Service.Threads(ctx, c.Actor)
	list := ThreadList{Threads: threads, TitlesOnly: c.Args.Flag("titles")}
	if err == nil && !list.TitlesOnly {
		list.Hidden, err = c.Service.HiddenThreads(ctx, c.Actor)
	}
	return list, err
}

func postMessage(ctx context.Context, c *Call) (Result, error) {
	text, err := c.text()
	if err != nil {
		return nil, err
	}
	p, err := c.Service.Post(ctx, c.Actor, c.Args.Word("thread"), text, c.sendOptions()...)
	return MessagePosted{p}, err
}

func readThread(ctx context.Context, c *Call) (Result, error) {
	from, err := c.Args.Number("from")
	if err != nil {
		return nil, err
	}
	last, err := c.Args.Number("last")
	if err != nil {
		return nil, err
	}
	part := rules.Range{From: uint64(from), Last: uint64(last), Unfold: c.Args.Flag("unfold"), Hidden: true}
	if part.Since, err = c.since("since"); err != nil {
		return nil, err
	}
	r, err := c.Service.Read(ctx, c.Actor, c.Args.Word("thread"), part)
	return ThreadText{Reading: r}, err
}

func editMessage(ctx context.Context, c *Call) (Result, error) {
	target, err := c.target()
	if err != nil {
		return nil, err
	}
	text, err := c.text()
	if err != nil {
		return nil, err
	}
	p, err := c.Service.EditMessage(ctx, c.Actor, target, text)
	return MessageEdited{p}, err
}

func deleteMessage(ctx context.Context, c *Call) (Result, error) {
	target, err := c.target()
	if err != nil {
		return nil, err
	}
	p, err := c.Service.DeleteMessage(ctx, c.Actor, target)
	return MessageDeleted{Posted: p, Until: p.Message.Removed.At.Add(c.Service.RestoreWindow())}, err
}

func removeThread(ctx context.Context, c *Call) (Result, error) {
	t, err := c.Service.RemoveThread(ctx, c.Actor, c.Args.Word("thread"))
	return ThreadRemoved{Thread: t, Until: t.Removed.At.Add(c.Service.RestoreWindow())}, err
}

func restore(ctx context.Context, c *Call) (Result, error) {
	if !c.Args.Has("n") {
		t, err := c.Service.RestoreThread(ctx, c.Actor, c.Args.Word("thread"), c.Args.Value("as"))
		return ThreadRestored{t}, err
	}
	if c.Args.Flag("as") {
		return nil, c.Args.Errorf("--as is for threads, not for messages")
	}
	target, err := c.target()
	if err != nil {
		return nil, err
	}
	p, err := c.Service.RestoreMessage(ctx, c.Actor, target)
	return MessageRestored{p}, err
}

func messageHistory(ctx context.Context, c *Call) (Result, error) {
	target, err := c.target()
	if err != nil {
		return nil, err
	}
	h, err := c.Service.History(ctx, c.Actor, target)
	return MessageHistory{h}, err
}

func follow(ctx context.Context, c *Call) (Result, error) {
	after, err := c.sequence("after")
	if err != nil {
		return nil, err
	}
	left, err := c.Args.Number("count")
	if err != nil {
		return nil, err
	}
	counts := left > 0
	for events, err := range c.Visit.Follow(ctx, c.Args.Words("thread"), after, c.Args.Flag("after")) {
		if counts {
			events = events[:min(len(events), left)]
			left -= len(events)
		}
		results := make([]Result, len(events))
		for i, e := range events {
			results[i] = Happened{e}
		}
		if err == nil {
			err = c.Door.Emit(results...)
		}
		if err != nil || counts && left == 0 {
			return nil, err
		}
	}
	return nil, nil
}

func help(ctx context.Context, c *Call) (Result, error) {
	if c.Args.Has("command") {
		found, err := c.Table.Find(c.Args.Word("command"))
		return Manual{found}, err
	}
	u, err := c.Service.Account(c.Actor)
	return Overview{c.Table.Commands(u.Role)}, err
}

func stay(context.Context, *Call) (Result, error) { return Stayed{}, nil }

func leave(context.Context, *Call) (Result, error) { return Goodbye{}, nil }

func stopServer(_ context.Context, c *Call) (Result, error) {
	return ShuttingDown{}, c.Service.StopServer(c.Actor)
}

// target returns the message that the arguments thread and n name.
func (c *Call) target() (rules.Target, error) {
	return rules.ParseTarget(c.Args.Word("thread"), c.Args.Word("n"), c.Seen)
}

// since returns the time given for a flag, or the zero time.
func (c *Call) since(flag string) (time.Time, error) {
	if !c.Args.Flag(flag) {
		return time.Time{}, nil
	}
	t, err := parseSince(c.Args.Value(flag), c.Service.Clock().In(c.Zone))
	if err != nil {
		return t, c.Args.Errorf("%v", err)
	}
	return t, nil
}

// sendOptions returns the options for posting or sending that the flags stand for.
func (c *Call) sendOptions() (how []rules.SendOption) {
	if c.Args.Flag("once") {
		how = append(how, rules.Once(c.Args.Value("once")))
	}
	if c.Args.Flag("again") {
		how = append(how, rules.Again())
	}
	return how
}

// text returns the text given on the line, or read from standard input if it is "-".
func (c *Call) text() (string, error) {
	if c.Args.Rest() != "-" {
		return c.Args.Rest(), nil
	}
	text, err := forum.ReadMessage(c.Door.In(), c.Service.MessageBytes())
	if err == nil && strings.Contains(text, "\r\n") {
		c.Door.Note("Its lines end in CR LF; they are stored with LF.")
	}
	return text, err
}

// sequence returns the value of a flag that takes an event's number, which may be 0.
func (c *Call) sequence(flag string) (uint64, error) {
	if !c.Args.Flag(flag) {
		return 0, nil
	}
	n, err := strconv.ParseUint(strings.TrimSpace(c.Args.Value(flag)), 10, 64)
	if err != nil {
		return 0, c.Args.Errorf("--%s takes the seq of an event", flag)
	}
	return n, nil
}
