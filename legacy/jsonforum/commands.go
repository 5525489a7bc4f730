package jsonforum

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/legacy"
)

// command is a command of the dialect.
type command struct {
	// serve executes the command and returns the reply; "" if there is none, or it has been
	// sent already. An error of type lost ends the conversation.
	serve   func(s *session, ctx context.Context, r request) (reply string, err error)
	refused map[forum.Kind]sentence    // sentence for each kind of error, with the thread filled in
	form    func(reason string) string // form in which the client expects an error; nil for bare text
	anyone  bool                       // needs no login
	last    bool                       // ends the conversation
}

var commands = map[string]command{
	"login-N":  {serve: (*session).giveName, anyone: true},
	"login-P":  {serve: (*session).givePassword, anyone: true},
	"login-NP": {serve: (*session).choosePassword, anyone: true},
	"login-S":  {serve: nothing, anyone: true},

	"CRT": {serve: (*session).createThread, refused: map[forum.Kind]sentence{
		forum.Conflict: threadExists,
	}},
	"MSG": {serve: (*session).post, refused: map[forum.Kind]sentence{
		forum.NotFound: noThread,
	}},
	"DLT": {serve: (*session).deleteMessage, refused: map[forum.Kind]sentence{
		forum.NotFound: noMessage, forum.Conflict: noMessage, forum.Denied: deleteNotYours,
	}},
	"EDT": {serve: (*session).editMessage, refused: map[forum.Kind]sentence{
		forum.NotFound: noMessage, forum.Conflict: noMessage, forum.Denied: editNotYours,
	}},
	"LST": {serve: (*session).listThreads, form: inObject},
	"RDT": {serve: (*session).readThread, form: inArray, refused: map[forum.Kind]sentence{
		forum.NotFound: noThread,
	}},
	"RMV": {serve: (*session).removeThread, refused: map[forum.Kind]sentence{
		forum.NotFound: noThread, forum.Denied: threadNotYours,
	}},
	"UPD": {serve: (*session).upload, refused: map[forum.Kind]sentence{
		forum.NotFound: noThread,
	}},
	"DWN": {serve: (*session).download, refused: map[forum.Kind]sentence{
		forum.NotFound: noFile,
	}, form: asFile},
	"SHT": {serve: (*session).shutDown, refused: map[forum.Kind]sentence{
		forum.Denied: adminPasswordWrong,
	}},
	"XIT": {serve: farewell, last: true},
}

// lost is an error after which the connection is unusable.
type lost struct{ error }

// answer returns the reply to a request. Its errors are the errors within lost.
func (cmd command) answer(ctx context.Context, s *session, r request) (string, error) {
	if !cmd.anyone && !s.loggedIn() {
		return logInFirst.say(), nil
	}
	text, err := cmd.serve(s, ctx, r)
	if err == nil {
		return text, nil
	}
	if gone, ok := errors.AsType[lost](err); ok {
		return "", gone.error
	}
	text = cmd.explain(s, err, r)
	if cmd.form != nil {
		text = cmd.form(text)
	}
	return text, nil
}

// explain returns the sentence for an error.
func (cmd command) explain(s *session, err error, r request) string {
	if sentence, ok := errors.AsType[refusal](err); ok {
		return string(sentence)
	}
	if sentence, ok := cmd.refused[forum.KindOf(err)]; ok && !errors.Is(err, rules.ErrModerated) {
		return sentence.say(cmp.Or(r.Thread, r.Name))
	}
	return bareReply(legacy.Explain(s.c.Checked(err)))
}

func inArray(reason string) string { return legacy.ASCII([]string{"", reason}) }

func inObject(reason string) string { return legacy.ASCII(map[string]struct{}{reason: {}}) }

// asFile makes the client take reason for an error: in place of a file's size, it knows an
// error by the word File.
func asFile(reason string) string {
	if strings.HasPrefix(reason, "File") {
		return reason
	}
	return fileUnreadable.say(reason)
}
