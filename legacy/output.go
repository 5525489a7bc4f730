package legacy

import (
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"sshforum/forum"
)

// output sends messages so that the client receives each alone. Senders wait for their
// turn, and for the client: one that does not read is dropped.
type output struct {
	c      *Conn
	closed chan struct{} // closed with the connection

	turn   chan struct{} // holds the token of whoever sends, who has these:
	last   time.Time     // when the last message was sent
	pushed bool          // it was a push

	mu     sync.Mutex
	fresh  bool      // the client has sent something since the last message began
	hold   time.Time // no push leaves before
	silent bool      // no news are told any more
}

// writeWait is how long one write may wait for the client to read.
const writeWait = 20 * time.Second

func newOutput(c *Conn) output {
	return output{c: c, turn: make(chan struct{}, 1), closed: make(chan struct{})}
}

// asked notes that something of the client's has arrived.
func (o *output) asked() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.fresh = true
}

// Reply sends the answer to a request, in pieces if there are several. It leaves at once
// when the request arrived after the last message was sent, since the client has then
// read that; else, or after a push, which the request may have crossed, it waits for the
// gap. Errors mean that the connection is of no more use.
func (o *output) Reply(pieces ...string) error { return o.send(false, time.Time{}, pieces) }

// ReplyAt is Reply, but not before t.
func (o *output) ReplyAt(t time.Time, pieces ...string) error { return o.send(false, t, pieces) }

// Push sends what the client did not ask for, after the gap. Errors as of Reply.
func (o *output) Push(pieces ...string) error { return o.send(true, time.Time{}, pieces) }

// Tell is Push of what has happened in the forum. It tells nothing after StopTelling, nor
// while the server stops: the last that a client hears is goodbye. Errors: Stopping then;
// else those of Reply.
func (o *output) Tell(pieces ...string) error {
	if err := o.take(); err != nil {
		return err
	}
	defer o.give()
	o.mu.Lock()
	silent := o.silent || o.c.server.life.Err() != nil
	o.mu.Unlock()
	if silent {
		return errSilent
	}
	return o.sendNow(true, time.Time{}, pieces)
}

var errSilent = forum.Errorf(forum.Stopping, "Goodbye was said")

// StopTelling lets Tell tell nothing from now on.
func (o *output) StopTelling() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.silent = true
}

// HoldPushes lets no push leave for d from now. A client that reads the answer to its
// login with a read of its own needs time to come to the next.
func (o *output) HoldPushes(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.hold = time.Now().Add(d)
}

// Stream sends bytes that are no message, such as a file's, of any length and at once.
// The next message keeps the gap.
func (o *output) Stream(p []byte) error {
	if err := o.take(); err != nil {
		return err
	}
	defer o.give()
	return o.write("data", p)
}

func (o *output) send(push bool, at time.Time, pieces []string) error {
	if err := o.take(); err != nil {
		return err
	}
	defer o.give()
	return o.sendNow(push, at, pieces)
}

// sendNow is send of whoever has the turn.
func (o *output) sendNow(push bool, at time.Time, pieces []string) error {
	for _, p := range pieces {
		if len(p) == 0 || len(p) > o.c.server.cfg.MaxMessage {
			return fmt.Errorf("a message of %d bytes; a client reads 1 to %d", len(p), o.c.server.cfg.MaxMessage)
		}
	}
	kind := "reply"
	if push {
		kind = "push"
	}
	for i, p := range pieces {
		ready := o.ready(push)
		if i > 0 {
			ready = o.last.Add(o.c.server.cfg.Pieces)
		}
		if at.After(ready) {
			ready = at
		}
		if err := o.wait(ready); err != nil {
			return err
		}
		if err := o.write(kind, []byte(p)); err != nil {
			return err
		}
	}
	o.pushed = push
	return nil
}

// take waits for the turn to send, which give ends.
func (o *output) take() error {
	select {
	case o.turn <- struct{}{}:
		return nil
	case <-o.closed:
		return net.ErrClosed
	}
}

func (o *output) give() { <-o.turn }

// ready returns when the next message may leave. Whoever calls it has the turn.
func (o *output) ready(push bool) time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	next := o.last.Add(o.c.server.cfg.Gap)
	if !push && !o.pushed && o.fresh {
		next = o.last
	}
	if push && o.hold.After(next) {
		next = o.hold
	}
	return next
}

func (o *output) wait(until time.Time) error {
	left := time.Until(until)
	if left <= 0 {
		return nil
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-o.closed:
		return net.ErrClosed
	}
}

// write sends p with one write. Whoever calls it has the turn.
func (o *output) write(kind string, p []byte) error {
	o.mu.Lock()
	o.fresh = false
	o.mu.Unlock()
	_ = o.c.conn.SetWriteDeadline(time.Now().Add(writeWait))
	n, err := o.c.conn.Write(p)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	o.last = time.Now()
	o.c.log.Debug("sent", "kind", kind, "bytes", n)
	if err != nil {
		o.c.hangUp()
		return &forum.Error{Kind: forum.Unavailable, Msg: "The client does not read", Err: err}
	}
	return nil
}
