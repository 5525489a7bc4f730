package sshapp

import (
	"context"

	"charm.land/ssh"
	gossh "golang.org/x/crypto/ssh"
	"golang.org/x/time/rate"
)

const (
	// Refused requests are answered at this rate, in each connection.
	refusalsEverySecond = 100
	refusalsAtOnce      = 200

	// maxRefusing limits the channels that wait for their refusal. The library reads on
	// meanwhile, so a client that asks for more channels without taking the answers is dropped.
	maxRefusing = 256
)

func newRefusals() *rate.Limiter { return rate.NewLimiter(refusalsEverySecond, refusalsAtOnce) }

// slowRefusals waits until the rate allows one more refusal, or ctx ends.
func (c *connection) slowRefusals(ctx context.Context) { _ = c.refusals.Wait(ctx) }

// refuse rejects an offered channel.
func (c *connection) refuse(ctx context.Context, offered gossh.NewChannel, reason gossh.RejectionReason, message string) {
	defer c.refusing.Add(-1)
	if c.refusing.Add(1) > maxRefusing {
		c.drop("a flood of channels")
		return
	}
	c.slowRefusals(ctx)
	_ = offered.Reject(reason, message)
}

// openOther refuses a channel of a type that the server does not have.
func (c *connection) openOther(_ *ssh.Server, _ *gossh.ServerConn, offered gossh.NewChannel, ctx ssh.Context) {
	c.refuse(ctx, offered, gossh.UnknownChannelType, "there is no such channel here")
}

// refuseRequest refuses a global request (RFC 4254, section 4), such as one for forwarding.
func (c *connection) refuseRequest(ctx ssh.Context, _ *ssh.Server, _ *gossh.Request) (ok bool, payload []byte) {
	c.slowRefusals(ctx)
	return false, nil
}
