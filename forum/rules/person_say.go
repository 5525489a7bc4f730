package rules

import (
	"context"

	"sshforum/forum"
)

// Said is the result of a message to everyone who is here.
type Said struct {
	Reached int  // number of people who get it
	Missed  bool // it does not reach some people, because of blocks
}

// maxSaid is the longest message to everyone, in bytes. No quota counts these messages; only
// the kept events have them, which are many (limits.events_kept).
const maxSaid = 8 << 10

// Say sends a message to everyone who is here. It is kept only as an event. Errors: Invalid
// text; Denied if the actor is silenced; Limited.
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
