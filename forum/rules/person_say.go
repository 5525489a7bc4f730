package rules

import (
	"context"

	"sshforum/forum"
)

// Said is what became of a message to everyone who is here.
type Said struct {
	Reached int  // people
	Missed  bool // it did not reach all who are here
}

// maxSaid bounds what is said to all, in bytes. Nothing but the events has it, of which there
// are many (limits.events_kept), and no quota counts it.
const maxSaid = 8 << 10

// Say sends a message to everyone who is here, kept by nobody. Errors: Invalid text; Limited.
func (s *PeopleService) Say(ctx context.Context, actor Actor, text string) (Said, error) {
	text, err := forum.CleanMessage(text, min(maxSaid, s.cfg.MessageBytes))
	if err != nil {
		return Said{}, err
	}
	return submit(ctx, s.core, actor, &sayToAll{Text: text})
}

type sayToAll struct {
	origin

	Text string
}

func (c *sayToAll) apply(tx forum.Tx, u forum.User) (Said, error) {
	if err := maySpeak(u, tx.Time()); err != nil {
		return Said{}, err
	}
	var said Said
	last := u.ID
	for v := range tx.VisitsOpen() {
		if v.User == last || v.User == u.ID {
			continue
		}
		last = v.User
		if tx.Blocked(u.ID, v.User) || tx.Blocked(v.User, u.ID) {
			said.Missed = true
		} else {
			said.Reached++
		}
	}
	tx.Publish(forum.Event{Kind: forum.SaidToAll, Actor: u.ID, Name: u.Name, Text: c.Text})
	return said, nil
}
