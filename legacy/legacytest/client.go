package legacytest

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// Client is what the old clients have in common: a socket that they send to whole, and
// receive from with single calls of a fixed size.
type Client struct {
	net.Conn
	Size int // of one recv

	t testing.TB
}

// NewClient returns a client that receives size bytes at a time.
func NewClient(t testing.TB, conn net.Conn, size int) *Client {
	return &Client{Conn: conn, Size: size, t: t}
}

// CloseWrite says that the client sends nothing more, while it listens on.
func (c *Client) CloseWrite() error { return c.Conn.(interface{ CloseWrite() error }).CloseWrite() }

// Send sends all of s.
func (c *Client) Send(s string) {
	c.t.Helper()
	if _, err := io.WriteString(c, s); err != nil {
		c.t.Fatalf("send %.60q: %v", s, err)
	}
}

// Recv returns what one recv does; "" when the server has closed the connection.
func (c *Client) Recv() string {
	c.t.Helper()
	return c.recv(patience)
}

// RecvWithin is Recv for a client that looks after d: "" if there is nothing by then.
func (c *Client) RecvWithin(d time.Duration) string {
	c.t.Helper()
	return c.recv(d)
}

func (c *Client) recv(d time.Duration) string {
	c.t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(d))
	buffer := make([]byte, c.Size)
	n, err := c.Read(buffer)
	if err != nil && err != io.EOF && !(errors.Is(err, os.ErrDeadlineExceeded) && d < patience) {
		c.t.Fatalf("recv: %v", err)
	}
	return string(buffer[:n])
}

// Expect fails the test unless one recv returns want, and all of it.
func (c *Client) Expect(want string) {
	c.t.Helper()
	if got := c.Recv(); got != want {
		c.t.Fatalf("received %q, want %q", got, want)
	}
}
