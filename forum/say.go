package forum

import (
	"context"
	"time"
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
func (s *Service) Say(ctx context.Context, actor Actor, text string) (Said, error) {
	text, err := CleanMessage(text, min(maxSaid, s.MessageBytes))
	if err != nil {
		return Said{}, err
	}
	if err := s.paced(actor, Sending); err != nil {
		return Said{}, err
	}
	return submit[Said](ctx, s.Journal, &sayToAll{By: actor.User, At: s.Clock(), Text: text})
}

type sayToAll struct {
	By   UserID
	At   time.Time
	Text string
}

func (c *sayToAll) Kind() string    { return "user.say" }
func (c *sayToAll) When() time.Time { return c.At }

func (c *sayToAll) Apply(tx Tx) (any, Event, error) {
	u, err := account(tx, c.By)
	if err != nil {
		return nil, Event{}, err
	}
	if err := maySpeak(u, tx.Time()); err != nil {
		return nil, Event{}, err
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
	return said, Event{Kind: SaidToAll, Actor: u.ID, Name: u.Name, Text: c.Text}, nil
}
