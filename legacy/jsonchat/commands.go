package jsonchat

import (
	"context"
	"errors"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/legacy"
)

// command is a command of the dialect.
type command struct {
	// run executes the command and returns the reply; nil if it has been sent already.
	run     func(s *session, ctx context.Context, r request) (reply any, err error)
	refused map[forum.Kind]status             // status for each kind of error
	self    status                            // status if the named user is oneself
	form    func(action string, s status) any // object for either status
	anyone  bool                              // needs no login
	last    bool                              // ends the conversation
}

var commands = map[string]command{
	"login":  {run: (*session).login, anyone: true},
	"logout": {run: (*session).logout, anyone: true, last: true},

	"message": {run: (*session).message, form: asStatus, self: toOneself, refused: map[forum.Kind]status{
		forum.NotFound: userUnknown, forum.Denied: userBlocked,
	}},
	"broadcast":    {run: (*session).broadcast},
	"whoelse":      {run: (*session).whoElse},
	"whoelsesince": {run: (*session).whoElseSince},
	"block": {run: (*session).block, form: asStatus, self: toOneself, refused: map[forum.Kind]status{
		forum.NotFound: userUnknown, forum.Conflict: success,
	}},
	"unblock": {run: (*session).unblock, form: asStatus, self: toOneself, refused: map[forum.Kind]status{
		forum.NotFound: userUnknown,
	}},
	"startprivate": {run: (*session).startPrivate, form: asReply, self: userIsSelf, refused: map[forum.Kind]status{
		forum.NotFound: userUnknown, forum.Denied: userBlocked,
	}},
}

var unknown = command{run: (*session).noCommand, anyone: true}

func asStatus(action string, s status) any { return statusReply{action, s} }

func asReply(action string, s status) any { return textReply{action, string(s)} }

// serve answers a request. After an error the connection is unusable.
func (cmd command) serve(ctx context.Context, s *session, r request) error {
	if !cmd.anyone && !s.loggedIn() {
		return s.say(newNotice("Log in first."))
	}
	reply, err := cmd.run(s, ctx, r)
	if err != nil {
		reply = cmd.explain(s, r, err)
	}
	if reply == nil {
		return nil
	}
	return s.say(reply)
}

// explain returns the reply for an error.
func (cmd command) explain(s *session, r request, err error) any {
	status, known := cmd.refused[forum.KindOf(s.c.Checked(err))]
	switch {
	case cmd.self != "" && s.isSelf(r.User):
		return cmd.form(r.Action, cmd.self)
	case known && !errors.Is(err, rules.ErrModerated):
		return cmd.form(r.Action, status)
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
