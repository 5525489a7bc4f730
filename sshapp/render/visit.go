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

var visitRows = []row{
	// WHO
	one("sshforum.here.v1", (*Text).areHere, func(r command.AreHere) hereListJSON { return hereListJSON{list(r.People, newHereJSON)} }),
	// WHO --since
	one("sshforum.were-here.v1", (*Text).wereHere, func(r command.WereHere) wereHereListJSON {
		return wereHereListJSON{list(r.People, newWereHereJSON)}
	}),
	// WHO --all, a line for each visit
	each("sshforum.visit.v1", (*Text).loginHistory,
		func(r command.LoginHistory) iter.Seq2[rules.NamedVisit, error] { return r.Visits },
		func(_ command.LoginHistory, v rules.NamedVisit) visitJSON { return newVisitJSON(v) }),
}

// hereListJSON is the list of people who are here.
type hereListJSON struct {
	// The people, by name and door.
	People []hereJSON `json:"people"`
}

// hereJSON is a person who is here.
type hereJSON struct {
	// Name of the person.
	Person string `json:"person"`
	// Door of their sessions, such as `shell` or `jsonchat`.
	Door string `json:"door"`
	// Beginning of their first session that is still open.
	Since utc `json:"since"`
	// When they were last active.
	Active utc `json:"active"`
	// Number of messages sent in these sessions.
	Sent int `json:"sent"`
	// Number of their open sessions by this door.
	Sessions int `json:"sessions"`
	// Whether it is the reader.
	You bool `json:"you"`
}

// wereHereListJSON is the list of people who were here since a time.
type wereHereListJSON struct {
	// The people, by name.
	People []wereHereJSON `json:"people"`
}

// wereHereJSON is a person who is or was here.
type wereHereJSON struct {
	// Name of the person.
	Person string `json:"person"`
	// Whether they are here now.
	Here bool `json:"here"`
	// When the last session ended, if the person is not here.
	Until utc `json:"until,omitzero"`
	// Whether it is the reader.
	You bool `json:"you"`
}

// visitJSON is a line of the login history.
type visitJSON struct {
	// Name of the person.
	Person string `json:"person"`
	// Door of the session.
	Door string `json:"door"`
	// IP address of the client.
	Source string `json:"source"`
	// When the session began.
	Since utc `json:"since"`
	// When the session ended; absent if it has not.
	Until utc `json:"until,omitzero"`
}

func newHereJSON(h rules.Presence) hereJSON {
	return hereJSON{h.Name, h.Door, utc{h.Since}, utc{h.Acted}, h.Sent, h.Sessions, h.You}
}

func newWereHereJSON(w rules.LastSeen) wereHereJSON {
	return wereHereJSON{w.Name, w.Left.IsZero(), utc{w.Left}, w.You}
}

func newVisitJSON(v rules.NamedVisit) visitJSON {
	return visitJSON{v.Name, v.Door, v.Source, utc{v.Began}, utc{v.Ended}}
}

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

func (t *Text) hereLine(h rules.Presence, nameWidth, doorWidth int) error {
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

// youOr returns a name, marked if it is the reader's own.
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
