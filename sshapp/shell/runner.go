package shell

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
	"sshforum/sshapp/exit"
	"sshforum/sshapp/render"
	"sshforum/sshapp/sshlog"
)

// jsonFlag is a flag of every command.
const jsonFlag = "json"

// runner runs the command lines of one session.
type runner struct {
	service *rules.Service
	table   *command.Table
	log     *slog.Logger
	actor   rules.Actor
	visit   *rules.Visit
	seen    *rules.Seen
	look    render.Look
	address render.Address

	stopping context.Context // nothing is begun after it has ended
}

// streams has the input and outputs of a command.
type streams struct {
	in       io.Reader
	out, err io.Writer
	typed    bool         // in and out belong to a person at a terminal
	live     io.Writer    // for results that come over time; nil means out
	board    *noticeBoard // shows notices between such results; may be nil
	ask      func(ctx context.Context, prompt string, secret bool) (string, error)
	taken    *bool   // set if a command takes the rest of in; may be nil
	gathered *output // out, or nil for a person at a terminal
}

// gathering returns s with an output that gathers, except for a person at a terminal, who has a
// pager.
func (s streams) gathering() streams {
	if !s.typed {
		s.gathered = newOutput(s.out)
		s.out, s.err = s.gathered, errorsAfter{s.gathered, s.err}
	}
	return s
}

// flush writes the gathered output.
func (s streams) flush() error {
	if s.gathered == nil {
		return nil
	}
	return s.gathered.Flush()
}

// run runs one line, renders its result and its error, and returns both.
func (r *runner) run(ctx context.Context, line string, s streams) (command.Result, error) {
	start := time.Now()
	s = s.gathering()
	r.noteActive(ctx)
	c, args, err := r.table.Parse(line, jsonFlag)
	asJSON := args.Flag(jsonFlag)
	show := r.renderer(asJSON, s)
	var result command.Result
	if err == nil && r.stopping.Err() != nil {
		err = context.Cause(r.stopping)
	}
	if err == nil {
		err = r.service.AwaitTurn(ctx, r.actor)
	}
	if err == nil && c.Stays {
		var done func()
		ctx, done = r.untilStop(ctx)
		defer done()
	}
	if err == nil && c.Stays && s.board != nil && !asJSON {
		defer s.board.streams(ctx)()
	}
	if err == nil {
		result, err = c.Run(ctx, &command.Call{
			Service: r.service, Actor: r.actor, Visit: r.visit, Seen: r.seen, Zone: r.look.Zone, Args: args, Table: r.table,
			Door: r.door(asJSON, s),
		})
	}
	if set, ok := result.(command.Settings); ok && err == nil {
		r.look = r.look.With(set.Preferences)
	}
	if err == nil && result != nil {
		err = show.Result(result)
	}
	err = cmp.Or(err, s.flush())
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	verb := "?"
	if c != nil {
		verb = c.Name()
	}
	sshlog.Command(r.log, r.actor, verb, args, err, time.Since(start))
	if err != nil && !exit.Interrupted(err) && !errors.Is(err, command.ErrNothingNew) && !errors.Is(err, exit.ErrIdle) {
		show.Problem(err)
	}
	return result, err
}

// untilStop returns a context that ends with ctx, or when the server stops.
func (r *runner) untilStop(ctx context.Context) (_ context.Context, done func()) {
	ctx, end := context.WithCancelCause(ctx)
	unhook := context.AfterFunc(r.stopping, func() { end(context.Cause(r.stopping)) })
	return ctx, func() {
		unhook()
		end(nil)
	}
}

// noteActive notes that the person is active.
func (r *runner) noteActive(ctx context.Context) {
	if err := r.visit.NoteCommand(ctx); err != nil && forum.KindOf(err) != forum.Denied { // Denied if the account was closed
		r.log.Error("store what was shown", "session", r.actor.Session, "error", err)
	}
}

// renderer shows results in one form.
type renderer interface {
	Result(command.Result) error
	Problem(error)
}

func (r *runner) renderer(asJSON bool, s streams) renderer {
	if asJSON {
		return &render.JSON{Out: s.out, Err: s.err}
	}
	return r.textRenderer(s.out, s.err)
}

// textRenderer returns a renderer of results as text.
func (r *runner) textRenderer(out, err io.Writer) *render.Text {
	return &render.Text{Look: r.look, Address: r.address, Visit: r.visit, Seen: r.seen, Out: out, Err: err}
}

// door is the command's access to its session.
type door struct {
	streams
	asJSON  bool
	piece   *bytes.Buffer // output of emitter
	emitter renderer
}

func (r *runner) door(asJSON bool, s streams) door {
	piece := &bytes.Buffer{}
	return door{streams: s, asJSON: asJSON, piece: piece, emitter: r.renderer(asJSON, streams{out: piece, err: s.err})}
}

func (d door) In() io.Reader {
	if d.taken != nil {
		*d.taken = true
	}
	_ = d.flush() // before a read that can wait; the command gets the error from its next write
	return d.in
}

func (d door) Note(sentence string) {
	if !d.asJSON {
		fmt.Fprintln(d.err, sentence)
	}
}

func (d door) Streams() bool { return !d.typed }

// progressStep is the number of bytes between two lines of progress.
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

// maxPiece limits the buffer of emitted results that is kept for reuse, in bytes.
const maxPiece = 4 << 10

func (d door) Emit(results ...command.Result) error {
	emit := emitAll
	if d.board != nil {
		emit = d.board.emit
	}
	err := emit(results, d.emitter)
	live := d.live
	if live == nil {
		live = d.out
	}
	_, writeErr := live.Write(d.piece.Bytes())
	writeErr = cmp.Or(writeErr, d.flush())
	if d.piece.Reset(); d.piece.Cap() > maxPiece {
		*d.piece = bytes.Buffer{}
	}
	return cmp.Or(err, writeErr)
}

func emitAll(results []command.Result, to renderer) error {
	for _, r := range results {
		if err := to.Result(r); err != nil {
			return err
		}
	}
	return nil
}

func (d door) Ask(ctx context.Context, prompt string, secret bool) (string, error) {
	if d.ask == nil {
		return "", forum.Errorf(forum.Usage, "This command asks questions; give it a terminal: ssh -t")
	}
	return d.ask(ctx, prompt, secret)
}
