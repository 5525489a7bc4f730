package wire

import (
	"io"
	"sync"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

// stream is a channel on which writes have a limit for the time until the client makes room
// (RFC 4254, section 5.2). Each of its two outputs is for one writer at a time, and its input
// is for one reader.
type stream struct {
	gossh.Channel
	out, err *outlet
	backlog  *backlog
}

// newStream returns accepted as a stream that calls stuck if a write waits longer than wait; 0
// means never. The caller must call over when the channel is closed.
func newStream(accepted gossh.Channel, wait time.Duration, stuck func(), b *backlog) (_ *stream, over func()) {
	b.opened()
	return &stream{
		Channel: accepted, backlog: b,
		out: newOutlet(accepted, wait, stuck, b),
		err: newOutlet(accepted.Stderr(), wait, stuck, b),
	}, sync.OnceFunc(b.closed)
}

func (s *stream) Read(p []byte) (int, error) {
	s.backlog.waiting.Add(1)
	n, err := s.Channel.Read(p)
	s.backlog.waiting.Add(-1)
	s.backlog.taken(n)
	return n, err
}

func (s *stream) Write(p []byte) (int, error) { return s.out.Write(p) }

func (s *stream) Stderr() io.ReadWriter { return s.err }

// outlet is one output of a stream.
type outlet struct {
	io.ReadWriter
	wait    time.Duration
	late    *time.Timer
	backlog *backlog
}

func newOutlet(to io.ReadWriter, wait time.Duration, stuck func(), b *backlog) *outlet {
	late := time.AfterFunc(time.Hour, stuck)
	late.Stop() // until Write sets it
	return &outlet{ReadWriter: to, wait: wait, late: late, backlog: b}
}

// outletPiece is the largest piece that must be taken within the wait, in bytes. OpenSSH's
// client takes as much in one message.
const outletPiece = 32 << 10

func (o *outlet) Write(p []byte) (written int, err error) {
	defer o.late.Stop()
	for written < len(p) && err == nil {
		if o.wait > 0 {
			o.late.Reset(o.wait)
		}
		var n int
		n, err = o.ReadWriter.Write(p[written:min(len(p), written+outletPiece)])
		written += n
	}
	o.backlog.sent(written)
	return written, err
}
