package sshapp

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"sshforum/forum"
	"sshforum/forum/command"
)

// jsonFlag is taken with every command.
const jsonFlag = "json"

// runner runs the command lines of one session.
type runner struct {
	service *forum.Service
	table   *command.Table
	log     *slog.Logger
	actor   forum.Actor
	seen    *forum.Seen
	look    look
	address address
}

// streams is where a command's results and complaints go, and where its text comes from.
type streams struct {
	in       io.Reader
	out, err io.Writer
	typed    bool      // in and out are a person at a terminal
	live     io.Writer // for results that come while time passes; out when nil
	ask      func(ctx context.Context, prompt string, secret bool) (string, error)
}

// run runs one line, renders its result and its error, and returns both.
func (r *runner) run(ctx context.Context, line string, s streams) (command.Result, error) {
	start := time.Now()
	c, args, err := r.table.Parse(line, jsonFlag)
	show := r.renderer(args.Flag(jsonFlag), s)
	var result command.Result
	if err == nil {
		result, err = c.Run(ctx, &command.Call{
			Service: r.service, Actor: r.actor, Seen: r.seen, Args: args, Table: r.table,
			Door: door{streams: s, live: r.renderer(args.Flag(jsonFlag), s.alive())},
		})
	}
	if err == nil && result != nil {
		err = show.result(result)
	}
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	verb := "?"
	if c != nil {
		verb = c.Name()
	}
	r.record(verb, args, err, time.Since(start))
	if err != nil && !interrupted(err) {
		show.problem(err)
	}
	return result, err
}

// renderer shows results in one form.
type renderer interface {
	result(command.Result) error
	problem(error)
}

func (r *runner) renderer(asJSON bool, s streams) renderer {
	if asJSON {
		return &jsonRenderer{out: s.out, err: s.err}
	}
	return &textRenderer{look: r.look, address: r.address, seen: r.seen, out: s.out, err: s.err}
}

// record writes the one log line of a command: never its text.
func (r *runner) record(verb string, args command.Args, err error, took time.Duration) {
	level, result := slog.LevelInfo, "ok"
	attrs := []slog.Attr{
		slog.String("session", r.actor.Session), slog.String("user", r.actor.Name),
		slog.String("door", r.actor.Door), slog.String("verb", verb),
	}
	if thread := args.Word("thread"); thread != "" {
		attrs = append(attrs, slog.String("thread", forum.Printable(thread)))
	}
	switch {
	case err == nil:
	case interrupted(err):
		result = "interrupted"
	default:
		kind := forum.KindOf(err)
		result = kind.String()
		if kind == forum.Internal || kind == forum.Unavailable {
			level = slog.LevelError
			attrs = append(attrs, slog.String("error", forum.Printable(err.Error())))
		}
	}
	attrs = append(attrs, slog.String("result", result), slog.Duration("duration", took))
	r.log.LogAttrs(context.Background(), level, "command", attrs...)
}

// alive is s with its results going where they are shown at once.
func (s streams) alive() streams {
	if s.live != nil {
		s.out = s.live
	}
	return s
}

// door is what a command may use of the session it was given in.
type door struct {
	streams
	live renderer
}

func (d door) In() io.Reader { return d.in }

func (d door) Streams() bool { return !d.typed }

// progressStep is how many bytes pass between two lines of progress.
const progressStep = 16 << 20

func (d door) Progress(shown bool) func(bytes int64) {
	said := int64(0)
	return func(bytes int64) {
		if shown && bytes-said >= progressStep {
			said = bytes
			fmt.Fprintf(d.err, "%d MiB\n", bytes>>20)
		}
	}
}

func (d door) Emit(r command.Result) error { return d.live.result(r) }

func (d door) Ask(ctx context.Context, prompt string, secret bool) (string, error) {
	if d.ask == nil {
		return "", forum.Errorf(forum.Usage, "This command asks questions; give it a terminal: ssh -t")
	}
	return d.ask(ctx, prompt, secret)
}
