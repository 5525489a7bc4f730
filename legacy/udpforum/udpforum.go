// Package udpforum is the door for the clients of the TCP and UDP forum: requests and
// replies are bare text without delimiters, over TCP, and the client receives 2,048 bytes
// at a time. The same conversation can be had by datagrams, which may be lost, doubled
// and reordered on their way.
//
// The package knows the dialect's words, its sentences and its datagrams; the rules are
// the forum's, and connections and their limits are package legacy's.
package udpforum

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"time"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/legacy"
)

// Limits of the original client and server.
const (
	maxMessage = 2048 // bytes either receives at a time
	gap        = 50 * time.Millisecond
)

// maxLogin is how many bytes a request may have before login.
const maxLogin = 4096

const doorName = "udpforum"

// Config returns what a legacy.Server needs to know of the dialect, whose clients fetch
// files by ssh.
func Config(ssh legacy.SSH) legacy.Config {
	return legacy.Config{
		Name: doorName, Dialect: Dialect{ssh}, MaxMessage: maxMessage, Gap: gap,
		Refusal: func(reason string) string { return reason },
	}
}

// Dialect is spoken over TCP, and by datagrams after ListenUDP.
type Dialect struct{ ssh legacy.SSH }

// Serve implements legacy.Dialect.
func (d Dialect) Serve(ctx context.Context, c *legacy.Conn) {
	s := &session{c: c, service: c.Service(), ssh: d.ssh, buffer: make([]byte, maxMessage)}
	// What was begun is done; the end of ctx is heard of by who reads the next request.
	s.talk(context.WithoutCancel(ctx))
}

// session is the conversation with one client.
type session struct {
	c       *legacy.Conn
	service *rules.Service
	ssh     legacy.SSH
	buffer  []byte
	seen    rules.Seen
	unsaid  string // why a message was not posted, for the next reply that is printed

	name     string // that the client logs in with
	register bool   // the name is new, and a password makes the account
}

// state answers the next request, and says what answers the one after that: nil when the
// conversation is over.
type state func(s *session, ctx context.Context, request string) (reply string, next state)

// talk answers requests until the client leaves or the connection is of no more use.
func (s *session) talk(ctx context.Context) {
	for now := state((*session).giveName); now != nil; {
		request, err := s.request()
		if errors.Is(err, errTooLong) {
			_ = s.c.Reply(incorrect.say())
		}
		if err != nil {
			s.goodbye(err)
			return
		}
		var reply string
		reply, now = now(s, ctx, request)
		if reply != "" && s.c.Reply(reply) != nil {
			return
		}
	}
}

// goodbye says why the connection ends when the client did not end it. The client takes it
// for the answer to its next request, which it prints, or to its login, which it tries again.
func (s *session) goodbye(cause error) {
	switch forum.KindOf(cause) {
	case forum.Stopping, forum.Denied, forum.Limited:
		_ = s.c.Push(legacy.Cut(legacy.Explain(cause), maxMessage))
	}
}

var errTooLong = errors.New("the request is too long")

// request returns what the client sent at once, without the line break that somebody with
// another program may end it with. What fills a read goes on in the next, if that is
// there soon.
func (s *session) request() (string, error) {
	var text []byte
	s.c.SetReadDeadline(time.Time{})
	for {
		n, err := s.c.Read(s.buffer)
		whole := errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, io.EOF)
		if err != nil && (len(text) == 0 || !whole) {
			return "", err
		}
		text = append(text, s.buffer[:n]...)
		switch {
		case len(text) > s.longest():
			return "", errTooLong
		case n < len(s.buffer):
			return strings.TrimRight(string(text), "\r\n"), nil
		}
		s.c.SetReadDeadline(time.Now().Add(gap))
	}
}

// longest returns how many bytes a request may have.
func (s *session) longest() int {
	if s.c.Visit() == nil {
		return maxLogin
	}
	return s.service.MessageBytes() + maxLogin
}
