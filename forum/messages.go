package forum

import (
	"context"
	"time"
)

// Posted is a message as it stands in its thread.
type Posted struct {
	Thread  Thread
	Message Message
	Number  uint64 // 0 while deleted
	Author  string
}

// Post adds a message to a thread. Errors: Invalid text; NotFound; Denied.
func (s *Service) Post(ctx context.Context, actor Actor, title, text string) (Posted, error) {
	text, err := CleanMessage(text, s.MessageBytes)
	if err != nil {
		return Posted{}, err
	}
	return submit[Posted](ctx, s.Journal, &postMessage{By: actor.User, At: s.Clock(), Title: TitleKey(title), Text: text})
}

// EditMessage gives an own message a new text and keeps the earlier one. Errors:
// Invalid; NotFound; Denied; Conflict.
func (s *Service) EditMessage(ctx context.Context, actor Actor, target Target, text string) (Posted, error) {
	text, err := CleanMessage(text, s.MessageBytes)
	if err != nil {
		return Posted{}, err
	}
	return submit[Posted](ctx, s.Journal, &editMessage{By: actor.User, At: s.Clock(), Target: target.clean(), Text: text})
}

// DeleteMessage takes a message away; later ones renumber. It can be restored within the
// restore window. Errors: NotFound; Denied; Conflict.
func (s *Service) DeleteMessage(ctx context.Context, actor Actor, target Target) (Posted, error) {
	return submit[Posted](ctx, s.Journal, &deleteMessage{By: actor.User, At: s.Clock(), Target: target.clean()})
}

// RestoreMessage brings a deleted message back to its place. Errors: NotFound; Denied;
// Conflict when it is not deleted.
func (s *Service) RestoreMessage(ctx context.Context, actor Actor, target Target) (Posted, error) {
	return submit[Posted](ctx, s.Journal, &restoreMessage{
		By: actor.User, At: s.Clock(), Target: target.clean(), Since: s.Clock().Add(-s.RestoreWindow),
	})
}

func (t Target) clean() Target {
	t.Title = TitleKey(t.Title)
	return t
}

type postMessage struct {
	By    UserID
	At    time.Time
	Title string
	Text  string
}

func (c *postMessage) Kind() string    { return "message.post" }
func (c *postMessage) When() time.Time { return c.At }

func (c *postMessage) Apply(tx Tx) (any, Event, error) {
	u, err := account(tx, c.By)
	if err != nil {
		return nil, Event{}, err
	}
	if !u.May(PostMessages, u.ID) {
		return nil, Event{}, Errorf(Denied, "You may not post messages.")
	}
	t, err := liveThread(tx, c.Title)
	if err != nil {
		return nil, Event{}, err
	}
	t.Last++
	t.Messages++
	t.Active = tx.Time()
	m := Message{ID: MessageID{Thread: t.ID, Seq: t.Last}, Author: c.By, Text: c.Text, Posted: tx.Time()}
	tx.PutThread(t)
	tx.PutMessage(m)
	p := Posted{Thread: t, Message: m, Number: t.Messages, Author: u.Name}
	return p, messageEvent(MessagePosted, u, p), nil
}

type editMessage struct {
	By     UserID
	At     time.Time
	Target Target
	Text   string
}

func (c *editMessage) Kind() string    { return "message.edit" }
func (c *editMessage) When() time.Time { return c.At }

func (c *editMessage) Apply(tx Tx) (any, Event, error) {
	u, err := account(tx, c.By)
	if err != nil {
		return nil, Event{}, err
	}
	t, m, err := c.Target.live(tx)
	if err != nil {
		return nil, Event{}, err
	}
	if !u.May(EditMessages, m.Author) {
		return nil, Event{}, Errorf(Denied, "The message belongs to another user and cannot be edited")
	}
	tx.AddEdit(m.ID, Edit{Text: m.Text, Until: tx.Time()})
	m.Text, m.Edited, m.Edits = c.Text, tx.Time(), m.Edits+1
	tx.PutMessage(m)
	p := standing(tx, t, m)
	return p, messageEvent(MessageEdited, u, p), nil
}

type deleteMessage struct {
	By     UserID
	At     time.Time
	Target Target
}

func (c *deleteMessage) Kind() string    { return "message.delete" }
func (c *deleteMessage) When() time.Time { return c.At }

func (c *deleteMessage) Apply(tx Tx) (any, Event, error) {
	u, err := account(tx, c.By)
	if err != nil {
		return nil, Event{}, err
	}
	t, m, err := c.Target.live(tx)
	if err != nil {
		return nil, Event{}, err
	}
	if !u.May(DeleteMessages, m.Author) {
		return nil, Event{}, Errorf(Denied, "The message belongs to another user and cannot be deleted")
	}
	p := standing(tx, t, m)
	p.Message.Removed = Removal{By: c.By, At: tx.Time()}
	p.Thread.Messages--
	p.Thread.Shifts++
	tx.PutThread(p.Thread)
	tx.PutMessage(p.Message)
	e := messageEvent(MessageDeleted, u, p)
	e.Text = ""
	return p, e, nil
}

type restoreMessage struct {
	By     UserID
	At     time.Time
	Target Target
	Since  time.Time // what was deleted earlier stays deleted
}

func (c *restoreMessage) Kind() string    { return "message.restore" }
func (c *restoreMessage) When() time.Time { return c.At }

func (c *restoreMessage) Apply(tx Tx) (any, Event, error) {
	u, err := account(tx, c.By)
	if err != nil {
		return nil, Event{}, err
	}
	t, m, err := c.Target.resolve(tx)
	switch {
	case err != nil:
		return nil, Event{}, err
	case !m.Removed.Done():
		return nil, Event{}, Errorf(Conflict, "The message is not deleted; there is nothing to restore.")
	case m.Removed.At.Before(c.Since):
		return nil, Event{}, Errorf(NotFound, "Invalid message number")
	case !u.May(RestoreRemoved, m.Author) || !u.May(RestoreRemoved, m.Removed.By):
		return nil, Event{}, Errorf(Denied, "The message was deleted by another user and cannot be restored")
	}
	m.Removed = Removal{}
	t.Messages++
	t.Shifts++
	tx.PutThread(t)
	tx.PutMessage(m)
	p := standing(tx, t, m)
	return p, messageEvent(MessageRestored, u, p), nil
}

// standing returns m with its present number and its author's name.
func standing(r Reader, t Thread, m Message) Posted {
	n, _ := r.Number(m.ID)
	return Posted{Thread: t, Message: m, Number: n, Author: authorName(r, m.Author)}
}

func authorName(r Reader, id UserID) string {
	if id == 0 {
		return Operator().Name
	}
	u, _ := r.User(id)
	return u.Name
}

func messageEvent(kind EventKind, u User, p Posted) Event {
	return Event{
		Kind: kind, Actor: u.ID, Name: u.Name, Thread: p.Thread.ID, Title: p.Thread.Title,
		Message: p.Message.ID, Number: p.Number, Shifts: p.Thread.Shifts, Text: p.Message.Text,
	}
}
