// Package picklechat is the door for the clients of the conference chat. Every message of
// either side is one Python pickle of a type and a body. The client receives 2,048 bytes at a
// time and takes them for one pickle. Each request has exactly one reply, and there are no
// pushes.
//
// The package knows the dialect's pickles, commands and replies, and the UDP ports at which its
// clients receive files from each other. The forum decides the rules, and package legacy
// separates the messages.
package picklechat

import (
	"context"
	"time"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/legacy"
)

const (
	maxMessage = 2048 // bytes that a client receives at a time
	gap        = 50 * time.Millisecond
)

// maxRequest is how many bytes a request may have besides the text of a message.
const maxRequest = 4096

// Config returns the configuration of a legacy.Server for the dialect. Its board is a thread,
// and its times are in zone.
func Config(thread string, zone *time.Location) legacy.Config {
	return legacy.Config{
		Name: "picklechat", Dialect: &dialect{thread: thread, zone: zone}, MaxMessage: maxMessage, Gap: gap,
	}
}

type dialect struct {
	thread string
	zone   *time.Location
	peers  peers
}

// Serve implements legacy.Dialect.
func (d *dialect) Serve(ctx context.Context, c *legacy.Conn) {
	s := &session{dialect: d, c: c, service: c.Service(), in: newUnpickler(c)}
	defer d.peers.remove(&s.peer)
	// A request that has begun is completed; the end of ctx is noticed by the read of the next
	// request.
	s.goodbye(s.talk(context.WithoutCancel(ctx)))
}

// session is the conversation with one client.
type session struct {
	*dialect
	c       *legacy.Conn
	service *rules.Service
	in      *unpickler
	shown   shown
	peer    peer
}

// talk answers requests until the client leaves or the connection is unusable.
func (s *session) talk(ctx context.Context) error {
	if err := s.send(connected.say()); err != nil {
		return err
	}
	for {
		m, err := s.in.next(s.longest())
		if err != nil {
			return err
		}
		cmd := s.commandOf(m)
		a, err := cmd.answer(ctx, s, m)
		if err == nil && !cmd.silent {
			err = s.send(a)
		}
		if err != nil || cmd.last || a.last {
			return err
		}
	}
}

func (s *session) send(a answer) error { return s.c.Reply(a.pickled()) }

// longest returns how many bytes a request may have.
func (s *session) longest() int {
	if !s.loggedIn() {
		return maxRequest
	}
	return s.service.MessageBytes() + maxRequest
}

func (s *session) loggedIn() bool { return s.c.Visit() != nil }

// goodbye sends a message at which the client ends. The client reads it as the reply to its
// next command, or to its login. If its connection is just closed, it crashes.
func (s *session) goodbye(cause error) {
	switch forum.KindOf(cause) {
	case forum.Invalid:
		s.c.Log().Warn("refused a pickle", "user", s.c.Actor().Name, "bytes", s.in.size, "error", cause)
	case forum.Stopping, forum.Denied, forum.Limited:
		last := lockedOut.say() // the only reply before its login at which the client ends
		if s.loggedIn() {
			last = s.bye()
		}
		_ = s.c.Push(last.pickled())
	}
}
