package udpforum

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/legacy"
)

// command is a command of the dialect.
type command struct {
	args        int // number of arguments; the last is the rest of the line
	serve       func(s *session, ctx context.Context, a arguments) (reply string, err error)
	refused     map[forum.Kind]sentence // sentence for each kind of error, with the thread filled in
	printed     bool                    // the client prints the reply unchanged
	hidesErrors bool                    // the client reports any error as a missing thread
	last        bool                    // ends the conversation, and has no reply
}

// arguments are the arguments of a command: first a thread, then a message number, a text or
// the name of a file.
type arguments []string

func (a arguments) thread() string { return a[0] }
func (a arguments) last() string   { return a[len(a)-1] }

var commands = map[string]command{
	"CRT": {args: 1, serve: (*session).createThread, printed: true, refused: map[forum.Kind]sentence{
		forum.Conflict: threadExists,
	}},
	"LST":            {serve: (*session).announceThreads},
	"active threads": {serve: (*session).listThreads, printed: true}, // sent by the client itself after LST
	"MSG": {args: 2, serve: (*session).post, hidesErrors: true, refused: map[forum.Kind]sentence{
		forum.NotFound: noThread,
	}},
	"RDT": {args: 1, serve: (*session).readThread, printed: true, refused: map[forum.Kind]sentence{
		forum.NotFound: noThread,
	}},
	"DLT": {args: 2, serve: (*session).deleteMessage, printed: true, refused: map[forum.Kind]sentence{
		forum.NotFound: deleteNoMessage, forum.Conflict: deleteNoMessage, forum.Denied: deleteNotYours,
	}},
	"EDT": {args: 3, serve: (*session).editMessage, printed: true, refused: map[forum.Kind]sentence{
		forum.NotFound: editNoMessage, forum.Conflict: editNoMessage, forum.Denied: editNotYours,
	}},
	"UPD": {args: 2, serve: (*session).upload, printed: true, refused: map[forum.Kind]sentence{
		forum.NotFound: uploadNoThread,
	}},
	"DWN": {args: 2, serve: (*session).download},
	"RMV": {args: 1, serve: (*session).removeThread, printed: true, refused: map[forum.Kind]sentence{
		forum.NotFound: threadNotYours, forum.Denied: threadNotYours,
	}},
	"XIT": {last: true},
}

// parse returns the name of a request's command, which is "" if there is none, and its
// arguments.
func parse(request string) (name string, a arguments) {
	request = strings.TrimSpace(request)
	if cmd, known := commands[request]; known && cmd.args == 0 {
		return request, nil
	}
	name, rest := cutWord(request)
	cmd := commands[name]
	for range cmd.args - 1 {
		var arg string
		arg, rest = cutWord(rest)
		a = append(a, arg)
	}
	if cmd.args == 0 || rest == "" {
		return "", nil
	}
	return name, append(a, rest)
}

// cutWord returns the parts of s before and after its first white space.
func cutWord(s string) (first, rest string) {
	i := strings.IndexFunc(s, unicode.IsSpace)
	if i < 0 {
		return s, ""
	}
	return s[:i], strings.TrimLeftFunc(s[i:], unicode.IsSpace)
}

// command answers a request of a client that is logged in.
func (s *session) command(ctx context.Context, request string) (string, state) {
	name, a := parse(request)
	cmd, known := commands[name]
	switch {
	case !known:
		s.c.Heard("unknown", len(request))
		if strings.Contains(request, "MSG") {
			s.notPosted(request, "MSG needs a thread and a text.")
		}
		return incorrect.say(), (*session).command
	case cmd.last:
		s.c.Heard(name, len(request))
		return "", nil
	}
	s.c.Heard(name, len(request))
	text, err := cmd.serve(s, ctx, a)
	if err != nil {
		text = cmd.explain(s, err, a)
	}
	if cmd.printed {
		text = legacy.Cut(s.pendingReason+text, maxMessage)
		s.pendingReason = ""
	}
	if cmd.hidesErrors && err != nil && forum.KindOf(err) != forum.NotFound {
		s.notPosted(request, text)
	}
	return text, (*session).command
}

// notPosted stores the reason for the next printed reply. The client reports every message that
// was not posted as one to a missing thread.
func (s *session) notPosted(request, reason string) {
	s.pendingReason = fmt.Sprintf("%s: %s\n", legacy.OneLine(strings.TrimSpace(request), maxQuoted), reason)
}

// maxQuoted is how many bytes of a request are quoted in notPosted's sentence.
const maxQuoted = 60

// room returns how many bytes a list may have.
func (s *session) room() int { return maxMessage - len(s.pendingReason) }

// explain returns the sentence for an error.
func (cmd command) explain(s *session, err error, a arguments) string {
	if sentence, ok := errors.AsType[refusal](err); ok {
		return string(sentence)
	}
	if sentence, ok := cmd.refused[forum.KindOf(err)]; ok && !errors.Is(err, rules.ErrModerated) {
		return sentence.say(a.thread())
	}
	return legacy.Cut(legacy.Explain(s.c.Checked(err)), maxMessage)
}

// refusal is an error with a sentence of the dialect.
type refusal string

func (r refusal) Error() string { return string(r) }

func (s sentence) refuse(parts ...string) error { return refusal(s.say(parts...)) }
