package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/rpc"
	"time"

	"sshforum/forum"
	"sshforum/forum/rules"
)

// timeCmd has the subcommands for the forum's time.
type timeCmd struct {
	Show timeShowCmd `cmd:"" default:"1" help:"Compare the forum's time with the machine's clock; the command when none is given."`
	Set  timeSetCmd  `cmd:"" help:"Say that the machine's clock is right: make the forum's time agree, also while the server runs."`
}

type timeShowCmd struct{}

func (timeShowCmd) Run(p *program) error {
	var s rules.ClockState
	err := p.operate(func(client *rpc.Client) error { return client.Call("Control.Clock", None{}, &s) })
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "The forum's time is %s, the machine's clock shows %s%s.\n", inUTC(s.Forum), inUTC(s.Machine), apart(s))
	for _, l := range s.Far() {
		fmt.Fprintf(p.stdout, "From %s to %s no server ran, or the clock was wrong; purges do not count that time.\n", inUTC(l.From), inUTC(l.To))
	}
	if apart(s) != "" {
		fmt.Fprintln(p.stdout, "See that the machine's clock is right; sshforum time set then makes the forum's time agree.")
	}
	return nil
}

type timeSetCmd struct {
	Anyway bool `help:"Also if the forum cannot explain why its time is so far ahead."`
}

func (c timeSetCmd) Run(p *program) error {
	var was rules.ClockState
	err := p.operate(func(client *rpc.Client) error { return client.Call("Control.SetClock", c.Anyway, &was) })
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "The forum's time was %s, it is %s now.\n", inUTC(was.Forum), inUTC(was.Machine))
	return nil
}

func inUTC(t time.Time) string { return t.UTC().Format(time.DateTime + " MST") }

// apart returns how far the machine's clock is from the forum's time, or "" if the difference
// is at most forum.MaxStep.
func apart(s rules.ClockState) string {
	switch ahead := s.Machine.Sub(s.Forum); {
	case ahead > forum.MaxStep:
		return ", " + forum.DurationText(ahead) + " ahead"
	case ahead < -forum.MaxStep:
		return ", " + forum.DurationText(-ahead) + " behind"
	}
	return ""
}

// keepEvery is the longest time between two comparisons of the clocks.
const keepEvery = time.Minute

func keepTime(ctx context.Context, clock *rules.Clock, log *slog.Logger) error {
	ticker := time.NewTicker(keepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
		switch err := clock.Keep(ctx); {
		case err == nil, ctx.Err() != nil:
		case forum.KindOf(err) == forum.Unavailable: // as for every change
			log.Debug("time", "error", err)
		default:
			log.Error("time", "error", err)
		}
	}
}
