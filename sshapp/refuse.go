package sshapp

import (
	"context"

	"charm.land/ssh"
	gossh "golang.org/x/crypto/ssh"
	"golang.org/x/time/rate"
)

const (
	// A flood of requests that are refused goes on at this pace, in each connection.
	refusalsEverySecond = 100
	refusalsAtOnce      = 200

	// maxRefusing is how many channels may wait for their refusal. The library reads on
	// meanwhile, so a client that asks for more without taking its answers is dropped.
	maxRefusing = 256
)

func newRefusals() *rate.Limiter { return rate.NewLimiter(refusalsEverySecond, refusalsAtOnce) }

// slowRefusals waits until one more request may be refused, or ctx ends.
func (c *connection) slowRefusals(ctx context.Context) { _ = c.refusals.Wait(ctx) }

// refuse answers that a channel is not opened.
func (c *connection) refuse(ctx context.Context, offered gossh.NewChannel, reason gossh.RejectionReason, message string) {
	defer c.refusing.Add(-1)
	if c.refusing.Add(1) > maxRefusing {
		c.drop("a flood of channels")
		return
	}
	c.slowRefusals(ctx)
	_ = offered.Reject(reason, message)
}

// openOther refuses a channel of a type that nothing here serves.
func (c *connection) openOther(_ *ssh.Server, _ *gossh.ServerConn, offered gossh.NewChannel, ctx ssh.Context) {
	c.refuse(ctx, offered, gossh.UnknownChannelType, "there is no such channel here")
}

// refuseRequest refuses a global request (RFC 4254, section 4), such as to forward.
func (c *connection) refuseRequest(ctx ssh.Context, _ *ssh.Server, _ *gossh.Request) (ok bool, payload []byte) {
	c.slowRefusals(ctx)
	return false, nil
}
