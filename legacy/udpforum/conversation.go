package udpforum

import (
	"io"
	"net"
	"sync"
	"time"
)

// conversation is the conversation with one client by datagrams. To the server it is a
// connection. A Read returns the next request in the order of their numbers, after a write has
// answered the one before.
//
// After its end, requests get an empty answer, since a client's read of a closed connection
// returns nothing.
type conversation struct {
	peer, local net.Addr
	send        func(to net.Addr, datagrams []string)

	mu      sync.Mutex
	next    uint64              // number of the next request to be read
	asked   bool                // the request before next has no answer yet
	rest    string              // part of that request that is still to be read
	waiting map[uint64]string   // received requests, from next on
	answers map[uint64][]string // datagrams of the last answers
	left    bool                // nothing more can be read
	closed  bool
	wake    chan struct{} // has room for one token
	idle    *time.Timer
}

// window is how many answers are kept, and how far beyond next the number of a request may be.
const window = 16

// noText stands for a request without text, which a connection cannot carry.
const noText = "\n"

func newConversation(peer, local net.Addr, send func(to net.Addr, datagrams []string)) *conversation {
	c := &conversation{
		peer: peer, local: local, send: send, next: 1, wake: make(chan struct{}, 1),
		waiting: make(map[uint64]string), answers: make(map[uint64][]string),
	}
	c.idle = time.AfterFunc(idleLife, c.leave)
	return c
}

// receive handles a request. A request that was answered gets the same answer again, or an
// error if that is no longer kept. A request that is being answered, is waiting or is too far
// ahead is ignored.
func (c *conversation) receive(number uint64, text string) {
	c.mu.Lock()
	datagrams, again := c.answers[number]
	switch {
	case again:
	case c.closed:
		datagrams = answer(number, "")
	case c.next > window && number < c.next-window:
		datagrams = answer(number, incorrect.say())
	case number >= c.next && number < c.next+window:
		if _, found := c.waiting[number]; !found {
			c.waiting[number] = text
			c.signal()
		}
	}
	if !c.left && !c.closed {
		c.idle.Reset(idleLife)
	}
	c.mu.Unlock()
	c.send(c.peer, datagrams)
}

// signal makes Read check again.
func (c *conversation) signal() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// leave ends the reading, like a client that closes its connection.
func (c *conversation) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left = true
	c.signal()
}

// Read implements io.Reader. It must not be called from several goroutines.
func (c *conversation) Read(p []byte) (int, error) {
	for {
		n, err := c.read(p)
		if n > 0 || err != nil {
			return n, err
		}
		<-c.wake
	}
}

// read returns 0 and no error if there is nothing to read yet.
func (c *conversation) read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	text, found := c.waiting[c.next]
	switch {
	case c.left || c.closed:
		return 0, io.EOF
	case c.rest != "":
	case !c.asked && found:
		if c.rest = text; text == "" {
			c.rest = noText
		}
		delete(c.waiting, c.next)
		c.next++
		c.asked = true
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// Write answers the last request that was read. It never fails: the client repeats a request
// whose answer is lost.
func (c *conversation) Write(p []byte) (int, error) {
	c.mu.Lock()
	datagrams := c.storeAnswer(string(p))
	c.mu.Unlock()
	c.send(c.peer, datagrams)
	return len(p), nil
}

// storeAnswer stores the answer to the last request that was read, if it has none. It returns
// the datagrams.
func (c *conversation) storeAnswer(text string) (datagrams []string) {
	if !c.asked {
		return nil
	}
	number := c.next - 1
	datagrams = answer(number, text)
	c.answers[number] = datagrams
	if number > window {
		delete(c.answers, number-window)
	}
	c.asked = false
	c.signal()
	return datagrams
}

// CloseWrite ends the conversation: no more requests are answered. It does not wait, since a
// client does nothing to show that it knows.
func (c *conversation) CloseWrite() error { return c.Close() }

// Close implements net.Conn.
func (c *conversation) Close() error {
	c.mu.Lock()
	c.closed = true
	c.idle.Stop()
	datagrams := c.storeAnswer("")
	for number := range c.waiting {
		datagrams = append(datagrams, answer(number, "")...)
	}
	clear(c.waiting)
	c.signal()
	c.mu.Unlock()
	c.send(c.peer, datagrams)
	return nil
}

func (c *conversation) LocalAddr() net.Addr  { return c.local }
func (c *conversation) RemoteAddr() net.Addr { return c.peer }

// SetDeadline does nothing, since no call waits for a client.
func (c *conversation) SetDeadline(time.Time) error      { return nil }
func (c *conversation) SetReadDeadline(time.Time) error  { return nil }
func (c *conversation) SetWriteDeadline(time.Time) error { return nil }
