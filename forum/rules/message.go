package rules

import (
	"cmp"
	"context"
	"slices"
	"time"

	"sshforum/forum"
	"sshforum/forum/limit"
)

// Posted is a message with its place in its thread.
type Posted struct {
	Thread  forum.Thread
	Message forum.Message
	Number  uint64 // 0 while deleted
	Author  string
	Quote   *Quote // quote of the message that it answers; nil if none, or if it was not looked up
}

// Post adds a message to a thread. Errors: Invalid if the text cannot be stored; NotFound if
// there is no such thread; Denied; Limited; Conflict if the same text was just posted, unless
// the options let it come Again; those of Once.
func (s *MessageService) Post(ctx context.Context, actor Actor, title, text string, how ...SendOption) (Posted, error) {
	c := &postMessage{Title: forum.TitleKey(title), Text: text}
	if err := s.logins.signAsGuest(c, actor); err != nil {
		return Posted{}, err
	}
	return s.post(ctx, actor, c, how)
}

func (s *MessageService) post(ctx context.Context, actor Actor, c *postMessage, how []SendOption) (p Posted, err error) {
	sending, err := newSending(how)
	if err != nil {
		return p, err
	}
	c.Once = sending.key
	if c.Text, err = forum.CleanMessage(c.Text, s.cfg.MessageBytes); err != nil {
		return p, err
	}
	c.Texts = s.cfg.Quotas.Texts
	var key limit.PostKey
	noted := false
	p, err = submitAfter(ctx, s.core, actor, c, func() (err error) {
		if c.Mentions, err = s.findMentions(c.Text); err != nil {
			return err
		}
		key = c.key()
		if ago, duplicate := s.duplicates.Begin(key, sending.mayRepeat(c)); duplicate {
			return sending.duplicateError(ago)
		}
		noted = true
		return nil
	})
	switch {
	case err == nil:
		s.duplicates.Made(key, p.Message.ID)
	case noted:
		s.duplicates.Forget(key)
	}
	return p, err
}

// EditMessage gives a message of the actor's own a new text and keeps the earlier one. The
// message becomes unread for people whom only the new text mentions. Errors: Invalid; NotFound;
// Denied; Conflict; Limited.
func (s *MessageService) EditMessage(ctx context.Context, actor Actor, target Target, text string) (Posted, error) {
	text, err := forum.CleanMessage(text, s.cfg.MessageBytes)
	if err != nil {
		return Posted{}, err
	}
	c := &editMessage{Target: target.clean(), Text: text, Texts: s.cfg.Quotas.Texts}
	return submitAfter(ctx, s.core, actor, c, func() (err error) {
		if c.Mentions, err = s.findMentions(text); err == nil {
			s.people.flushAll(ctx, c.Mentions)
		}
		return err
	})
}

// DeleteMessage deletes a message; later messages get lower numbers. It can be restored within
// the restore window. Errors: NotFound; Denied; Conflict.
func (s *MessageService) DeleteMessage(ctx context.Context, actor Actor, target Target) (Posted, error) {
	p, err := submit(ctx, s.core, actor, &deleteMessage{Target: target.clean()})
	if err == nil && p.Message.Author == actor.User {
		s.duplicates.ForgetMessage(p.Message.ID)
	}
	return p, err
}

// RestoreMessage brings a deleted message back to its place. Errors: NotFound; Denied; Conflict
// if it is not deleted.
func (s *MessageService) RestoreMessage(ctx context.Context, actor Actor, target Target) (Posted, error) {
	return submit(ctx, s.core, actor, &restoreMessage{
		Target: target.clean(), Window: s.cfg.RestoreWindow,
	})
}

func (t Target) clean() Target {
	t.Title = forum.TitleKey(t.Title)
	return t
}

