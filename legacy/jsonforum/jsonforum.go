// Package jsonforum is the door for the clients of the TCP forum. Requests are JSON objects
// without delimiters; replies are bare text, or JSON for lists. The client receives 1,024 bytes
// at a time, and reads the last reply after a fixed sleep.
//
// The package knows the dialect's commands, its sentences and its timing. The forum decides the
// rules, and package legacy separates the messages.
package jsonforum

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
)

// maxLogin is how many bytes a request may have before login.
const maxLogin = 4096

// Config returns the configuration of a legacy.Server for the dialect.
func Config() legacy.Config {
	return legacy.Config{
		Name: "jsonforum", Dialect: dialect{}, OneLogin: true, MaxMessage: maxMessage, Gap: gap,
		Refusal: func(reason string) string { return notLetIn.say(reason) },
	}
}

type dialect struct{}

// Serve implements legacy.Dialect.
func (dialect) Serve(ctx context.Context, c *legacy.Conn) {
	s := &session{c: c, service: c.Service(), values: legacy.NewValues(c), stopping: ctx.Done()}
	// A request that has begun is completed; the end of ctx is noticed by the read of the next
	// request.
	s.goodbye(s.talk(context.WithoutCancel(ctx)))
}

// session is the conversation with one client.
type session struct {
	c       *legacy.Conn
	service *rules.Service
	values  *legacy.Values
	seen    rules.Seen

	stopping <-chan struct{} // closed when the conversation must end

	name      string // name that the client logs in with
	register  bool   // the name is new; a password makes the account
	announced string // thread that the client announced an upload to
}

// request is any object a client sends.
type request struct {
	Type        string
	Username    string
	Password    string
	Name        string
	Thread      string
	Message     string
	Number      string `json:"message_number"`
	Filename    string
	Filesize    *int64
	AdmPassword string
}

// talk answers requests until the client leaves or the connection is unusable.
func (s *session) talk(ctx context.Context) error {
	for {
		var r request
		size, err := s.values.Next(&r, s.longest())
		if err != nil && forum.KindOf(err) != forum.Usage {
			return err
		}
		cmd, known := commands[r.Type]
		if !known || err != nil {
			cmd = command{serve: noCommand, anyone: true}
		} else {
			s.c.Heard(r.Type, size)
		}
		text, err := cmd.answer(ctx, s, r)
		if err == nil && text != "" {
			err = s.c.Reply(text)
		}
		if err != nil || cmd.last {
			return err
		}
	}
}

// longest returns how many bytes a request may have: enough for the longest message with every
// character escaped in JSON.
func (s *session) longest() int {
	if !s.loggedIn() {
		return maxLogin
	}
	return 6*s.service.MessageBytes() + maxLogin
}

func (s *session) loggedIn() bool { return s.c.Visit() != nil }

// goodbye sends the messages that make the client end properly: it does not notice if its
// connection is just closed. At its prompts for a name and a password it cannot end, but it
// prints the message, and then does not loop without end.
func (s *session) goodbye(cause error) {
	switch kind := forum.KindOf(cause); {
	case !s.loggedIn():
		if kind != forum.Internal && kind != forum.Unavailable {
			_ = s.c.Push(notLetIn.say(legacy.Explain(cause)))
		}
	case kind == forum.Stopping:
		_ = s.c.Reply(shuttingDown.say())
	case kind == forum.Invalid, errors.Is(cause, os.ErrDeadlineExceeded):
		_ = s.c.Reply(invalidCommand.say())
		_ = s.c.Reply(goodbye.say())
	case kind == forum.Denied:
		_ = s.c.Reply(bareReply(legacy.Explain(cause)))
		_ = s.c.Reply(goodbye.say())
	}
}
