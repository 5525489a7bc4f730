package render

import (
	"fmt"
	"iter"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
)

var privateRows = []row{
	// TELL
	one("sshforum.private-sent.v1", (*Text).privateSent, newPrivateSentJSON),
	// INBOX
	one("sshforum.inbox.v1", (*Text).inbox, newInboxJSON),
	// INBOX with a user, NEXT, a line for each private message
	each("sshforum.private-message.v1", (*Text).conversation,
		func(r command.Conversation) iter.Seq2[forum.PrivateMessage, error] { return r.Messages }, newPrivateMessageJSON),
}

// personJSON is a person.
type personJSON struct {
	// Name of the person.
	Person string `json:"person"`
}

// privateMessageJSON is a private message.
type privateMessageJSON struct {
	// Number of the event of its sending.
	Seq uint64 `json:"seq"`
	// When it was sent.
	At utc `json:"at"`
	// Name of the sender.
	By string `json:"by"`
	// Name of the receiver.
	To string `json:"to"`
	// The text.
	Text string `json:"text"`
}

// privateSentJSON is a private message that was sent.
type privateSentJSON struct {
	// Number of the event of its sending.
	Seq uint64 `json:"seq"`
	// When it was sent.
	At utc `json:"at"`
	// Name of the receiver.
	To string `json:"to"`
	// The text.
	Text string `json:"text"`
	// Whether the receiver is here.
	Here bool `json:"here"`
}

// inboxJSON is the list of a person's conversations.
type inboxJSON struct {
	// The conversations, those with unread messages first, then by the last message.
	Conversations []conversationJSON `json:"conversations"`
}

// conversationJSON is a conversation in private messages.
type conversationJSON struct {
	unreadPrivateJSON
	// When the last message was sent.
	Active utc `json:"active"`
}

func newPersonJSON(u forum.User) personJSON { return personJSON{u.Name} }

func newPrivateSentJSON(r command.PrivateSent) privateSentJSON {
	return privateSentJSON{r.Message.Seq, utc{r.Message.Sent}, r.To, r.Message.Text, r.Here}
}

func newInboxJSON(r command.Inbox) inboxJSON {
	return inboxJSON{list(r.Conversations, func(c rules.NamedConversation) conversationJSON {
		return conversationJSON{unreadPrivateJSON{c.Name, c.Unread}, utc{c.LastAt}}
	})}
}

func newPrivateMessageJSON(r command.Conversation, l forum.PrivateMessage) privateMessageJSON {
	names := map[forum.UserID]string{r.Me.ID: r.Me.Name, r.Peer.ID: r.Peer.Name}
	return privateMessageJSON{l.Seq, utc{l.Sent}, names[l.From], names[l.To], l.Text}
}

func (t *Text) privateSent(r command.PrivateSent) error {
	if r.Here {
		return t.printf("Sent to %s.\n", forum.Printable(r.To))
	}
	return t.printf("Kept for %s, who is not here.\n", forum.Printable(r.To))
}

func (t *Text) inbox(r command.Inbox) error {
	if len(r.Conversations) == 0 {
		return t.printf("No private messages; TELL sends one.\n")
	}
	width := 0
	for _, c := range r.Conversations {
		width = max(width, ansi.StringWidth(forum.Printable(c.Name)))
	}
	for _, c := range r.Conversations {
		name, unread := forum.Printable(c.Name), "none"
		if c.Unread > 0 {
			unread = fmt.Sprint(c.Unread)
		}
		pad := strings.Repeat(" ", width-ansi.StringWidth(name))
		line := fmt.Sprintf("%s%s   %4s unread   last %s", t.Look.strong(name), pad, unread, t.Look.ago(c.LastAt))
		if t.Look.Plain {
			line = fmt.Sprintf("%s: %s unread, last %s.", name, unread, t.Look.ago(c.LastAt))
		}
		if err := t.printf("%s\n", line); err != nil {
			return err
		}
	}
	return nil
}

// conversation also marks the shown messages as read, if the session has a visit.
func (t *Text) conversation(r command.Conversation) error {
	peer := forum.Printable(r.Peer.Name)
	if r.Earlier {
		if err := t.Hint("INBOX %s --all shows earlier messages too.", peer); err != nil {
			return err
		}
	}
	for l, err := range r.Messages {
		if err != nil {
			return err
		}
		from := peer
		if l.From == r.Me.ID {
			from = "you"
		}
		if err := t.printf("%s %s: %s\n", t.Look.faint(t.Look.moment(l.Sent)), t.Look.strong(from), indented(l.Text)); err != nil {
			return err
		}
		if t.Visit != nil {
			t.Visit.MarkConversation(r.Peer.ID, l.Seq)
		}
	}
	return nil
}