type postMessage struct {
	origin

	Title    string
	Text     string
	Mentions []forum.UserID `json:",omitempty"`
	Reply    *Target        `json:",omitempty"` // a message of the thread; if set, Title is not used
	Guest    string         `json:",omitempty"` // name of the guest if By is Guests
	Once     string         `json:",omitempty"` // key of the request, see Once; "" if none
	Texts    int64          `json:",omitempty"` // quota of texts in bytes
}

func (c *postMessage) apply(tx forum.Tx, u forum.User) (Posted, error) {
	request := newOnceRequest(u, c.Once, "message.post", c.Title, c.Reply.text(), c.Text)
	switch before, found, err := request.receipt(tx); {
	case err != nil:
		return Posted{}, err
	case found:
		return c.earlierResult(tx, u, before), nil
	}
	if !u.May(forum.PostMessages, u.ID) {
		return Posted{}, forum.Errorf(forum.Denied, "You may not post messages.")
	}
	t, original, err := c.place(tx, u)
	if err != nil {
		return Posted{}, err
	}
	if err := mayAdd(tx, u, t); err != nil {
		return Posted{}, err
	}
	if err := roomForText(tx, u.ID, c.Text, c.Texts); err != nil {
		return Posted{}, err
	}
	ownEntry(tx, u, t)
	if u.ID == forum.Guests {
		t.GuestPosted = tx.Time()
	}
	t.Last++
	t.Messages++
	t.Active = tx.Time()
	m := forum.Message{
		ID: forum.MessageID{Thread: t.ID, Seq: t.Last}, Author: u.ID, Guest: c.Guest, Text: c.Text, Posted: tx.Time(),
		Reply: original.ID, Mentions: resolveMentions(tx, u, original, c.Mentions),
	}
	tx.PutThread(t)
	tx.AddMessage(m)
	request.putReceipt(tx, m.ID)
	p := Posted{Thread: t, Message: m, Number: t.Messages, Author: u.Name, Quote: quote(tx, m.Reply)}
	e := messageEvent(forum.MessagePosted, u, p)
	e.Mentions, e.Reply = m.Mentions, m.Reply
	tx.Publish(e)
	return p, nil
}

// earlierResult returns the message that an earlier request with the same key made. It is in its
// present state, or in the state of its posting if it was purged.
func (c *postMessage) earlierResult(r forum.Reader, u forum.User, before forum.Receipt) Posted {
	t, ok := r.Thread(before.Made.Thread)
	if !ok {
		t = forum.Thread{ID: before.Made.Thread, Title: c.Title}
	}
	m, ok := r.Message(before.Made)
	if !ok {
		m = forum.Message{ID: before.Made, Author: u.ID, Text: c.Text, Posted: before.At}
	}
	p := newPosted(r, t, m)
	p.Quote = quote(r, m.Reply)
	return p
}

// place returns the thread to post to, and the message that is answered, or a zero one if none.
func (c *postMessage) place(r forum.Reader, u forum.User) (t forum.Thread, original forum.Message, err error) {
	if c.Reply != nil {
		return c.Reply.resolveLive(r, u)
	}
	t, err = openThread(r, u, c.Title)
	return t, original, err
}

type editMessage struct {
	origin

	Target Target
	Text   string

	Mentions []forum.UserID `json:",omitempty"`
	Texts    int64          `json:",omitempty"` // quota of texts in bytes
}

