package textchat

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/legacy"
)

// command is a command of the dialect.
type command struct {
	name string // name in logs
	// serve executes the command and returns the message that follows the acknowledgement. A
	// nil serve ends the conversation. If it returns an error, the message is not acknowledged.
	serve func(s *session, ctx context.Context, argument string) (more string, err error)
}

// commands are the messages that are commands, in any case of letters. All other messages,
// except get, are posted to the room.
var (
	commands = map[string]command{
		"status": {"status", (*session).status},
		"list":   {"list", (*session).list},
		"exit":   {"exit", nil},
	}
	get = command{"get", (*session).get}
	say = command{"message", (*session).say}
)

// commandOf returns the command of a message, and its argument.
func commandOf(text string) (cmd command, argument string) {
	if name, found := strings.CutPrefix(text, "get "); found || text == "get" {
		return get, strings.TrimPrefix(name, "get")
	}
	if cmd, known := commands[strings.ToLower(text)]; known {
		return cmd, ""
	}
	return say, text
}

// answer acknowledges a message, or replies with the error. The result of a command is a
// message of its own.
func (s *session) answer(ctx context.Context, cmd command, argument, text string) error {
	more, err := cmd.serve(s, ctx, argument)
	if err != nil {
		return s.c.Reply(pieces(legacy.Explain(s.c.Checked(err)))...)
	}
	if s.room.Echo && cmd.name != say.name {
		s.clients.echo(s.client, said.say(forum.GuestName(s.client.name), forum.Printable(text)))
	}
	if err := s.c.Reply(pieces(acknowledged.say(text))...); err != nil || more == "" {
		return err
	}
	return s.c.ReplyAt(time.Now().Add(gap), pieces(more)...)
}

func (s *session) say(ctx context.Context, text string) (string, error) {
	s.sending <- struct{}{}
	defer func() { <-s.sending }()
	p, err := s.service.Post(ctx, s.c.Actor(), s.room.Thread, text, rules.Casual())
	if err != nil {
		return "", err
	}
	s.own[p.Message.ID] = true
	s.client.messages++
	return "", nil
}

// status lists all clients. Each client sees only its own address.
func (s *session) status(context.Context, string) (string, error) {
	var b strings.Builder
	for _, c := range s.clients.all() {
		addr, closed := "...", "None"
		if c.number == s.client.number {
			addr = s.c.Addr()
		}
		if !c.closed.IsZero() {
			closed = s.minute(c.closed)
		}
		b.WriteString(clientLine.say(c.number, forum.GuestName(c.name), addr, s.minute(c.opened), closed))
	}
	return b.String(), nil
}

func (s *session) minute(t time.Time) string { return t.In(s.room.Zone).Format("2006-01-02 15:04") }

func (s *session) list(ctx context.Context, _ string) (string, error) {
	files, err := s.service.Files(ctx, s.c.Actor(), rules.Place{Thread: s.room.Thread})
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = forum.Printable(f.Name)
	}
	return strings.Join(names, "\n"), err
}

// maxFile is the maximum size of a file that is sent in pieces, which takes eight seconds.
const maxFile = 256 << 10

func (s *session) get(ctx context.Context, name string) (string, error) {
	_, content, err := s.service.OpenFile(ctx, s.c.Actor(), rules.Place{Thread: s.room.Thread}, name)
	if forum.KindOf(err) == forum.NotFound {
		return noFile.say(forum.Printable(name)), nil
	}
	if err != nil {
		return "", err
	}
	defer func() { _ = content.Close() }()
	if content.Size() > maxFile {
		return tooLarge.say(name, s.fetch(name)), nil
	}
	p := make([]byte, content.Size())
	if n, err := content.ReadAt(p, 0); n < len(p) {
		return "", err
	}
	if !isText(p) {
		return notText.say(name, s.fetch(name)), nil
	}
	return string(p), nil
}

// isText reports whether p may be sent: a client crashes if it is not UTF-8, and control
// characters would control the terminal.
func isText(p []byte) bool {
	steers := func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\t\n\r", r) }
	return utf8.Valid(p) && !strings.ContainsFunc(string(p), steers)
}

// fetch returns the shell command that fetches a file of the room.
func (s *session) fetch(name string) string { return s.room.SSH.Fetch(s.room.Thread, name) }
