package render

import (
	"fmt"
	"io"
	"strings"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
)

// Text shows results in words, for people. What a person wrote passes through
// forum.Printable or forum.PrintableText on its way out.
type Text struct {
	Look     Look
	Address  Address
	Visit    *rules.Visit // told what was shown; may be nil
	Seen     *rules.Seen  // told which numbers were shown; may be nil
	Out, Err io.Writer    // for results, which Out may skip, and for what is said beside them
}

// words has the words for every result, by its schema.
var words = wordsOf(
	say((*Text).threadCreated),
	say((*Text).threadList),
	say((*Text).threadRemoved),
	say((*Text).threadRestored),
	say((*Text).threadHidden),
	say((*Text).threadUnhidden),
	say((*Text).threadText),
	say((*Text).messagePosted),
	say((*Text).messageEdited),
	say((*Text).messageDeleted),
	say((*Text).messageRestored),
	say((*Text).messageHidden),
	say((*Text).messageUnhidden),
	say((*Text).messageHistory),
	say((*Text).happened),
	say((*Text).areHere),
	say((*Text).wereHere),
	say((*Text).loginHistory),
	say((*Text).privateSent),
	say((*Text).saidToAll),
	say((*Text).inbox),
	say((*Text).conversation),
	say((*Text).blockList),
	say((*Text).blocked),
	say((*Text).unblocked),
	say((*Text).reported),
	say((*Text).reportQueue),
	say((*Text).reportsResolved),
	say((*Text).banned),
	say((*Text).unbanned),
	say((*Text).banList),
	say((*Text).talkAsked),
	say((*Text).talkBegun),
	say((*Text).talkLineSent),
	say((*Text).talkEnded),
	say((*Text).fileList),
	say((*Text).fileUploaded),
	say((*Text).fileContent),
	say((*Text).copyHint),
	say((*Text).identity),
	say((*Text).settings),
	say((*Text).passwordChanged),
	say((*Text).keyList),
	say((*Text).keyAdded),
	say((*Text).keyRemoved),
	say((*Text).levelSet),
	say((*Text).levelList),
	say((*Text).news),
	say((*Text).caughtUp),
	say((*Text).mentionList),
	say((*Text).mentionShown),
	say((*Text).messagesSince),
	say((*Text).messagesFound),
	say((*Text).accountClosed),
	say((*Text).inviteMade),
	say((*Text).inviteRevoked),
	say((*Text).inviteList),
	say((*Text).export),
	say((*Text).exportHint),
	say((*Text).threadModerated),
	say((*Text).personModerated),
	say((*Text).auditLog),
	say((*Text).modlog),
	say((*Text).overview),
	say((*Text).manual),
	say((*Text).stayed),
	say((*Text).goodbye),
	say((*Text).shuttingDown),
)

type wording struct {
	schema string
	say    func(*Text, command.Result) error
}

func say[R command.Result](f func(*Text, R) error) wording {
	var zero R
	return wording{zero.Schema(), func(t *Text, r command.Result) error { return f(t, r.(R)) }}
}

func wordsOf(all ...wording) map[string]func(*Text, command.Result) error {
	m := make(map[string]func(*Text, command.Result) error, len(all))
	for _, w := range all {
		m[w.schema] = w.say
	}
	return m
}

// Result shows a result. Errors: the output's, and those of what is read as it is shown.
func (t *Text) Result(r command.Result) error {
	render, ok := words[r.Schema()]
	if !ok {
		return fmt.Errorf("no words for %s", r.Schema())
	}
	return render(t, r)
}

// Problem shows an error's sentence, on the side where no result goes.
func (t *Text) Problem(err error) {
	fmt.Fprintln(t.Err, forum.PrintableText(command.Explain(err)))
}

// printf writes to the side of the results.
func (t *Text) printf(format string, args ...any) error {
	_, err := fmt.Fprintf(t.Out, format, args...)
	return err
}

// Hint says what one can do next: to people at a terminal, and else on the side where no
// result goes.
func (t *Text) Hint(format string, args ...any) error {
	if !t.Look.terminal {
		_, err := fmt.Fprintf(t.Err, format+"\n", args...)
		return err
	}
	return t.printf("%s\n", t.Look.faint(fmt.Sprintf(format, args...)))
}

// faint and strong are the only styles there are; both mean nothing by themselves.
func (l Look) faint(s string) string  { return l.styled("2", s) }
func (l Look) strong(s string) string { return l.styled("1", s) }

func (l Look) styled(sgr, s string) string {
	if !l.color || l.Plain || s == "" {
		return s
	}
	return "\x1b[" + sgr + "m" + s + "\x1b[m"
}

// indented returns a text for behind a label: every line after the first is moved in,
// so that no message can look like two.
func indented(text string) string {
	return strings.ReplaceAll(forum.PrintableText(text), "\n", "\n    ")
}

// Count writes a number with what it counts.
func Count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
