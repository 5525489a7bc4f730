package sshapp

import (
	"charm.land/ssh"
	gossh "golang.org/x/crypto/ssh"

	"sshforum/sshapp/sshlog"
	"sshforum/sshapp/wire"
)

// openTunnel serves one "direct-tcpip" channel (RFC 4254, section 7.2), as ssh -L and -W open,
// if Config.Tunnel serves its destination. Nothing is resolved or dialled. A tunnel counts
// among the connection's sessions, and a server that stops waits for it.
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
	user, number, ok := c.openChannel(ctx, conn, offered)
	if !ok {
		return
	}
	defer c.channelClosed()
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
		c.log.Info("tunnel refused", "user", user.Name, "host", sshlog.Text(to.Host), "port", to.Port)
		c.refuse(ctx, offered, gossh.Prohibited, "only the forum's own ports can be reached, through the host name \"legacy\"")
		return
	}
	accepted, requests, err := offered.Accept()
	if err != nil {
		return
	}
	closed := make(chan struct{}) // closed when the client has closed the channel
	go func() {
		defer close(closed)
		gossh.DiscardRequests(requests)
	}()
	c.log.Info("tunnel opened", "user", user.Name, "tunnel", number, "port", to.Port)
	stream, over := c.stream(accepted)
	defer over()
	t := wire.NewTunnel(stream, conn)
	serve(t, c.pass.Tunnel())
	_ = t.Close()
	<-closed
}
