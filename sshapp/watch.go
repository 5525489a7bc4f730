package sshapp

import (
	"sshforum/sshapp/wire"
	"time"

	"charm.land/ssh"
	gossh "golang.org/x/crypto/ssh"
)

// watch is called when somebody has logged in. From then on the connection ends if its client
// is gone, takes nothing, or has nothing open for long.
func (c *connection) watch() {
	cfg := c.server.cfg
	c.link.SetStall(cfg.StallTimeout)
	c.exchanges.loggedIn()
	c.mu.Lock()
	defer c.mu.Unlock()
	if cfg.UnusedTimeout > 0 {
		c.unused = time.AfterFunc(cfg.UnusedTimeout, c.endUnused)
	}
	if cfg.Keepalive > 0 {
		c.keepalive = &wire.Keepalive{
			Interval: cfg.Keepalive, Most: cfg.KeepaliveCount,
			Heard: c.link.Heard, Ask: c.ask,
			Gone: func() { c.drop("the client does not answer") },
		}
		c.keepalive.Start()
	}
}

// unwatch is called when the connection has ended.
func (c *connection) unwatch() {
	c.mu.Lock()
	if c.unused != nil {
		c.unused.Stop()
		c.unused = nil
	}
	k := c.keepalive
	c.mu.Unlock()
	if k != nil {
		k.Stop()
	}
}

// drop ends the connection. Only the first reason is logged.
func (c *connection) drop(reason string) {
	c.dropping.Do(func() { c.log.Info("connection dropped", "reason", reason) })
	_ = c.link.Close()
}

func (c *connection) endUnused() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open == 0 {
		c.drop("no session or tunnel was open")
	}
}

// ask sends a request that every client answers, and waits for the answer.
func (c *connection) ask() {
	if conn, ok := c.login.ctx.Value(ssh.ContextKeyConn).(*gossh.ServerConn); ok {
		_, _, _ = conn.SendRequest(wire.Probe, true, nil)
	}
}

// stream returns an accepted channel whose client is dropped if it takes nothing. The caller
// must call over when the channel is closed.
func (c *connection) stream(accepted gossh.Channel) (_ gossh.Channel, over func()) {
	return c.link.Stream(accepted, c.server.cfg.StallTimeout)
}
