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

// Link is a client's network connection. It keeps to the given rates, limits how long a write
// waits for a client that takes nothing, and limits the bytes that the connection's channels
// hold.
type Link struct {
	net.Conn
	in, out *rate.Limiter // bytes; nil without a limit
	stuck   func()        // called if a write waited for too long
	backlog backlog
	flooded func() // called if the backlog is over its limit

	arrived atomic.Bool  // bytes arrived since it was last cleared
	bytes   atomic.Int64 // received and sent
	wait    atomic.Int64 // limit of a write, in nanoseconds; 0 means the connection's own deadline
}

// NewLink returns a link over conn that receives and sends at most the given bytes per second;
// 0 means no limit. It calls stuck if a write waited for too long, and flooded if the client
// has sent more than its channels may hold. Both may close the link.
func NewLink(conn net.Conn, receive, send int, stuck, flooded func()) *Link {
	return &Link{Conn: conn, in: newPace(receive), out: newPace(send), stuck: stuck, flooded: flooded}
}

// Moved returns the number of bytes received and sent.
func (l *Link) Moved() int64 { return l.bytes.Load() }

// Heard reports whether bytes arrived since the last call.
func (l *Link) Heard() bool { return l.arrived.Swap(false) }

// SetStall limits how long each later write waits for the client; 0 means for ever, or until
// the connection's own deadline.
func (l *Link) SetStall(wait time.Duration) { l.wait.Store(int64(wait)) }

// Stream returns an accepted channel of this link. If a write waits longer than wait for the
// client to make room, the link calls stuck; 0 means never. The caller must call over when the
// channel is closed.
func (l *Link) Stream(accepted gossh.Channel, wait time.Duration) (_ gossh.Channel, over func()) {
	return newStream(accepted, wait, l.stuck, &l.backlog)
}

// Took notes that n bytes that arrived are no longer held. Reads from streams are noted without
// it.
func (l *Link) Took(n int) { l.backlog.taken(n) }

// linkPiece is the largest piece of a write to the network, in bytes. Each piece must be taken
// within the limit of SetStall.
const linkPiece = 64 << 10

// newPace returns a limiter of bytes per second, or nil if bytes is 0.
func newPace(bytes int) *rate.Limiter {
	if bytes == 0 {
		return nil
	}
	return rate.NewLimiter(rate.Limit(bytes), max(bytes, linkPiece))
}

// throttle waits until the rate allows n more bytes, at most for a second.
func throttle(l *rate.Limiter, n int) {
	if l != nil {
		time.Sleep(l.ReserveN(time.Now(), n).Delay())
	}
}

// Read implements io.Reader. It counts bytes before it delays them for the rate.
func (l *Link) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p[:min(len(p), linkPiece)])
	if n > 0 {
		l.arrived.Store(true)
		l.bytes.Add(int64(n))
		if !l.backlog.arrived(n) {
			l.flooded()
		}
		throttle(l.in, n)
	}
	return n, err
}

// Write implements io.Writer. It writes pieces, each of which must be taken within the limit of
// SetStall.
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
