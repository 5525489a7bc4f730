package legacytest

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// Client is the common part of the old clients: a socket to which they send whole messages, and
// from which they receive with single calls of a fixed size.
type Client struct {
	net.Conn
	Size int // bytes of one recv

	t testing.TB
}

// NewClient returns a client that receives size bytes at a time.
func NewClient(t testing.TB, conn net.Conn, size int) *Client {
	return &Client{Conn: conn, Size: size, t: t}
}

// CloseWrite ends the sending of the client, which can still receive.
func (c *Client) CloseWrite() error { return c.Conn.(interface{ CloseWrite() error }).CloseWrite() }

// Send sends all of s.
func (c *Client) Send(s string) {
	c.t.Helper()
	if _, err := io.WriteString(c, s); err != nil {
		c.t.Fatalf("send %.60q: %v", s, err)
	}
}

// Recv returns the bytes of one recv; "" if the server has closed the connection.
func (c *Client) Recv() string {
	c.t.Helper()
	return c.recv(maxWait)
}

// RecvWithin is Recv that waits at most d. It returns "" if nothing has arrived by then.
func (c *Client) RecvWithin(d time.Duration) string {
	c.t.Helper()
	return c.recv(d)
}

func (c *Client) recv(d time.Duration) string {
	c.t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(d))
	buffer := make([]byte, c.Size)
	n, err := c.Read(buffer)
	if err != nil && err != io.EOF && !(errors.Is(err, os.ErrDeadlineExceeded) && d < maxWait) {
		c.t.Fatalf("recv: %v", err)
	}
	return string(buffer[:n])
}

// Expect fails the test unless one recv returns exactly want.
func (c *Client) Expect(want string) {
	c.t.Helper()
	if got := c.Recv(); got != want {
		c.t.Fatalf("received %q, want %q", got, want)
	}
}
