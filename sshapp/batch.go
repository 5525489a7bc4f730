package sshapp

import (
	"context"
	"io"
	"strings"
	"sync"

	"charm.land/ssh"

	"sshforum/forum"
)

// batch runs the commands on standard input, one on each line, and returns the status of
// the last that failed.
func (s *Server) batch(ctx context.Context, sess ssh.Session, actor forum.Actor, visit *forum.Visit) int {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	b := &batch{
		runner: s.newRunner(actor, visit, &forum.Seen{}, s.lookFor(actor, sess.Environ(), nil)),
		sess:   sess, in: newLineReader(input{sess}, s.cfg.LineBytes),
	}
	b.idle = idle{limit: s.cfg.IdleTimeout, end: end, warn: b.warn}
	defer context.AfterFunc(ctx, func() { b.stop(ctx) })()
	return b.loop(ctx)
}

type batch struct {
	*runner
	sess ssh.Session
	in   *lineReader
	idle idle

	running sync.Mutex // held while a command runs
}

// stop ends a batch that waits for its next line when the server stops or the account is
// closed.
func (b *batch) stop(ctx context.Context) {
	b.running.Lock()
	defer b.running.Unlock()
	if cause := context.Cause(ctx); forum.KindOf(cause) != forum.Internal {
		b.problem(cause)
		_ = b.sess.Exit(exitStatus(cause))
	}
}

// warn says that the batch ends soon, unless it goes on just now.
func (b *batch) warn(text string) {
	if b.running.TryLock() {
		defer b.running.Unlock()
		_, _ = io.WriteString(b.sess.Stderr(), text)
	}
}

func (b *batch) problem(err error) { (&textRenderer{err: b.sess.Stderr()}).problem(err) }

func (b *batch) loop(ctx context.Context) int {
	status := statusOK
	for {
		line, err := awaited(b.idle, b.in.next)
		switch {
		case ctx.Err() != nil:
			return exitStatus(context.Cause(ctx))
		case err == io.EOF:
			return status
		case err != nil:
			b.problem(err)
			return exitStatus(err)
		case strings.TrimSpace(line) == "":
			continue
		}
		failed, over := b.line(ctx, line)
		if failed != statusOK {
			status = failed
		}
		if over {
			return status
		}
	}
}

func (b *batch) line(ctx context.Context, line string) (status int, over bool) {
	b.running.Lock()
	defer b.running.Unlock()
	result, err := b.run(ctx, line, streams{in: b.in, out: b.sess, err: b.sess.Stderr()})
	return exitStatus(err), ends(result, err)
}
