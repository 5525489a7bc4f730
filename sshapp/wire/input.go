package wire

import (
	"context"
	"errors"
	"io"
	"sshforum/sshapp/exit"
	"sync"

	"charm.land/ssh"
)

// WholeInput returns a session's standard input. It returns io.EOF only if the client ended the
// input: half a file or half a text must not be taken for the whole. Errors: exit.ErrCut if the
// connection is lost.
func WholeInput(sess ssh.Session) io.Reader { return whole{sess} }

// whole asks the client for a sign of life at the end of input, since the SSH library also
// returns io.EOF if the connection is lost.
type whole struct{ ssh.Session }

// Probe is a request that every client answers, if only to refuse it (RFC 4254, section 5.4).
const Probe = "keepalive@openssh.com"

func (in whole) Read(b []byte) (int, error) {
	n, err := in.Session.Read(b)
	if errors.Is(err, io.EOF) {
		if _, lost := in.SendRequest(Probe, true, nil); lost != nil {
			return n, exit.ErrCut
		}
	}
	return n, err
}

// InputUntil returns a session's standard input, until ctx ends: a Read that waits then returns
// the cause of ctx. The first Read starts a goroutine that reads from the input, and ends with
// the channel.
func InputUntil(ctx context.Context, from io.Reader) (_ io.Reader, stop func()) {
	read, write := io.Pipe()
	unhook := context.AfterFunc(ctx, func() { _ = write.CloseWithError(context.Cause(ctx)) })
	in := &input{PipeReader: read, begin: sync.OnceFunc(func() {
		go func() {
			_, err := io.Copy(write, from)
			_ = write.CloseWithError(err)
		}()
	})}
	return in, func() {
		unhook()
		_ = read.Close()
	}
}

type input struct {
	*io.PipeReader
	begin func()
}

func (in *input) Read(b []byte) (int, error) {
	in.begin()
	return in.PipeReader.Read(b)
}

// OutputUntil returns a session's standard output, until ctx ends: a Write then returns the
// cause of ctx.
func OutputUntil(ctx context.Context, to io.Writer) io.Writer { return contextWriter{ctx, to} }

type contextWriter struct {
	ctx context.Context
	to  io.Writer
}

func (out contextWriter) Write(b []byte) (int, error) {
	if out.ctx.Err() != nil {
		return 0, context.Cause(out.ctx)
	}
	return out.to.Write(b)
}

// OutputUntilSignal returns a session's standard output, until a signal ends the session: a
// Write then returns the signal, which is the cause of ctx.
func OutputUntilSignal(ctx context.Context, to io.Writer) io.Writer { return signalWriter{ctx, to} }

type signalWriter struct {
	ctx context.Context
	to  io.Writer
}

func (out signalWriter) Write(b []byte) (int, error) {
	var by exit.Signal
	if errors.As(context.Cause(out.ctx), &by) {
		return 0, by
	}
	return out.to.Write(b)
}
