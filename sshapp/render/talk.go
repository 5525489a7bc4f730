package render

import (
	"fmt"

	"sshforum/forum"
	"sshforum/forum/command"
)

var talkRows = []row{
	// SAY
	one("sshforum.said.v1", (*Text).saidToAll, func(r command.SaidToAll) saidToAllJSON { return saidToAllJSON{r.Reached, r.Missed} }),
	// PRIVATE with a user
	one("sshforum.talk-asked.v1", (*Text).talkAsked, func(r command.TalkAsked) personJSON { return newPersonJSON(r.With) }),
	// PRIVATE with a user who has asked
	one("sshforum.talk-begun.v1", (*Text).talkBegun, func(r command.TalkBegun) personJSON { return newPersonJSON(r.With) }),
	// PRIVATE with a text
	one("sshforum.talk-line-sent.v1", (*Text).talkLineSent, func(r command.TalkLineSent) personJSON { return newPersonJSON(r.With) }),
	// STOP
	one("sshforum.talk-ended.v1", (*Text).talkEnded, func(r command.TalkEnded) personJSON { return newPersonJSON(r.With) }),
}

// saidToAllJSON is the result of saying something to all.
type saidToAllJSON struct {
	// Number of people it reached.
	Reached int `json:"reached"`
	// Whether it did not reach some people who are here.
	Missed bool `json:"missed"`
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

func (t *Text) talkAsked(r command.TalkAsked) error {
	return t.printf("You have asked %s for a private talk; it begins when they agree. STOP takes it back.\n", forum.Printable(r.With.Name))
}

func (t *Text) talkBegun(r command.TalkBegun) error {
	return t.printf("The private talk with %s has begun. %s\n", forum.Printable(r.With.Name), talkHint)
}

func (t *Text) talkLineSent(r command.TalkLineSent) error {
	return t.printf("Said only to %s.\n", forum.Printable(r.With.Name))
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
