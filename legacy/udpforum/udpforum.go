// Package udpforum is the door for the clients of the TCP and UDP forum. Requests and replies
// are bare text without delimiters, over TCP, and the client receives 2,048 bytes at a time.
// The same conversation is possible by datagrams, which may be lost, duplicated or reordered.
//
// The package knows the dialect's commands, sentences and datagrams. The forum decides the
// rules, and package legacy handles connections and their limits.
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
	maxMessage = 2048 // bytes that either side receives at a time
	gap        = 50 * time.Millisecond
)

// maxLogin is how many bytes a request may have before login.
const maxLogin = 4096

const doorName = "udpforum"

// Config returns the configuration of a legacy.Server for the dialect. Its clients fetch files
// by ssh.
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
	// A request that has begun is completed; the end of ctx is noticed by the read of the next
	// request.
	s.talk(context.WithoutCancel(ctx))
}

// session is the conversation with one client.
type session struct {
	c             *legacy.Conn
	service       *rules.Service
	ssh           legacy.SSH
	buffer        []byte
	seen          rules.Seen
	pendingReason string // why a message was not posted; shown with the next printed reply

	name     string // name that the client logs in with
	register bool   // the name is new; a password makes the account
}

// state answers the next request. It returns the state for the request after that, or nil if
// the conversation is over.
type state func(s *session, ctx context.Context, request string) (reply string, next state)

// talk answers requests until the client leaves or the connection is unusable.
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

// goodbye tells the client why the connection ends, unless the client ended it. The client
// takes it for the reply to its next request, which it prints, or to its login, which it tries
// again.
func (s *session) goodbye(cause error) {
	switch forum.KindOf(cause) {
	case forum.Stopping, forum.Denied, forum.Limited:
		_ = s.c.Push(legacy.Cut(legacy.Explain(cause), maxMessage))
	}
}

var errTooLong = errors.New("the request is too long")

// request returns the bytes that the client sent together, without the line break that other
// programs may add. If they fill the buffer, the next read belongs to the same request, unless
// it takes longer than gap.
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
