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

// word is a command of the dialect.
type word struct {
	args    int // how many follow; the last is all the rest of the line
	serve   func(s *session, ctx context.Context, a arguments) (reply string, err error)
	refused map[forum.Kind]sentence // what is said of errors, with the thread filled in
	printed bool                    // the client prints the reply as it is
	hushed  bool                    // it says of any error that there is no such thread
	last    bool                    // ends the conversation, and has no reply
}

// arguments are what follows a word: a thread first, then a message number, a text or the
// name of a file.
type arguments []string

func (a arguments) thread() string { return a[0] }
func (a arguments) last() string   { return a[len(a)-1] }

var words = map[string]word{
	"CRT": {args: 1, serve: (*session).createThread, printed: true, refused: map[forum.Kind]sentence{
		forum.Conflict: threadExists,
	}},
	"LST":            {serve: (*session).announceThreads},
	"active threads": {serve: (*session).listThreads, printed: true}, // which the client says by itself after LST
	"MSG": {args: 2, serve: (*session).post, hushed: true, refused: map[forum.Kind]sentence{
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

// parse returns the name of a request's word, which is "" if it is none, and what follows.
func parse(request string) (name string, a arguments) {
	request = strings.TrimSpace(request)
	if w, known := words[request]; known && w.args == 0 {
		return request, nil
	}
	name, rest := cutWord(request)
	w := words[name]
	for range w.args - 1 {
		var arg string
		arg, rest = cutWord(rest)
		a = append(a, arg)
	}
	if w.args == 0 || rest == "" {
		return "", nil
	}
	return name, append(a, rest)
}

// cutWord returns s before its first white space, and after it.
func cutWord(s string) (first, rest string) {
	i := strings.IndexFunc(s, unicode.IsSpace)
	if i < 0 {
		return s, ""
	}
	return s[:i], strings.TrimLeftFunc(s[i:], unicode.IsSpace)
}

// command answers what a client asks for that is logged in.
func (s *session) command(ctx context.Context, request string) (string, state) {
	name, a := parse(request)
	w, known := words[name]
	switch {
	case !known:
		s.c.Heard("unknown", len(request))
		if strings.Contains(request, "MSG") {
			s.notPosted(request, "MSG needs a thread and a text.")
		}
		return incorrect.say(), (*session).command
	case w.last:
		s.c.Heard(name, len(request))
		return "", nil
	}
	s.c.Heard(name, len(request))
	text, err := w.serve(s, ctx, a)
	if err != nil {
		text = w.explain(s, err, a)
	}
	if w.printed {
		text = legacy.Cut(s.unsaid+text, maxMessage)
		s.unsaid = ""
	}
	if w.hushed && err != nil && forum.KindOf(err) != forum.NotFound {
		s.notPosted(request, text)
	}
	return text, (*session).command
}

// notPosted keeps the reason for later: to a message that was not posted, the client only
// ever says that there is no such thread.
func (s *session) notPosted(request, reason string) {
	s.unsaid = fmt.Sprintf("%s: %s\n", legacy.OneLine(strings.TrimSpace(request), maxQuoted), reason)
}

// maxQuoted is how many bytes of a request tell which one it was.
const maxQuoted = 60

// room returns how many bytes a list can have.
func (s *session) room() int { return maxMessage - len(s.unsaid) }

// explain returns the sentence for an error.
func (w word) explain(s *session, err error, a arguments) string {
	if sentence, ok := errors.AsType[refusal](err); ok {
		return string(sentence)
	}
	if sentence, ok := w.refused[forum.KindOf(err)]; ok && !errors.Is(err, rules.ErrModerated) {
		return sentence.say(a.thread())
	}
	return legacy.Cut(legacy.Explain(s.c.Checked(err)), maxMessage)
}

// refusal is an error with a sentence of the dialect.
type refusal string

func (r refusal) Error() string { return string(r) }

func (s sentence) refuse(parts ...string) error { return refusal(s.say(parts...)) }
