package legacy

import (
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"sshforum/forum"
)

// output is the sending side of a connection. It sends messages so that the client receives
// each one separately. Senders wait for their turn and for the client. A client that does not
// read is disconnected.
type output struct {
	c      *Conn
	closed chan struct{} // closed with the connection

	turn   chan struct{} // holds a token while a sender has the turn; only it uses:
	last   time.Time     // when the last message was sent
	pushed bool          // the last message was a push

	mu     sync.Mutex
	fresh  bool      // the client has sent something since the last message began
	hold   time.Time // no push is sent before
	silent bool      // Tell sends no more
}

// writeWait is how long one write may wait for the client to read.
const writeWait = 20 * time.Second

func newOutput(c *Conn) output {
	return output{c: c, turn: make(chan struct{}, 1), closed: make(chan struct{})}
}

// noteArrival records that bytes of the client have arrived.
func (o *output) noteArrival() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.fresh = true
}

// Reply sends the answer to a request, in one or more pieces. If the request arrived after the
// last message was sent, the client has read that message, and the answer is sent at once.
// Otherwise, or after a push, which may have crossed the request, Reply waits for the gap.
// After an error the connection is unusable.
func (o *output) Reply(pieces ...string) error { return o.send(false, time.Time{}, pieces) }

// ReplyAt is Reply that waits until t.
func (o *output) ReplyAt(t time.Time, pieces ...string) error { return o.send(false, t, pieces) }

// Push sends a message that the client did not request, after the gap. Errors: those of Reply.
func (o *output) Push(pieces ...string) error { return o.send(true, time.Time{}, pieces) }

// Tell is Push for events of the forum. It sends nothing after StopTelling, nor while the
// server stops, so that goodbye is the last message. Errors: Stopping in these cases; those of
// Reply.
func (o *output) Tell(pieces ...string) error {
	if err := o.takeTurn(); err != nil {
		return err
	}
	defer o.releaseTurn()
	o.mu.Lock()
	silent := o.silent || o.c.server.life.Err() != nil
	o.mu.Unlock()
	if silent {
		return errSilent
	}
	return o.sendNow(true, time.Time{}, pieces)
}

var errSilent = forum.Errorf(forum.Stopping, "Goodbye was said")

// StopTelling makes all later calls of Tell send nothing.
func (o *output) StopTelling() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.silent = true
}

// HoldPushes delays all pushes for d from now. A client that reads the reply to its login with
// a separate read needs time before its next read.
func (o *output) HoldPushes(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.hold = time.Now().Add(d)
}

// Stream sends bytes that are not a message, such as those of a file, of any length and at
// once. The next message keeps the gap.
func (o *output) Stream(p []byte) error {
	if err := o.takeTurn(); err != nil {
		return err
	}
	defer o.releaseTurn()
	return o.write("data", p)
}

func (o *output) send(push bool, at time.Time, pieces []string) error {
	if err := o.takeTurn(); err != nil {
		return err
	}
	defer o.releaseTurn()
	return o.sendNow(push, at, pieces)
}

// sendNow is send for a caller that has the turn.
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

// takeTurn waits for the turn to send; releaseTurn ends the turn.
func (o *output) takeTurn() error {
	select {
	case o.turn <- struct{}{}:
		return nil
	case <-o.closed:
		return net.ErrClosed
	}
}

func (o *output) releaseTurn() { <-o.turn }

// ready returns when the next message may be sent. The caller has the turn.
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

// write sends p with one write. The caller has the turn.
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
