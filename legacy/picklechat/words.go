package picklechat

import (
	"context"
	"errors"

	"sshforum/forum"
	"sshforum/forum/rules"
)

// word is a command of the dialect.
type word struct {
	serve   func(s *session, ctx context.Context, body any) (answer, error)
	refused map[forum.Kind]reply // reply for each kind of error
	silent  bool                 // the client waits for no reply
	last    bool                 // ends the conversation
}

var (
	login   = word{serve: (*session).login}
	unknown = word{serve: (*session).noCommand}
)

// notThatMessage has the replies of DLT and EDT for errors.
var notThatMessage = map[forum.Kind]reply{
	forum.NotFound: noMessage, forum.Conflict: noMessage, forum.Denied: notSender,
}

// words are the commands of a client that is logged in.
var words = map[string]word{
	"UDP_PORT": {serve: (*session).takePort, silent: true},
	"MSG":      {serve: (*session).post},
	"DLT":      {serve: (*session).deleteMessage, refused: notThatMessage},
	"EDT":      {serve: (*session).editMessage, refused: notThatMessage},
	"RDM":      {serve: (*session).read},
	"ATU":      {serve: (*session).active},
	"TELL":     {serve: (*session).tell},
	"PASSWD":   {serve: (*session).changePassword},
	"OUT":      {serve: (*session).leave, last: true},
}

// word returns the command of a message: login before a login, one of words after it, or
// unknown.
func (s *session) word(m message) word {
	w, known := words[m.kind]
	switch {
	case s.loggedIn() && known:
	case !s.loggedIn() && m.kind == "LOGIN":
		w = login
	default:
		return unknown
	}
	s.c.Heard(m.kind, s.in.size)
	return w
}

// answer returns the reply to a message.
func (w word) answer(ctx context.Context, s *session, m message) (answer, error) {
	a, err := w.serve(s, ctx, m.body)
	if err == nil {
		return a, nil
	}
	if r, ok := errors.AsType[refusal](err); ok {
		return reply(r).say(), nil
	}
	if r, ok := w.refused[forum.KindOf(err)]; ok && !errors.Is(err, rules.ErrModerated) {
		return r.say(), nil
	}
	return s.explain(err), nil
}

func (s *session) noCommand(context.Context, any) (answer, error) { return invalidCommand.say(), nil }

func (s *session) leave(context.Context, any) (answer, error) { return s.bye(), nil }

func (s *session) bye() answer { return farewell.say(s.c.Actor().Name) }
