// Package picklechat is the door for the clients of the conference chat: every message,
// either way, is one Python pickle of a type and a body. The client receives 2,048 bytes
// at a time and takes them for one pickle; each request has exactly one reply, and it is
// never told anything else.
//
// The package knows the dialect's pickles, words and replies, and which UDP ports its
// clients take files at from each other; the rules are the forum's, and how messages are
// kept apart is package legacy's.
package picklechat

import (
	"context"
	"time"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/legacy"
)

const (
	maxMessage = 2048 // bytes a client receives at a time
	gap        = 50 * time.Millisecond
)

// maxRequest is how many bytes a request may have beside the text of a message.
const maxRequest = 4096

// Config returns what a legacy.Server needs to know of the dialect, whose board is a
// thread and whose times are in zone.
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
	// What was begun is done; the end of ctx is heard of by who reads the next request.
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

// talk answers requests until the client leaves or the connection is of no more use.
func (s *session) talk(ctx context.Context) error {
	if err := s.send(connected.say()); err != nil {
		return err
	}
	for {
		m, err := s.in.next(s.longest())
		if err != nil {
			return err
		}
		w := s.word(m)
		a, err := w.answer(ctx, s, m)
		if err == nil && !w.silent {
			err = s.send(a)
		}
		if err != nil || w.last || a.last {
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

// goodbye says what a client ends by. It reads it as the reply to its next command, or to
// its login: one whose connection just closes dies of that.
func (s *session) goodbye(cause error) {
	switch forum.KindOf(cause) {
	case forum.Invalid:
		s.c.Log().Warn("refused a pickle", "user", s.c.Actor().Name, "bytes", s.in.size, "error", cause)
	case forum.Stopping, forum.Denied, forum.Limited:
		last := lockedOut.say() // the only end that it knows before its login
		if s.loggedIn() {
			last = s.bye()
		}
		_ = s.c.Push(last.pickled())
	}
}
