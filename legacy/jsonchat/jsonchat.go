// Package jsonchat is the door for the clients of the JSON messenger. Requests, replies and
// pushes of the server are JSON objects without delimiters. The client receives 1,024 bytes at
// a time and takes them for one object.
//
// The package knows the dialect's commands and statuses, and the ports at which its clients
// wait for each other. The forum decides the rules, and keeps messages, blocks and presences.
// Package legacy separates the messages.
package jsonchat

import (
	"context"
	"errors"
	"os"
	"time"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/legacy"
)

// Limits of the original client.
const (
	maxMessage = 1024
	gap        = 50 * time.Millisecond
	firstPush  = 100 * time.Millisecond // after the reply to the login, which the client reads with a separate read
	hold       = 300 * time.Millisecond // the client checks every 100 ms whether it must end, and crashes if the connection is closed before
)

// maxRequest is how many bytes a request may have besides the text of a message.
const maxRequest = 4096

// Config returns the configuration of a legacy.Server for the dialect. A client that sends no
// command for timeout is told to end.
func Config(timeout time.Duration) legacy.Config {
	return legacy.Config{
		Name: "jsonchat", Dialect: &dialect{timeout: timeout}, OneLogin: true, MaxMessage: maxMessage, Gap: gap, Hold: hold,
		Refusal: notLetIn,
	}
}

// notLetIn returns the message that refuses a client. The client reads it as the reply to its
// login.
func notLetIn(reason string) string { return legacy.ASCII(statusReply{"login", status(reason)}) }

type dialect struct {
	timeout time.Duration
	peers   peers
}

// Serve implements legacy.Dialect.
func (d *dialect) Serve(ctx context.Context, c *legacy.Conn) {
	s := &session{dialect: d, c: c, service: c.Service(), values: legacy.NewValues(c)}
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
	values  *legacy.Values
	peer    peer
}

// request is any object a client sends.
type request struct {
	Action      string
	Username    string
	Password    string
	PrivatePort int `json:"private_port"`
	User        string
	Message     string
	Since       string // seconds
}

// talk answers requests until the client leaves or the connection is unusable.
func (s *session) talk(ctx context.Context) error {
	for {
		var r request
		size, err := s.values.Next(&r, s.longest())
		if err != nil && forum.KindOf(err) != forum.Usage {
			return err
		}
		cmd, known := commands[r.Action]
		if !known || err != nil {
			cmd = unknown
		} else {
			s.c.Heard(r.Action, size)
		}
		if err := cmd.serve(ctx, s, r); err != nil || cmd.last {
			return err
		}
		if s.loggedIn() {
			s.c.SetReadDeadline(time.Now().Add(s.timeout))
		}
	}
}

// longest returns how many bytes a request may have: enough for the longest message with every
// character escaped in JSON.
func (s *session) longest() int {
	if !s.loggedIn() {
		return maxRequest
	}
	return 6*s.service.MessageBytes() + maxRequest
}

func (s *session) loggedIn() bool { return s.c.Visit() != nil }

// isSelf reports whether name is the name of the logged-in account.
func (s *session) isSelf(name string) bool {
	return s.loggedIn() && forum.NameKey(name) == forum.NameKey(s.c.Actor().Name)
}

// say sends a message after the gap, when the client must have read the last one. A new request
// does not prove that it has, since the client sends in one thread and reads in another.
func (s *session) say(v any) error { return s.c.Push(legacy.ASCII(v)) }

// goodbye sends the messages that make the client end properly: if its connection is just
// closed, it hangs. A client that has not logged in reads the message as the reply to its
// login.
func (s *session) goodbye(cause error) {
	s.c.StopTelling()
	switch kind := forum.KindOf(cause); {
	case errors.Is(cause, os.ErrDeadlineExceeded):
		_ = s.say(timedOut)
	case kind == forum.Internal, kind == forum.Unavailable: // the client has gone
	case !s.loggedIn():
		_ = s.c.Push(notLetIn(legacy.Explain(cause)))
	default:
		_ = s.say(newNotice(legacy.Explain(cause)))
		_ = s.say(timedOut)
	}
}
