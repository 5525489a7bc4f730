package wire

import (
	"net"
	"os"
	"sync"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

// NewTunnel returns channel as a network connection with the addresses of its SSH connection.
// It has no read deadline.
func NewTunnel(channel gossh.Channel, of gossh.ConnMetadata) net.Conn {
	return &tunnel{Channel: channel, conn: of}
}

type tunnel struct {
	gossh.Channel
	conn gossh.ConnMetadata

	mu       sync.Mutex
	deadline time.Time // of writes
}

func (t *tunnel) LocalAddr() net.Addr  { return t.conn.LocalAddr() }
func (t *tunnel) RemoteAddr() net.Addr { return t.conn.RemoteAddr() }

// SetDeadline and SetReadDeadline are not supported.
func (t *tunnel) SetDeadline(time.Time) error     { return os.ErrNoDeadline }
func (t *tunnel) SetReadDeadline(time.Time) error { return os.ErrNoDeadline }

// SetWriteDeadline makes later writes fail after at, and closes the tunnel if a write still
// waits for the client then.
func (t *tunnel) SetWriteDeadline(at time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.deadline = at
	return nil
}

func (t *tunnel) Write(p []byte) (int, error) {
	t.mu.Lock()
	deadline := t.deadline
	t.mu.Unlock()
	if !deadline.IsZero() {
		late := time.AfterFunc(time.Until(deadline), func() { _ = t.Close() })
		defer late.Stop()
	}
	return t.Channel.Write(p)
}
