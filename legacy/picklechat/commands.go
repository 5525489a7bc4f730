package picklechat

import (
	"context"
	"errors"

	"sshforum/forum"
	"sshforum/forum/rules"
)

// command is a command of the dialect.
type command struct {
	serve   func(s *session, ctx context.Context, body any) (answer, error)
	refused map[forum.Kind]reply // reply for each kind of error
	silent  bool                 // the client waits for no reply
	last    bool                 // ends the conversation
}

var (
	login   = command{serve: (*session).login}
	unknown = command{serve: (*session).noCommand}
)

// targetErrors has the replies of DLT and EDT for errors.
var targetErrors = map[forum.Kind]reply{
	forum.NotFound: noMessage, forum.Conflict: noMessage, forum.Denied: notSender,
}

// commands are the commands of a client that is logged in.
var commands = map[string]command{
	"UDP_PORT": {serve: (*session).takePort, silent: true},
	"MSG":      {serve: (*session).post},
	"DLT":      {serve: (*session).deleteMessage, refused: targetErrors},
	"EDT":      {serve: (*session).editMessage, refused: targetErrors},
	"RDM":      {serve: (*session).read},
	"ATU":      {serve: (*session).active},
	"TELL":     {serve: (*session).tell},
	"PASSWD":   {serve: (*session).changePassword},
	"OUT":      {serve: (*session).leave, last: true},
}

// commandOf returns the command of a message: login before a login, one of commands after it,
// or unknown.
func (s *session) commandOf(m message) command {
	cmd, known := commands[m.kind]
	switch {
	case s.loggedIn() && known:
	case !s.loggedIn() && m.kind == "LOGIN":
		cmd = login
	default:
		return unknown
	}
	s.c.Heard(m.kind, s.in.size)
	return cmd
}

// answer returns the reply to a message.
func (cmd command) answer(ctx context.Context, s *session, m message) (answer, error) {
	a, err := cmd.serve(s, ctx, m.body)
	if err == nil {
		return a, nil
	}
	if r, ok := errors.AsType[refusal](err); ok {
		return reply(r).say(), nil
	}
	if r, ok := cmd.refused[forum.KindOf(err)]; ok && !errors.Is(err, rules.ErrModerated) {
		return r.say(), nil
	}
	return s.explain(err), nil
}

func (s *session) noCommand(context.Context, any) (answer, error) { return invalidCommand.say(), nil }

func (s *session) leave(context.Context, any) (answer, error) { return s.bye(), nil }

func (s *session) bye() answer { return farewell.say(s.c.Actor().Name) }
