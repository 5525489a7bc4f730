package render

import (
	"cmp"
	"fmt"
	"io"
	"iter"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
)

var threadTextRows = []row{
	// RDT, NEXT, a line for each message
	each("sshforum.message.v1", (*Text).threadText,
		func(r command.ThreadText) iter.Seq2[rules.Entry, error] { return r.Entries },
		func(r command.ThreadText, e rules.Entry) messageJSON { return newEntryJSON(r.Thread, e) }),
}

func newEntryJSON(thread forum.Thread, e rules.Entry) messageJSON {
	m := newMessageJSON(rules.Posted{Thread: thread, Message: e.Message, Number: e.Number, Author: e.Author, Quote: e.Quote})
	m.Folded = e.Folded
	return m
}

func (t *Text) threadText(r command.ThreadText) error {
	if r.Unread > 0 {
		if err := t.printf("Thread %s, %d unread:\n", forum.Printable(r.Thread.Title), r.Unread); err != nil {
			return err
		}
	}
	if r.Thread.Removed.Hidden {
		if err := t.printf("Thread %s is %s\n", forum.Printable(r.Thread.Title), hiddenWords(r.Thread.Removed)); err != nil {
			return err
		}
	}
	shown, messages, after := 0, 0, r.After
	for e, err := range r.Entries {
		if err != nil {
			return err
		}
		if err := t.entry(r.Thread, e); err != nil {
			return err
		}
		t.markRead(r.Thread.ID, after+1, e.Message.ID.Seq)
		after = e.Message.ID.Seq
		shown++
		if e.Number == 0 {
			continue
		}
		messages++
		if t.Seen != nil {
			t.Seen.Show(r.Thread, e.Number, e.Message.ID)
		}
	}
	t.markRead(r.Thread.ID, after+1, r.Thread.Last)
	switch {
	case shown == 0 && r.Thread.Messages == 0:
		return t.printf("Thread %s is empty\n", forum.Printable(r.Thread.Title))
	case shown == 0:
		return t.printf("Thread %s has no message in that range\n", forum.Printable(r.Thread.Title))
	case t.Look.Plain:
		return t.printf("End of Thread %s, %s shown.\n", forum.Printable(r.Thread.Title), Count(messages, "message"))
	}
	return nil
}

func (t *Text) entry(thread forum.Thread, e rules.Entry) error {
	author := forum.Printable(cmp.Or(e.Author, "?"))
	title := forum.Printable(thread.Title)
	switch {
	case e.Folded && e.Number == 0:
		return t.printf("%s\n", foldedWords("a file by "+author, "RDT "+title))
	case e.Folded:
		return t.printf("%d %s\n", e.Number, foldedWords("by "+author, fmt.Sprintf("RDT %s --from %d", title, e.Number)))
	case e.Message.Upload != "":
		return t.printf("%s uploaded %s\n", t.Look.strong(author), forum.Printable(e.Message.Upload))
	case e.Message.Removed.Hidden:
		return t.printf("id:%s %s (%s): %s\n", e.Message.ID, t.Look.strong(author), hiddenWords(e.Message.Removed), indented(e.Message.Text))
	}
	edited := !e.Message.Edited.IsZero()
	if t.Look.Plain {
		when := t.Look.ago(e.Message.Posted)
		if edited {
			when += ", edited"
		}
		if e.Quote != nil {
			when += ", " + quoteWords(e.Quote)
		}
		return t.printf("Message %d of %d by %s, %s: %s\n", e.Number, thread.Messages, author, when, indented(e.Message.Text))
	}
	return t.printf("%s%d %s: %s%s\n", t.quoteLine(e.Quote), e.Number, t.Look.strong(author), indented(e.Message.Text), t.mark(edited))
}

// WriteThread writes a thread as a file: as text in the form of the original programs' files,
// with the creator on the first line, or as JSON. Errors: those of the writer, and those of
// reading the thread.
func WriteThread(w io.Writer, r rules.Reading, asJSON bool) error {
	result := command.ThreadText{Reading: r}
	if asJSON {
		return (&JSON{Out: w}).Result(result)
	}
	t := &Text{Out: w}
	if err := t.printf("%s\n", forum.Printable(r.Creator)); err != nil {
		return err
	}
	for e, err := range r.Entries {
		if err != nil {
			return err
		}
		if err := t.entry(r.Thread, e); err != nil {
			return err
		}
	}
	return nil
}

// foldedWords returns the text shown instead of a text by a person whom the reader has blocked.
func foldedWords(what, command string) string {
	return fmt.Sprintf("(folded: %s, whom you blocked; %s --unfold shows it)", what, command)
}

// mark returns the mark of an edit, for people at a terminal. Otherwise a line is only the
// message.
func (t *Text) mark(edited bool) string {
	if !edited || !t.Look.terminal {
		return ""
	}
	return " " + t.Look.faint("(edited)")
}

// hiddenWords returns the mark of a hidden thread or message, for readers who may see it.
func hiddenWords(r forum.Removal) string {
	return "hidden by a moderator: " + forum.Printable(r.Reason)
}

// quoteLine returns the line above a reply. No line of a message can look like it: each follows
// its number, or is indented.
func (t *Text) quoteLine(q *rules.Quote) string {
	if q == nil || !t.Look.terminal {
		return ""
	}
	return t.Look.faint("["+quoteWords(q)+"]") + "\n"
}

func quoteWords(q *rules.Quote) string {
	switch author := forum.Printable(q.Author); {
	case q.Number == 0:
		return "to a deleted message"
	case q.Excerpt == "":
		return fmt.Sprintf("to %d %s", q.Number, author)
	default:
		return fmt.Sprintf("to %d %s: %s", q.Number, author, forum.Printable(q.Excerpt))
	}
}