func (c *editMessage) apply(tx forum.Tx, u forum.User) (Posted, error) {
	t, m, err := c.Target.resolveLive(tx, u)
	if err != nil {
		return Posted{}, err
	}
	if !u.May(forum.EditMessages, m.Author) {
		return Posted{}, forum.Errorf(forum.Denied, "The message belongs to another user and cannot be edited")
	}
	if err := mayWrite(tx, u, t); err != nil {
		return Posted{}, err
	}
	if err := roomForText(tx, m.Author, c.Text, c.Texts); err != nil {
		return Posted{}, err
	}
	tx.AddEdit(m.ID, forum.Edit{Text: m.Text, Until: tx.Time()})
	m.Text, m.Edited, m.Edits = c.Text, tx.Time(), m.Edits+1
	original, _ := tx.Message(m.Reply)
	earlier := m.Mentions
	m.Mentions = resolveMentions(tx, u, original, c.Mentions)
	tx.PutMessage(m)
	p := newPosted(tx, t, m)
	e := messageEvent(forum.MessageEdited, u, p)
	e.Mentions = slices.DeleteFunc(slices.Clone(m.Mentions), func(id forum.UserID) bool { return slices.Contains(earlier, id) })
	for _, id := range e.Mentions {
		unreadAgain(tx, id, t, m.ID.Seq)
	}
	tx.Publish(e)
	return p, nil
}

type deleteMessage struct {
	origin

	Target Target
}

func (c *deleteMessage) apply(tx forum.Tx, u forum.User) (Posted, error) {
	t, m, err := c.Target.resolveLive(tx, u)
	if err != nil {
		return Posted{}, err
	}
	if !u.May(forum.DeleteMessages, m.Author) {
		return Posted{}, forum.Errorf(forum.Denied, "The message belongs to another user and cannot be deleted")
	}
	p := takeOut(tx, t, m, forum.Removal{By: u.ID, At: tx.Time()})
	recordOver(tx, u, m.Author, forum.AuditEntry{Act: forum.AuditMessageDelete, Object: auditMessage(m.ID), Name: p.Author})
	e := messageEvent(forum.MessageDeleted, u, p)
	e.Text = ""
	tx.Publish(e)
	return p, nil
}

type restoreMessage struct {
	origin

	Target Target
	Window time.Duration // a message deleted longer ago cannot be restored
}

func (c *restoreMessage) apply(tx forum.Tx, u forum.User) (Posted, error) {
	t, m, err := c.Target.resolve(tx, u)
	switch {
	case err != nil:
		return Posted{}, err
	case !m.Removed.Done():
		return Posted{}, forum.Errorf(forum.Conflict, "The message is not deleted; there is nothing to restore.")
	case u.Sees(m.Author, m.Removed):
		return Posted{}, errMessageHidden
	case m.Removed.At.Before(longAgo(tx, tx.Time(), c.Window)):
		return Posted{}, forum.Errorf(forum.NotFound, "Invalid message number")
	case !u.May(forum.RestoreRemoved, m.Author) || !u.May(forum.RestoreRemoved, m.Removed.By):
		return Posted{}, forum.Errorf(forum.Denied, "The message was deleted by another user and cannot be restored")
	}
	if err := cmp.Or(mayUndo(tx, u, m.Removed), mayWrite(tx, u, t)); err != nil {
		return Posted{}, err
	}
	p := putBack(tx, t, m)
	recordOver(tx, u, m.Author, forum.AuditEntry{Act: forum.AuditMessageRestore, Object: auditMessage(m.ID), Name: p.Author})
	tx.Publish(messageEvent(forum.MessageRestored, u, p))
	return p, nil
}

// newPosted returns m with its present number and its author's name.
func newPosted(r forum.Reader, t forum.Thread, m forum.Message) Posted {
	n, _ := r.Number(m.ID)
	return Posted{Thread: t, Message: m, Number: n, Author: author(r, m)}
}

func authorName(r forum.Reader, id forum.UserID) string {
	if id == 0 {
		return Operator().Name
	}
	u, _ := r.User(id)
	return u.Name
}

func messageEvent(kind forum.EventKind, u forum.User, p Posted) forum.Event {
	e := forum.Event{
		Kind: kind, Actor: u.ID, Name: u.Name, Thread: p.Thread.ID, Title: p.Thread.Title,
		Message: p.Message.ID, Number: p.Number, Shifts: p.Thread.Shifts, Text: p.Message.Text,
	}
	if p.Message.Author != u.ID {
		e.Other = p.Message.Author
	}
	return e
}
