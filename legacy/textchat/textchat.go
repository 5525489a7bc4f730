// Package textchat is the door for the clients of the text chat. Both sides send bare UTF-8
// text without delimiters. The chat's room is a thread, its files are the thread's files, and
// each client is a guest under the name that it gives.
//
// The package knows the dialect's commands and sentences, and the clients that have come. The
// forum decides the rules, and package legacy separates the messages.
package textchat

import (
	"bytes"
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/legacy"
)

const (
	maxMessage = 1020 // bytes of a piece; the client receives 1,024
	maxRead    = 1024 // bytes that the original server received at a time
	gap        = 60 * time.Millisecond
	pieceGap   = 30 * time.Millisecond
)

// Room is the configuration of the chat.
type Room struct {
	Thread string         // title of the thread that guests may post to
	Seats  int            // maximum number of clients at once that have given a name
	Zone   *time.Location // zone of the times that are shown
	SSH    legacy.SSH     // where people with an account fetch files that cannot be sent here
	Echo   bool           // whether commands are shown to the others, as the original did
}

// Config returns the configuration of a legacy.Server for the dialect.
func Config(room Room) legacy.Config {
	return legacy.Config{
		Name: "textchat", Dialect: &dialect{room: room, clients: roll{seats: room.Seats}},
		Refusal: func(reason string) string { return reason }, MaxMessage: maxMessage, Gap: gap, Pieces: pieceGap,
	}
}

type dialect struct {
	room    Room
	clients roll
}

// Serve implements legacy.Dialect.
func (d *dialect) Serve(ctx context.Context, c *legacy.Conn) {
	s := &session{dialect: d, c: c, service: c.Service(), sending: make(chan struct{}, 1), own: make(map[forum.MessageID]bool)}
	// A message that has begun is completed; the end of ctx is noticed by the read of the next
	// message.
	s.goodbye(s.talk(context.WithoutCancel(ctx)))
}

// session is the conversation with one client.
type session struct {
	*dialect
	c       *legacy.Conn
	service *rules.Service
	cut     []byte // beginning of a character whose rest has not arrived
	client  *client

	sending chan struct{} // holds a token while a message is posted, or own is used
	own     map[forum.MessageID]bool
}

// talk answers messages until the client leaves or the connection is unusable.
func (s *session) talk(ctx context.Context) error {
	if s.clients.full() {
		return errFull
	}
	if err := s.c.Reply(askName.say()); err != nil {
		return err
	}
	defer s.leave()
	if err := s.introduce(); err != nil {
		return err
	}
	s.c.Go(s.watch)
	if s.room.Echo {
		s.c.Go(s.showEchoes)
	}
	for {
		text, err := s.readMessage()
		if err != nil {
			return err
		}
		cmd, argument := commandOf(text)
		s.c.Heard(cmd.name, len(text))
		if cmd.serve == nil {
			return nil
		}
		if err := s.answer(ctx, cmd, argument, text); err != nil {
			return err
		}
	}
}

// errFull refuses a client that comes, or gives its name, when all seats are taken. A client
// that has not given a name takes no seat.
var errFull = forum.Errorf(forum.Limited, "%s", serverFull.say())

// introduce asks for a name until the client has given one that a guest can have.
func (s *session) introduce() error {
	for {
		name, err := s.readMessage()
		if err != nil {
			return err
		}
		s.c.Heard("name", len(name))
		guest, err := s.service.Guest(strings.TrimSpace(name))
		switch {
		case forum.KindOf(err) == forum.Denied:
			return err
		case err != nil:
			s.c.Failed()
			err = s.c.Reply(pieces(legacy.Explain(s.c.Checked(err)) + "\n" + askName.say())...)
		default:
			if s.client = s.clients.add(guest.Name, s.service.Clock()); s.client == nil {
				return errFull
			}
			guest.Door = "textchat"
			s.c.Admit(guest)
			s.c.Log().Info("guest", "name", guest.Name, "client", s.client.number)
			return s.c.Reply(nameSet.say(guest.Name))
		}
		if err != nil {
			return err
		}
	}
}

// leave closes the seat of the client, if it has given a name.
func (s *session) leave() {
	if s.client == nil {
		return
	}
	s.clients.close(s.client, s.service.Clock())
	s.c.Log().Info("guest left", "name", s.client.name, "client", s.client.number, "messages", s.client.messages)
}

// readMessage returns the bytes of one read, which the original took for one message. A
// character that is cut off at the end waits for its rest.
func (s *session) readMessage() (string, error) {
	for {
		buffer := make([]byte, maxRead)
		had := copy(buffer, s.cut)
		n, err := s.c.Read(buffer[had:])
		if err != nil {
			return "", err
		}
		text := buffer[:had+n]
		whole := len(text) - unfinished(text)
		s.cut = bytes.Clone(text[whole:])
		if whole > 0 {
			return strings.TrimRight(string(text[:whole]), "\r\n"), nil
		}
	}
}

// unfinished returns how many bytes at the end of p are an incomplete character.
func unfinished(p []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(p); n++ {
		if end := p[len(p)-n:]; utf8.RuneStart(end[0]) {
			if utf8.FullRune(end) {
				return 0
			}
			return n
		}
	}
	return 0
}

// goodbye tells the client why the connection ends, unless the client ended it.
func (s *session) goodbye(cause error) {
	s.c.StopTelling()
	switch forum.KindOf(cause) {
	case forum.Stopping, forum.Denied, forum.Limited:
		_ = s.c.Push(pieces(legacy.Explain(cause))...)
	}
}

// pieces cuts a text of any length into messages, between characters.
func pieces(text string) (all []string) {
	for len(text) > maxMessage {
		end := maxMessage
		for !utf8.RuneStart(text[end]) {
			end--
		}
		all = append(all, text[:end])
		text = text[end:]
	}
	if text != "" {
		all = append(all, text)
	}
	return all
}
