package render

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
)

func (t *Text) areHere(r command.AreHere) error {
	name, door := 0, 0
	for _, h := range r.People {
		name, door = max(name, ansi.StringWidth(youOr(h.Name, h.You))), max(door, len(h.Door))
	}
	for _, h := range r.People {
		if err := t.hereLine(h, name, door); err != nil {
			return err
		}
	}
	return nil
}

func (t *Text) hereLine(h rules.Here, nameWidth, doorWidth int) error {
	name, sessions := youOr(h.Name, h.You), ""
	if h.Sessions > 1 {
		sessions = fmt.Sprintf(", %d sessions", h.Sessions)
	}
	since, idle, sent := t.Look.clock(h.Since), t.Look.idle(h.Acted), Count(h.Sent, "message")
	if t.Look.Plain {
		return t.printf("%s, %s since %s, idle for %s, %s%s.\n", name, h.Door, since, idle, sent, sessions)
	}
	pad := strings.Repeat(" ", max(0, nameWidth-ansi.StringWidth(name)))
	return t.printf("%s%s   %-*s   since %s   idle %-4s   %s%s\n", t.Look.strong(name), pad, doorWidth, h.Door, since, idle, sent, sessions)
}

// youOr writes a name, and whether it is the reader's own.
func youOr(name string, you bool) string {
	if you {
		return forum.Printable(name) + " (you)"
	}
	return forum.Printable(name)
}

func (t *Text) wereHere(r command.WereHere) error {
	if len(r.People) == 0 {
		return t.printf("Nobody was here then.\n")
	}
	for _, w := range r.People {
		when := "is here"
		if !w.Left.IsZero() {
			when = "left " + t.Look.ago(w.Left)
		}
		if err := t.printf("%s %s\n", t.Look.strong(youOr(w.Name, w.You)), when); err != nil {
			return err
		}
	}
	return nil
}

func (t *Text) loginHistory(r command.LoginHistory) error {
	shown := 0
	for v, err := range r.Visits {
		if err != nil {
			return err
		}
		end := "is here"
		if !v.Ended.IsZero() {
			end = "until " + t.Look.moment(v.Ended)
		}
		err = t.printf("%s %s by %s from %s, %s\n", t.Look.moment(v.Began), t.Look.strong(forum.Printable(v.Name)), v.Door, forum.Printable(v.Source), end)
		if err != nil {
			return err
		}
		shown++
	}
	if shown == 0 {
		return t.printf("Nobody has logged in yet.\n")
	}
	return nil
}

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

func (t *Text) blockList(r command.BlockList) error {
	if len(r.Users) == 0 {
		return t.printf("You have blocked nobody.\n")
	}
	for _, u := range r.Users {
		if err := t.printf("%s\n", forum.Printable(u.Name)); err != nil {
			return err
		}
	}
	return nil
}

func (t *Text) blocked(r command.Blocked) error {
	return t.printf("You have blocked %s; UNBLOCK ends it.\n", forum.Printable(r.User.Name))
}

func (t *Text) unblocked(r command.Unblocked) error {
	return t.printf("You have unblocked %s.\n", forum.Printable(r.User.Name))
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

// clock writes a time of today, or of another day with its date.
func (l Look) clock(at time.Time) string {
	at, now := at.In(l.Zone), l.now().In(l.Zone)
	if at.YearDay() == now.YearDay() && at.Year() == now.Year() {
		return at.Format("15:04")
	}
	return at.Format("2 Jan 15:04")
}

// idle writes how long nothing was done since a time, in a few letters.
func (l Look) idle(since time.Time) string {
	switch d := l.now().Sub(since); {
	case d < time.Minute:
		return "0m"
	case d < time.Hour:
		return fmt.Sprintf("%dm", d/time.Minute)
	case d < 24*time.Hour:
		return fmt.Sprintf("%dh", d/time.Hour)
	default:
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	}
}
