package sshapp

import (
	"fmt"
	"io"
	"strings"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
)

// textRenderer shows results in words, for people. What a person wrote passes through
// forum.Printable or forum.PrintableText on its way out.
type textRenderer struct {
	look     look
	address  address
	visit    *rules.Visit // told what was shown; may be nil
	seen     *rules.Seen  // told which numbers were shown; may be nil
	out, err io.Writer    // for results, and for what is said beside them
}

// words has the words for every result, by its schema.
var words = wordsOf(
	say((*textRenderer).threadCreated),
	say((*textRenderer).threadList),
	say((*textRenderer).threadRemoved),
	say((*textRenderer).threadRestored),
	say((*textRenderer).threadHidden),
	say((*textRenderer).threadUnhidden),
	say((*textRenderer).threadText),
	say((*textRenderer).messagePosted),
	say((*textRenderer).messageEdited),
	say((*textRenderer).messageDeleted),
	say((*textRenderer).messageRestored),
	say((*textRenderer).messageHidden),
	say((*textRenderer).messageUnhidden),
	say((*textRenderer).messageHistory),
	say((*textRenderer).happened),
	say((*textRenderer).areHere),
	say((*textRenderer).wereHere),
	say((*textRenderer).loginHistory),
	say((*textRenderer).privateSent),
	say((*textRenderer).saidToAll),
	say((*textRenderer).inbox),
	say((*textRenderer).conversation),
	say((*textRenderer).blockList),
	say((*textRenderer).blocked),
	say((*textRenderer).unblocked),
	say((*textRenderer).reported),
	say((*textRenderer).reportQueue),
	say((*textRenderer).reportsResolved),
	say((*textRenderer).banned),
	say((*textRenderer).unbanned),
	say((*textRenderer).banList),
	say((*textRenderer).talkAsked),
	say((*textRenderer).talkBegun),
	say((*textRenderer).talkLineSent),
	say((*textRenderer).talkEnded),
	say((*textRenderer).fileList),
	say((*textRenderer).fileUploaded),
	say((*textRenderer).fileContent),
	say((*textRenderer).copyHint),
	say((*textRenderer).identity),
	say((*textRenderer).settings),
	say((*textRenderer).passwordChanged),
	say((*textRenderer).keyList),
	say((*textRenderer).keyAdded),
	say((*textRenderer).keyRemoved),
	say((*textRenderer).levelSet),
	say((*textRenderer).levelList),
	say((*textRenderer).news),
	say((*textRenderer).caughtUp),
	say((*textRenderer).mentionList),
	say((*textRenderer).mentionShown),
	say((*textRenderer).messagesSince),
	say((*textRenderer).messagesFound),
	say((*textRenderer).accountClosed),
	say((*textRenderer).inviteMade),
	say((*textRenderer).inviteRevoked),
	say((*textRenderer).inviteList),
	say((*textRenderer).export),
	say((*textRenderer).exportHint),
	say((*textRenderer).threadModerated),
	say((*textRenderer).personModerated),
	say((*textRenderer).auditLog),
	say((*textRenderer).modlog),
	say((*textRenderer).overview),
	say((*textRenderer).manual),
	say((*textRenderer).stayed),
	say((*textRenderer).goodbye),
	say((*textRenderer).shuttingDown),
)

type wording struct {
	schema string
	say    func(*textRenderer, command.Result) error
}

func say[R command.Result](f func(*textRenderer, R) error) wording {
	var zero R
	return wording{zero.Schema(), func(t *textRenderer, r command.Result) error { return f(t, r.(R)) }}
}

func wordsOf(all ...wording) map[string]func(*textRenderer, command.Result) error {
	m := make(map[string]func(*textRenderer, command.Result) error, len(all))
	for _, w := range all {
		m[w.schema] = w.say
	}
	return m
}

// result shows a result. Errors: the output's, and those of what is read as it is shown.
func (t *textRenderer) result(r command.Result) error {
	render, ok := words[r.Schema()]
	if !ok {
		return fmt.Errorf("no words for %s", r.Schema())
	}
	return render(t, r)
}

// problem shows an error's sentence, on the side where no result goes.
func (t *textRenderer) problem(err error) {
	fmt.Fprintln(t.err, forum.PrintableText(forum.Explain(err)))
}

// printf writes to the side of the results.
func (t *textRenderer) printf(format string, args ...any) error {
	_, err := fmt.Fprintf(t.out, format, args...)
	return err
}

// hint says what one can do next: to people at a terminal, and else on the side where no
// result goes.
func (t *textRenderer) hint(format string, args ...any) error {
	if !t.look.terminal {
		_, err := fmt.Fprintf(t.err, format+"\n", args...)
		return err
	}
	return t.printf("%s\n", t.look.faint(fmt.Sprintf(format, args...)))
}

// faint and strong are the only styles there are; both mean nothing by themselves.
func (l look) faint(s string) string  { return l.styled("2", s) }
func (l look) strong(s string) string { return l.styled("1", s) }

func (l look) styled(sgr, s string) string {
	if !l.color || l.plain || s == "" {
		return s
	}
	return "\x1b[" + sgr + "m" + s + "\x1b[m"
}

// indented returns a text for behind a label: every line after the first is moved in,
// so that no message can look like two.
func indented(text string) string {
	return strings.ReplaceAll(forum.PrintableText(text), "\n", "\n    ")
}
