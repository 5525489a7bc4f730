package wire

import (
	"net"
	"os"
	"sync"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

// NewTunnel returns a channel as a network connection, from where the SSH connection that
// it is part of comes from. It has no read deadline.
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

// SetWriteDeadline makes writes after it fail, and closes the tunnel if one waits until
// then for the client to read.
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
