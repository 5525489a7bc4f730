package shell

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
	"sshforum/sshapp/exit"
	"sshforum/sshapp/render"
	"sshforum/sshapp/wire"
)

// Batch runs the commands on standard input, one per line, and returns the exit status of the
// last one that failed.
func (h *Handler) Batch(ctx context.Context, sess Session, actor rules.Actor, visit *rules.Visit) int {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	in, stop := wire.InputUntil(ctx, wire.WholeInput(sess))
	defer stop()
	b := &batch{
		runner: h.newRunner(sess, actor, visit, &rules.Seen{}, h.lookFor(actor, sess.Environ(), nil)),
		sess:   sess, in: newLineReader(in, h.cfg.LineBytes),
	}
	b.idle = idle{limit: h.cfg.IdleTimeout, stopping: h.cfg.Stopping, stay: exit.Farewell, end: end, warn: b.warn}
	return b.loop(ctx)
}

type batch struct {
	*runner
	sess Session
	in   *lineReader
	idle idle

	running sync.Mutex // held while a command runs
}

// warn writes that the batch ends soon, unless a command is running.
func (b *batch) warn(text string) {
	if b.running.TryLock() {
		defer b.running.Unlock()
		_, _ = io.WriteString(b.sess.Stderr(), text)
	}
}

func (b *batch) problem(err error) { (&render.Text{Err: b.sess.Stderr()}).Problem(err) }

func (b *batch) loop(ctx context.Context) int {
	status := exit.OK
	for {
		line, err := awaited(b.idle, b.in.next)
		switch {
		case err == io.EOF:
			return status
		case exit.Interrupted(err):
			return exit.OK
		case err != nil:
			b.problem(err)
			return exit.Status(err)
		case strings.TrimSpace(line) == "":
			continue
		}
		failed, over := b.line(ctx, line)
		if failed != exit.OK {
			status = failed
		}
		if over {
			return status
		}
	}
}

// line runs one line, and reports whether the batch is over: nothing is left of the input if a
// command has taken it as its text.
func (b *batch) line(ctx context.Context, line string) (status int, over bool) {
	b.running.Lock()
	defer b.running.Unlock()
	taken := false
	result, err := b.run(ctx, line, streams{in: b.in, out: wire.OutputUntil(ctx, b.sess), err: b.sess.Stderr(), taken: &taken})
	cut := err != nil && (ctx.Err() != nil || errors.Is(err, exit.ErrStopping))
	taken = taken || forum.KindOf(err) == forum.Usage && b.takesRest(line)
	return exit.Status(err), taken || cut || ends(result, err)
}

// takesRest reports whether a faulty line was meant to take the rest of the input as its text.
func (b *batch) takesRest(line string) bool {
	verb, _ := command.SplitVerb(line)
	_, unknown := b.table.Find(verb)
	return strings.HasSuffix(strings.TrimSpace(line), " -") && (unknown != nil || b.table.TakesText(line))
}
