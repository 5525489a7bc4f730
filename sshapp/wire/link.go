package wire

import (
	"errors"
	"net"
	"os"
	"sync/atomic"
	"time"

	gossh "golang.org/x/crypto/ssh"
	"golang.org/x/time/rate"
)

// Link is a client's network connection. It keeps to the rates it is given, and a write
// does not wait for ever for a client that takes nothing. What the connection's channels
// hold of what arrived is bounded.
type Link struct {
	net.Conn
	in, out *rate.Limiter // bytes; nil without a limit
	stuck   func()        // told that a write waited for too long
	backlog backlog
	flooded func() // told that there is too much of it

	something atomic.Bool  // came since this was last cleared
	bytes     atomic.Int64 // received and sent
	wait      atomic.Int64 // nanoseconds that a write may; 0 for the connection's own deadline
}

// NewLink returns a link over conn that receives and sends so many bytes a second, 0 for no
// limit. It calls stuck when a write waited for too long, and flooded when the client has
// sent more than its channels may hold; both may close it.
func NewLink(conn net.Conn, receive, send int, stuck, flooded func()) *Link {
	return &Link{Conn: conn, in: newPace(receive), out: newPace(send), stuck: stuck, flooded: flooded}
}

// Moved returns how many bytes were received and sent.
func (l *Link) Moved() int64 { return l.bytes.Load() }

// Heard reports whether something came since it was last called.
func (l *Link) Heard() bool { return l.something.Swap(false) }

// SetStall lets a write wait so long for the client, from now on; 0 is for ever, or as long
// as the deadline of the connection.
func (l *Link) SetStall(wait time.Duration) { l.wait.Store(int64(wait)) }

// Stream returns an accepted channel of this link. If a write waits for longer than wait until
// the client makes room, the link is stuck; 0 is for ever. The caller calls over when the channel
// is closed.
func (l *Link) Stream(accepted gossh.Channel, wait time.Duration) (_ gossh.Channel, over func()) {
	return newStream(accepted, wait, l.stuck, &l.backlog)
}

// Took notes that n bytes of what arrived are not held any more, beside what is read from
// streams.
func (l *Link) Took(n int) { l.backlog.taken(n) }

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

// throttle waits until n bytes more are due, which is a second at most.
func throttle(l *rate.Limiter, n int) {
	if l != nil {
		time.Sleep(l.ReserveN(time.Now(), n).Delay())
	}
}

// Read implements io.Reader. What came is counted before it is held back for the rate.
func (l *Link) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p[:min(len(p), linkPiece)])
	if n > 0 {
		l.something.Store(true)
		l.bytes.Add(int64(n))
		if !l.backlog.arrived(n) {
			l.flooded()
		}
		throttle(l.in, n)
	}
	return n, err
}

// Write implements io.Writer, in pieces that must each be taken within the wait.
func (l *Link) Write(p []byte) (written int, err error) {
	for written < len(p) && err == nil {
		piece := p[written:min(len(p), written+linkPiece)]
		throttle(l.out, len(piece))
		var n int
		n, err = l.write(piece)
		written += n
	}
	return written, err
}

func (l *Link) write(p []byte) (int, error) {
	wait := time.Duration(l.wait.Load())
	if wait > 0 {
		_ = l.SetWriteDeadline(time.Now().Add(wait))
	}
	n, err := l.Conn.Write(p)
	l.bytes.Add(int64(n))
	if wait > 0 && errors.Is(err, os.ErrDeadlineExceeded) {
		l.stuck()
	}
	return n, err
}
