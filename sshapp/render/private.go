package render

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"sshforum/forum"
	"sshforum/forum/command"
)

func (t *Text) privateSent(r command.PrivateSent) error {
	if r.Here {
		return t.printf("Sent to %s.\n", forum.Printable(r.To))
	}
	return t.printf("Kept for %s, who is not here.\n", forum.Printable(r.To))
}

func (t *Text) saidToAll(r command.SaidToAll) error {
	line := fmt.Sprintf("Said to %d people.", r.Reached)
	switch r.Reached {
	case 0:
		line = "Nobody else is here to hear it."
		if r.Missed {
			line = "Said to nobody."
		}
	case 1:
		line = "Said to 1 person."
	}
	if r.Missed {
		line += " Some could not be reached."
	}
	return t.printf("%s\n", line)
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

// conversation marks as read what was shown, where that counts.
func (t *Text) conversation(r command.Conversation) error {
	peer := forum.Printable(r.Peer.Name)
	if r.Earlier {
		if err := t.Hint("INBOX %s --all shows earlier messages too.", peer); err != nil {
			return err
		}
	}
	for l, err := range r.Letters {
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
			t.Visit.Read(r.Peer.ID, l.Seq)
		}
	}
	return nil
}

func (t *Text) talkAsked(r command.TalkAsked) error {
	return t.printf("You have asked %s for a private talk; it begins when they agree. STOP takes it back.\n", forum.Printable(r.With.Name))
}

func (t *Text) talkBegun(r command.TalkBegun) error {
	return t.printf("The private talk with %s has begun. %s\n", forum.Printable(r.With.Name), talkHint)
}

func (t *Text) talkLineSent(r command.TalkLineSent) error {
	return t.printf("Said to %s alone.\n", forum.Printable(r.With.Name))
}

func (t *Text) talkEnded(r command.TalkEnded) error {
	with := forum.Printable(r.With.Name)
	switch r.How {
	case forum.TalkWithdrawn:
		return t.printf("You no longer ask %s for a private talk.\n", with)
	case forum.TalkRefused:
		return t.printf("You have refused a private talk with %s.\n", with)
	}
	return t.printf("The private talk with %s is over.\n", with)
}
