package sshapp

import (
	"net"
	"os"
	"sync"
	"time"

	"charm.land/ssh"
	gossh "golang.org/x/crypto/ssh"
)

// openTunnel serves one "direct-tcpip" channel (RFC 4254, section 7.2), as ssh -L and -W
// open, if it leads where Config.Tunnel does. Nothing is resolved or dialled. A tunnel
// counts among the connection's sessions, and a server that stops waits for it.
func (c *connection) openTunnel(_ *ssh.Server, conn *gossh.ServerConn, offered gossh.NewChannel, ctx ssh.Context) {
	var to struct {
		Host     string
		Port     uint32
		From     string
		FromPort uint32
	}
	if err := gossh.Unmarshal(offered.ExtraData(), &to); err != nil {
		c.refuse(ctx, offered, gossh.ConnectionFailed, "the request cannot be read")
		return
	}
	user, number, ok := c.admit(ctx, conn, offered)
	if !ok {
		return
	}
	defer c.leave()
	if c.pass.Spent() {
		c.log.Info("tunnel refused: too many logins failed", "user", user.Name)
		c.refuse(ctx, offered, gossh.Prohibited, "too many logins failed on this connection; connect again")
		return
	}
	serve, ok := c.server.cfg.Tunnel(to.Host, to.Port)
	if ok && c.server.sessions.begin() {
		defer c.server.sessions.end()
	} else {
		serve = nil
	}
	if serve == nil {
		c.log.Info("tunnel refused", "user", user.Name, "host", shown(to.Host), "port", to.Port)
		c.refuse(ctx, offered, gossh.Prohibited, "only the ports of the forum's own doors can be reached, on the host legacy")
		return
	}
	accepted, requests, err := offered.Accept()
	if err != nil {
		return
	}
	closed := make(chan struct{}) // by the client
	go func() {
		defer close(closed)
		gossh.DiscardRequests(requests)
	}()
	c.log.Info("tunnel opened", "user", user.Name, "tunnel", number, "port", to.Port)
	stream, over := c.stream(accepted)
	defer over()
	t := &tunnel{Channel: stream, conn: conn}
	serve(t, c.pass.Tunnel())
	_ = t.Close()
	<-closed
}

// tunnel is a channel as a network connection from where its SSH connection comes from.
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
