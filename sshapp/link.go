package sshapp

import (
	"errors"
	"net"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// link is a client's network connection. It keeps to the rates it is given, and a write
// does not wait for ever for a client that takes nothing.
type link struct {
	net.Conn
	in, out *rate.Limiter // bytes; nil without a limit
	stuck   func()        // told that a write waited for too long
	backlog backlog
	flooded func() // told that there is too much of it

	heard atomic.Bool  // something came since this was last cleared
	moved atomic.Int64 // bytes received and sent
	wait  atomic.Int64 // nanoseconds that a write may; 0 for the connection's own deadline
}

// linkPiece is the most bytes that one write to the network takes: what must be taken
// within the wait.
const linkPiece = 64 << 10

// newPace returns a limiter of so many bytes a second, nil if that is 0.
func newPace(bytes int) *rate.Limiter {
	if bytes == 0 {
		return nil
	}
	return rate.NewLimiter(rate.Limit(bytes), max(bytes, linkPiece))
}

// pace waits until n bytes more are due, which is a second at most.
func pace(l *rate.Limiter, n int) {
	if l != nil {
		time.Sleep(l.ReserveN(time.Now(), n).Delay())
	}
}

func (l *link) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p[:min(len(p), linkPiece)])
	if n > 0 {
		l.heard.Store(true)
		l.moved.Add(int64(n))
		if !l.backlog.arrived(n) {
			l.flooded()
		}
		pace(l.in, n)
	}
	return n, err
}

func (l *link) Write(p []byte) (written int, err error) {
	for written < len(p) && err == nil {
		piece := p[written:min(len(p), written+linkPiece)]
		pace(l.out, len(piece))
		var n int
		n, err = l.write(piece)
		written += n
	}
	return written, err
}

func (l *link) write(p []byte) (int, error) {
	wait := time.Duration(l.wait.Load())
	if wait > 0 {
		_ = l.SetWriteDeadline(time.Now().Add(wait))
	}
	n, err := l.Conn.Write(p)
	l.moved.Add(int64(n))
	if wait > 0 && errors.Is(err, os.ErrDeadlineExceeded) {
		l.stuck()
	}
	return n, err
}
