package render

import (
	"cmp"
	"fmt"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
)

var messageRows = []row{
	// MSG, REPLY
	one("sshforum.message-posted.v1", (*Text).messagePosted, func(r command.MessagePosted) messageJSON { return newMessageJSON(r.Posted) }),
	// EDT
	one("sshforum.message-edited.v1", (*Text).messageEdited, func(r command.MessageEdited) messageJSON { return newMessageJSON(r.Posted) }),
	// DLT
	one("sshforum.message-deleted.v1", (*Text).messageDeleted, func(r command.MessageDeleted) deletedMessageJSON {
		return deletedMessageJSON{newMessageJSON(r.Posted), utc{r.Until}}
	}),
	// RESTORE of a message
	one("sshforum.message-restored.v1", (*Text).messageRestored, func(r command.MessageRestored) messageJSON { return newMessageJSON(r.Posted) }),
	// HIDE of a message
	one("sshforum.message-hidden.v1", (*Text).messageHidden, func(r command.MessageHidden) messageJSON { return newMessageJSON(r.Posted) }),
	// UNHIDE of a message
	one("sshforum.message-unhidden.v1", (*Text).messageUnhidden, func(r command.MessageUnhidden) messageJSON { return newMessageJSON(r.Posted) }),
	// HIS
	one("sshforum.history.v1", (*Text).messageHistory, func(r command.MessageHistory) historyJSON { return newHistoryJSON(r.History) }),
}

// messageJSON is a message of a thread, or an entry for an uploaded file.
type messageJSON struct {
	// Title of the thread.
	Thread string `json:"thread"`
	// Permanent id of the message, such as `12.7`.
	ID forum.MessageID `json:"id"`
	// Present number in the thread; a removed message, and a file, has none.
	Number uint64 `json:"number,omitempty"`
	// Name of the person who wrote or uploaded it.
	By string `json:"by"`
	// When it was posted or uploaded.
	At utc `json:"at"`
	// Text of the message.
	Text string `json:"text,omitempty"`
	// Name of the file that was uploaded.
	File string `json:"file,omitempty"`
	// The message that it answers.
	ReplyTo *replyJSON `json:"reply_to,omitempty"`
	// When it was last edited.
	Edited utc `json:"edited,omitzero"`
	// When it was deleted.
	Removed utc `json:"removed,omitzero"`
	// Reason and time, if a moderator has hidden it.
	Hidden *hiddenJSON `json:"hidden,omitempty"`
	// Whether it is by a person whom the reader has blocked; then it has neither text nor file.
	Folded bool `json:"folded,omitempty"`
}

// replyJSON is a message that another one answers. If it was deleted, only its id is given.
type replyJSON struct {
	// Permanent id of the message.
	ID forum.MessageID `json:"id"`
	// Present number in the thread.
	Number uint64 `json:"number,omitempty"`
	// Name of the person who wrote it.
	By string `json:"by,omitempty"`
	// Its beginning, unless the reader has blocked its author.
	Excerpt string `json:"excerpt,omitempty"`
}

// deletedMessageJSON is a message that was deleted.
type deletedMessageJSON struct {
	messageJSON
	// Until when it can be restored.
	Until utc `json:"restorable_until"`
}

// historyJSON is a message with its earlier texts.
type historyJSON struct {
	messageJSON
	// The earlier texts, the oldest first.
	Earlier []editJSON `json:"earlier"`
}

// editJSON is an earlier text of a message.
type editJSON struct {
	// The text.
	Text string `json:"text"`
	// When the next text replaced it.
	Until utc `json:"until"`
}

func newMessageJSON(p rules.Posted) messageJSON {
	m := messageJSON{
		Thread: p.Thread.Title, ID: p.Message.ID, Number: p.Number, By: p.Author, At: utc{p.Message.Posted},
		Text: p.Message.Text, File: p.Message.Upload, ReplyTo: newReplyJSON(p.Message.Reply, p.Quote),
		Edited: utc{p.Message.Edited}, Hidden: newHiddenJSON(p.Message.Removed),
	}
	if m.Hidden == nil {
		m.Removed = utc{p.Message.Removed.At}
	}
	return m
}

func newReplyJSON(id forum.MessageID, q *rules.Quote) *replyJSON {
	switch {
	case id.IsZero():
		return nil
	case q == nil || q.Number == 0:
		return &replyJSON{ID: id}
	}
	return &replyJSON{id, q.Number, q.Author, q.Excerpt}
}

func newHistoryJSON(h rules.History) historyJSON {
	return historyJSON{newMessageJSON(h.Posted), list(h.Earlier, func(e forum.Edit) editJSON { return editJSON{e.Text, utc{e.Until}} })}
}

func (t *Text) messagePosted(r command.MessagePosted) error {
	t.noteOwn(r.Posted)
	return t.printf("Message posted to %s thread\n", forum.Printable(r.Thread.Title))
}

func (t *Text) messageEdited(command.MessageEdited) error {
	return t.printf("The message has been edited\n")
}

func (t *Text) messageDeleted(r command.MessageDeleted) error {
	t.noteOwn(r.Posted)
	if err := t.printf("The message has been deleted\n"); err != nil {
		return err
	}
	return t.Hint("RESTORE %s id:%s brings it back until %s.", forum.Printable(r.Thread.Title), r.Message.ID, t.Look.day(r.Until))
}

func (t *Text) messageRestored(r command.MessageRestored) error {
	t.noteShown(r.Posted)
	return t.printf("The message has been restored as number %d\n", r.Number)
}

func (t *Text) messageHidden(r command.MessageHidden) error {
	if err := t.printf("The message is hidden from all but its author and moderators\n"); err != nil {
		return err
	}
	return t.Hint("UNHIDE %s id:%s shows it again.", forum.Printable(r.Thread.Title), r.Message.ID)
}

func (t *Text) messageUnhidden(r command.MessageUnhidden) error {
	t.noteShown(r.Posted)
	return t.printf("The message is no longer hidden; it is number %d\n", r.Number)
}

func (t *Text) messageHistory(r command.MessageHistory) error {
	for _, e := range r.Earlier {
		if err := t.printf("until %s: %s\n", t.Look.moment(e.Until), indented(e.Text)); err != nil {
			return err
		}
	}
	if r.Message.Removed.Hidden {
		return t.printf("%s\nlast: %s\n", hiddenWords(r.Message.Removed), indented(r.Message.Text))
	}
	return t.printf("now: %s\n", indented(r.Message.Text))
}

// postedLine returns a message with its thread, and notes its number as shown.
func (t *Text) postedLine(p rules.Posted) string {
	t.noteShown(p)
	title, author := forum.Printable(p.Thread.Title), forum.Printable(cmp.Or(p.Author, "?"))
	if t.Look.Plain {
		return fmt.Sprintf("Thread %s, message %d by %s, %s: %s\n", title, p.Number, author, t.Look.ago(p.Message.Posted), indented(p.Message.Text))
	}
	return fmt.Sprintf("%s %d %s: %s\n", t.Look.faint(title), p.Number, t.Look.strong(author), indented(p.Message.Text))
}
