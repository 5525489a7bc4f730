package jsonchat

import (
	"context"
	"errors"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/legacy"
)

// word is a command of the dialect.
type word struct {
	// do executes the command and returns the reply; nil if it has been sent already.
	do      func(s *session, ctx context.Context, r request) (reply any, err error)
	refused map[forum.Kind]status             // status for each kind of error
	self    status                            // status if the named user is oneself
	form    func(action string, s status) any // object for either status
	anyone  bool                              // needs no login
	last    bool                              // ends the conversation
}

var words = map[string]word{
	"login":  {do: (*session).login, anyone: true},
	"logout": {do: (*session).logout, anyone: true, last: true},

	"message": {do: (*session).message, form: asStatus, self: toOneself, refused: map[forum.Kind]status{
		forum.NotFound: userUnknown, forum.Denied: userBlocked,
	}},
	"broadcast":    {do: (*session).broadcast},
	"whoelse":      {do: (*session).whoElse},
	"whoelsesince": {do: (*session).whoElseSince},
	"block": {do: (*session).block, form: asStatus, self: toOneself, refused: map[forum.Kind]status{
		forum.NotFound: userUnknown, forum.Conflict: success,
	}},
	"unblock": {do: (*session).unblock, form: asStatus, self: toOneself, refused: map[forum.Kind]status{
		forum.NotFound: userUnknown,
	}},
	"startprivate": {do: (*session).startPrivate, form: asReply, self: userIsSelf, refused: map[forum.Kind]status{
		forum.NotFound: userUnknown, forum.Denied: userBlocked,
	}},
}

var unknown = word{do: (*session).noCommand, anyone: true}

func asStatus(action string, s status) any { return statusReply{action, s} }

func asReply(action string, s status) any { return textReply{action, string(s)} }

// serve answers a request. After an error the connection is unusable.
func (w word) serve(ctx context.Context, s *session, r request) error {
	if !w.anyone && !s.loggedIn() {
		return s.say(newNotice("Log in first."))
	}
	reply, err := w.do(s, ctx, r)
	if err != nil {
		reply = w.explain(s, r, err)
	}
	if reply == nil {
		return nil
	}
	return s.say(reply)
}

// explain returns the reply for an error.
func (w word) explain(s *session, r request, err error) any {
	status, known := w.refused[forum.KindOf(s.c.Checked(err))]
	switch {
	case w.self != "" && s.isSelf(r.User):
		return w.form(r.Action, w.self)
	case known && !errors.Is(err, rules.ErrModerated):
		return w.form(r.Action, status)
	}
	return newNotice(legacy.Explain(err))
}

func (s *session) noCommand(_ context.Context, r request) (any, error) {
	return newUnknown(r.Action), nil
}

func (s *session) logout(context.Context, request) (any, error) {
	s.c.LogOut()
	return loggedOut, nil
}
