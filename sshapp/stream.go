package sshapp

import (
	"io"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

// stream is a channel on which a write does not wait for ever for the client to make room
// (RFC 4254, section 5.2). Each of its two outputs is for one writer at a time.
type stream struct {
	gossh.Channel
	out, err *outlet
}

// newStream returns accepted, which calls stuck if a write waits for longer than wait.
// With a wait of 0 it is accepted itself.
func newStream(accepted gossh.Channel, wait time.Duration, stuck func()) gossh.Channel {
	if wait == 0 {
		return accepted
	}
	return &stream{
		Channel: accepted,
		out:     newOutlet(accepted, wait, stuck),
		err:     newOutlet(accepted.Stderr(), wait, stuck),
	}
}

func (s *stream) Write(p []byte) (int, error) { return s.out.Write(p) }

func (s *stream) Stderr() io.ReadWriter { return s.err }

// outlet is one output of a stream.
type outlet struct {
	io.ReadWriter
	wait time.Duration
	late *time.Timer
}

func newOutlet(to io.ReadWriter, wait time.Duration, stuck func()) *outlet {
	late := time.AfterFunc(wait, stuck)
	late.Stop()
	return &outlet{ReadWriter: to, wait: wait, late: late}
}

// outletPiece is the most bytes that must be taken within the wait; what OpenSSH's client
// takes in one message.
const outletPiece = 32 << 10

func (o *outlet) Write(p []byte) (written int, err error) {
	defer o.late.Stop()
	for written < len(p) && err == nil {
		o.late.Reset(o.wait)
		var n int
		n, err = o.ReadWriter.Write(p[written:min(len(p), written+outletPiece)])
		written += n
	}
	return written, err
}
