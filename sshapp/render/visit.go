package render

import (
	"fmt"
	"strings"

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
