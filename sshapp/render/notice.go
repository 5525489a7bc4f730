package render

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"sshforum/forum"
	"sshforum/forum/rules"
)

// noticeWords has a function for the text of every reason for a notice. It also returns whether
// the text is complete.
var noticeWords = map[rules.Why]func(*Text, rules.Notice) (line string, whole bool){
	rules.WhyTold: func(t *Text, n rules.Notice) (string, bool) {
		if n.Kind == forum.FileDropped {
			return t.droppedHere(n.Event), true
		}
		return t.quoted(n, t.who(n)+" to you", "INBOX "+forum.Printable(n.Name))
	},
	rules.WhySaid: func(t *Text, n rules.Notice) (string, bool) {
		return t.quoted(n, t.who(n)+" to all", fmt.Sprintf("FOLLOW --after %d", n.Seq-1))
	},
	rules.WhyMentioned: func(t *Text, n rules.Notice) (string, bool) {
		return t.quotedPost(n, "@you by ")
	},
	rules.WhyWatched: func(t *Text, n rules.Notice) (string, bool) {
		if n.Kind == forum.MessagePosted {
			return t.quotedPost(n, "")
		}
		return eventWords[n.Kind](t, n.Event), true
	},
	rules.WhyPresence: func(t *Text, n rules.Notice) (string, bool) {
		if n.Kind == forum.UserWent {
			return t.who(n) + " has left", true
		}
		return t.who(n) + " is here", true
	},
	rules.WhyReported: func(t *Text, n rules.Notice) (string, bool) { return reportFiled(t, n.Event), false },
	rules.WhyResolved: func(t *Text, n rules.Notice) (string, bool) { return saidByForum(t, n.Event), false },
	rules.WhyLinked:   func(t *Text, n rules.Notice) (string, bool) { return saidByForum(t, n.Event), true },
	rules.WhyStorable: func(_ *Text, n rules.Notice) (string, bool) { return n.Text, true },
	rules.WhyTalkAsked: func(t *Text, n rules.Notice) (string, bool) {
		return fmt.Sprintf("%s asks for a private talk: PRIVATE %[2]s begins it, STOP %[2]s refuses.", t.who(n), forum.Printable(n.Name)), true
	},
	rules.WhyTalkBegun: func(t *Text, n rules.Notice) (string, bool) {
		return fmt.Sprintf("The private talk with %s has begun. %s", t.who(n), talkHint), true
	},
	rules.WhyTalkLine: func(t *Text, n rules.Notice) (string, bool) {
		return t.who(n) + ": " + indented(n.Text), true
	},
	rules.WhyTalkEnded: func(t *Text, n rules.Notice) (string, bool) {
		return fmt.Sprintf("The private talk with %s is over.", t.who(n)), true
	},
	rules.WhyTalkRefused: func(t *Text, n rules.Notice) (string, bool) {
		return t.who(n) + " has refused a private talk.", true
	},
	rules.WhyTalkUnanswered: func(t *Text, n rules.Notice) (string, bool) {
		return fmt.Sprintf("%s has not answered; PRIVATE %s asks again.", t.who(n), forum.Printable(n.Name)), true
	},
	rules.WhyTalkWithdrawn: func(t *Text, n rules.Notice) (string, bool) {
		return t.who(n) + " no longer asks for a private talk.", true
	},
}

// talkHint tells how to go on in a private talk.
const talkHint = "What you type goes there; /LST and so on are commands, STOP ends it."

// Notice writes a notice, and reports whether the text was complete.
func (t *Text) Notice(n rules.Notice) (whole bool) {
	text, known := noticeWords[n.Why]
	if !known {
		return false
	}
	line, whole := text(t, n)
	_ = t.printf("%s\n", line)
	return whole
}

// PrivateMessage writes a private message that waited for the person, and reports whether the
// text was complete.
func (t *Text) PrivateMessage(e forum.Event) (whole bool) {
	n := rules.Notice{Event: e, Why: rules.WhyTold}
	line, whole := t.quoted(n, fmt.Sprintf("%s to you, %s", t.who(n), t.Look.ago(e.At)), "INBOX "+forum.Printable(n.Name))
	_ = t.printf("%s\n", line)
	return whole
}

// Missed writes the number of notices that were not shown.
func (t *Text) Missed(notices uint64) {
	_ = t.printf("You missed %s; NEW shows what is unread.\n", Count(int(notices), "notice"))
}

func (t *Text) who(n rules.Notice) string { return t.Look.strong(forum.Printable(n.Name)) }

func (t *Text) quotedPost(n rules.Notice, label string) (string, bool) {
	title := forum.Printable(n.Title)
	label += fmt.Sprintf("%s in %s (%d)", t.who(n), title, n.Number)
	return t.quoted(n, label, fmt.Sprintf("RDT %s --from %d", title, n.Number))
}

// Limits of the text of a notice.
const (
	noticeLines   = 4
	noticeColumns = 400
	noticeBytes   = 4 << 10
)

// quoted returns the text of a notice after a label. If the text is too long it returns the
// beginning, with the command that shows all of it.
func (t *Text) quoted(n rules.Notice, label, command string) (line string, whole bool) {
	text := n.Text
	if lines := strings.SplitN(text, "\n", noticeLines+1); len(lines) > noticeLines {
		text = strings.Join(lines[:noticeLines], "\n")
	}
	text = strings.ToValidUTF8(text[:min(len(text), noticeBytes)], "")
	text = ansi.Truncate(forum.PrintableText(text), noticeColumns, "")
	if text == forum.PrintableText(n.Text) {
		return label + ": " + indented(text), true
	}
	return fmt.Sprintf("%s: %s… %s", label, indented(text), t.Look.faint(command+" shows all of it.")), false
}
