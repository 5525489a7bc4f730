package render

import (
	"cmp"
	"fmt"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
)

func (t *Text) messagePosted(r command.MessagePosted) error {
	t.learn(r.Posted)
	return t.printf("Message posted to %s thread\n", forum.Printable(r.Thread.Title))
}

func (t *Text) messageEdited(command.MessageEdited) error {
	return t.printf("The message has been edited\n")
}

func (t *Text) messageDeleted(r command.MessageDeleted) error {
	t.learn(r.Posted)
	if err := t.printf("The message has been deleted\n"); err != nil {
		return err
	}
	return t.Hint("RESTORE %s id:%s brings it back until %s.", forum.Printable(r.Thread.Title), r.Message.ID, t.Look.day(r.Until))
}

func (t *Text) messageRestored(r command.MessageRestored) error {
	t.show(r.Posted)
	return t.printf("The message has been restored as number %d\n", r.Number)
}

func (t *Text) messageHidden(r command.MessageHidden) error {
	if err := t.printf("The message is hidden from all but its author and moderators\n"); err != nil {
		return err
	}
	return t.Hint("UNHIDE %s id:%s shows it again.", forum.Printable(r.Thread.Title), r.Message.ID)
}

func (t *Text) messageUnhidden(r command.MessageUnhidden) error {
	t.show(r.Posted)
	return t.printf("The message is hidden no longer; it is number %d\n", r.Number)
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

// postedLine writes a message with its thread, and notes its number as shown.
func (t *Text) postedLine(p rules.Posted) string {
	t.show(p)
	title, author := forum.Printable(p.Thread.Title), forum.Printable(cmp.Or(p.Author, "?"))
	if t.Look.Plain {
		return fmt.Sprintf("Thread %s, message %d by %s, %s: %s\n", title, p.Number, author, t.Look.ago(p.Message.Posted), indented(p.Message.Text))
	}
	return fmt.Sprintf("%s %d %s: %s\n", t.Look.faint(title), p.Number, t.Look.strong(author), indented(p.Message.Text))
}
