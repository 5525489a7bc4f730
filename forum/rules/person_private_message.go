package rules

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"sshforum/forum"
	"sshforum/forum/limit"
)

// Delivery is what became of a private message.
type Delivery struct {
	Message forum.PrivateMessage
	To      string // name of the recipient
	Here    bool   // who had a session open when it was sent
}

// SendPrivateMessage sends a private message. Errors: Invalid text, or to oneself; NotFound; Denied
// when it cannot be delivered; Conflict when the actor has blocked the recipient; Limited;
// those of Once.
func (s *PeopleService) SendPrivateMessage(ctx context.Context, actor Actor, to, text string, how ...SendOption) (Delivery, error) {
	text, err := forum.CleanMessage(text, s.cfg.MessageBytes)
	if err != nil {
		return Delivery{}, err
	}
	sending, err := newSending(how)
	if err != nil {
		return Delivery{}, err
	}
	return submit(ctx, s.core, actor, &sendPrivateMessage{To: forum.NameKey(to), Text: text, Once: sending.key, Texts: s.cfg.Quotas.Texts})
}

// NamedConversation is one conversation of an inbox.
type NamedConversation struct {
	forum.Conversation
	Name string // of the peer
}

// Inbox returns the actor's conversations, those with unread messages first, then by the
// last message.
func (s *PeopleService) Inbox(ctx context.Context, actor Actor) (inbox []NamedConversation, err error) {
	left := s.pendingOf(actor.User)
	err = s.view(actor, func(r forum.Reader) error {
		for c := range r.Conversations(actor.User) {
			inbox = append(inbox, NamedConversation{Conversation: left.conversation(r, c), Name: authorName(r, c.Peer)})
		}
		return nil
	})
	slices.SortFunc(inbox, func(a, b NamedConversation) int {
		return cmp.Or(compareBool(b.Unread > 0, a.Unread > 0), cmp.Compare(b.Last, a.Last))
	})
	return inbox, err
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// ConversationReading is a conversation that is being read. Messages reads on as it is
// ranged over, and ends with the first error.
type ConversationReading struct {
	Me, Peer forum.User
	Earlier  bool   // there are messages before the first
	Upto     uint64 // Seq of the last message
	Messages iter.Seq2[forum.PrivateMessage, error]
}

// ReadConversation opens the conversation with a person: its last messages and all unread
// ones, or all of it if last is 0. Errors: NotFound, also if they have sent each other nothing.
func (s *PeopleService) ReadConversation(ctx context.Context, actor Actor, name string, last int) (ConversationReading, error) {
	var x ConversationReading
	var after uint64
	left := s.pendingOf(actor.User)
	err := s.view(actor, func(r forum.Reader) error {
		u, ok := correspondent(r, name)
		if !ok {
			return noAccount(name)
		}
		c, ok := r.Conversation(actor.User, u.ID)
		if !ok {
			return forum.Errorf(forum.NotFound, "You and %s have sent each other nothing.", u.Name)
		}
		c = left.conversation(r, c)
		x.Peer, x.Upto = u, c.Last
		x.Me, _ = r.User(actor.User)
		if last > 0 {
			after = beforeLast(r, actor.User, u.ID, last)
			if c.Unread > 0 {
				after = min(after, c.ReadTo)
			}
			x.Earlier = after > 0
		}
		return nil
	})
	x.Messages = func(yield func(forum.PrivateMessage, error) bool) {
		s.privateMessages(ctx, actor, x.Peer.ID, after, x.Upto, yield)
	}
	return x, err
}

// correspondent returns an account, closed or not, or the operator, whose messages are the
// forum's own.
func correspondent(r forum.Reader, name string) (forum.User, bool) {
	if forum.NameKey(name) == forum.NameKey(Operator().Name) {
		return forum.User{Name: Operator().Name}, true
	}
	return r.UserByName(forum.NameKey(name))
}

// beforeLast returns the Seq of the message before the last n, or 0.
func beforeLast(r forum.Reader, a, b forum.UserID, n int) uint64 {
	for l := range r.PrivateMessagesBack(a, b) {
		if n == 0 {
			return l.Seq
		}
		n--
	}
	return 0
}

// privateMessages yields those above after and up to upto, a page in each transaction.
func (s *PeopleService) privateMessages(ctx context.Context, actor Actor, peer forum.UserID, after, upto uint64, yield func(forum.PrivateMessage, error) bool) {
	for after < upto {
		var page []forum.PrivateMessage
		bytes := 0
		err := ctx.Err()
		if err == nil {
			err = s.view(actor, func(r forum.Reader) error {
				for l := range r.PrivateMessages(actor.User, peer, after) {
					if l.Seq > upto || len(page) == pageEntries || bytes >= pageBytes {
						break
					}
					page = append(page, l)
					bytes += len(l.Text)
				}
				return nil
			})
		}
		if err != nil {
			yield(forum.PrivateMessage{}, err)
			return
		}
		for _, l := range page {
			if !yield(l, nil) {
				return
			}
		}
		if len(page) == 0 {
			return
		}
		after = page[len(page)-1].Seq
	}
}

// MarkConversation notes that the actor has read the messages of a person up to the one
// numbered seq. What is shown where it counts as read, Visit.Read notes. Errors: Limited.
func (s *PeopleService) MarkConversation(ctx context.Context, actor Actor, peer forum.UserID, seq uint64) error {
	if err := s.paced(actor, limit.Changing); err != nil {
		return err
	}
	return s.storePending(ctx, actor.User, func(t *pending) { t.markConversation(peer, ConversationMark{Shown: seq, Read: seq}) })
}

type sendPrivateMessage struct {
	origin

	To   string // a NameKey
	Text string
	Once string `json:",omitempty"` // a key, see the option

	Texts int64 `json:",omitempty"` // a quota
}

func (c *sendPrivateMessage) apply(tx forum.Tx, from forum.User) (Delivery, error) {
	to, err := person(tx, c.To)
	if err != nil {
		return Delivery{}, err
	}
	request := newOnceRequest(from, c.Once, "private.send", c.To, c.Text)
	switch before, found, err := request.receipt(tx); {
	case err != nil:
		return Delivery{}, err
	case found:
		return c.sent(tx, from, to, before), nil
	case from.ID == 0:
		return Delivery{}, errNoPerson
	case from.ID == to.ID:
		return Delivery{}, forum.Errorf(forum.Invalid, "You cannot send a message to yourself.")
	case tx.Blocked(from.ID, to.ID):
		return Delivery{}, blockedByYou(to)
	case tx.Blocked(to.ID, from.ID):
		return Delivery{}, forum.Errorf(forum.Denied, "Your message to %s cannot be delivered.", to.Name)
	}
	if err := mayAddress(from, to, tx.Time()); err != nil {
		return Delivery{}, err
	}
	if err := roomForText(tx, from.ID, c.Text, c.Texts); err != nil {
		return Delivery{}, err
	}
	l := forum.PrivateMessage{Seq: tx.Seq(), From: from.ID, To: to.ID, Text: c.Text, Sent: tx.Time()}
	d := Delivery{Message: l, To: to.Name, Here: tx.IsHere(to.ID)}
	tx.PutPrivateMessage(l)
	request.putReceipt(tx, forum.MessageID{Seq: l.Seq})
	sent := conversation(tx, from.ID, to.ID)
	sent.Last, sent.LastAt = l.Seq, l.Sent
	tx.PutConversation(sent)
	received := conversation(tx, to.ID, from.ID)
	received.Last, received.LastAt, received.Received = l.Seq, l.Sent, l.Seq
	received.Unread++
	tx.PutConversation(received)
	tx.Publish(privateMessageEvent(l, from.Name, to.Name))
	return d, nil
}

// sent returns what c has sent before. Whether the recipient is here is said of now, and
// not across a block that came in between.
func (c *sendPrivateMessage) sent(r forum.Reader, from, to forum.User, before forum.Receipt) Delivery {
	l, ok := findPrivateMessage(r, from.ID, to.ID, before.Made.Seq)
	if !ok {
		l = forum.PrivateMessage{Seq: before.Made.Seq, From: from.ID, To: to.ID, Text: c.Text, Sent: before.At}
	}
	return Delivery{Message: l, To: to.Name, Here: r.IsHere(to.ID) && !r.Blocked(to.ID, from.ID)}
}

// putOperatorMessage keeps a message of the forum's own for a person.
func putOperatorMessage(tx forum.Tx, to forum.UserID, text string) forum.PrivateMessage {
	l := forum.PrivateMessage{Seq: tx.Seq(), To: to, Text: text, Sent: tx.Time()}
	tx.PutPrivateMessage(l)
	c := conversation(tx, to, 0)
	c.Last, c.LastAt, c.Received = l.Seq, l.Sent, l.Seq
	c.Unread++
	tx.PutConversation(c)
	return l
}

// markShownIfHere notes that whoever is here hears of a message of the forum's own by the event of
// the change, and is not shown it again.
func markShownIfHere(tx forum.Tx, l forum.PrivateMessage) {
	if tx.IsHere(l.To) {
		c := conversation(tx, l.To, 0)
		c.ShownTo = l.Seq
		tx.PutConversation(c)
	}
}

// privateMessageEvent returns the event of a message, as it is sent and as it is read back.
func privateMessageEvent(l forum.PrivateMessage, from, to string) forum.Event {
	return forum.Event{
		Seq: l.Seq, At: l.Sent, Kind: forum.PrivateSent, Actor: l.From, Name: from, To: l.To, ToName: to, Text: l.Text,
	}
}

func conversation(r forum.Reader, owner, peer forum.UserID) forum.Conversation {
	c, _ := r.Conversation(owner, peer)
	c.Owner, c.Peer = owner, peer
	return c
}

func blockedByYou(u forum.User) error {
	return forum.Hinted(forum.HintUnblock, u.Name, forum.Errorf(forum.Conflict, "You have blocked %s.", u.Name))
}

// ConversationMark tells how far the messages of Peer were shown and read: up to these Seqs.
type ConversationMark struct {
	Peer        forum.UserID
	Shown, Read uint64
}

type markConversations struct {
	origin

	Marks []ConversationMark
}

// Apply only moves forward, so that marks may come late and twice.
func (c *markConversations) apply(tx forum.Tx, u forum.User) (nothing, error) {
	for _, m := range c.Marks {
		old, ok := tx.Conversation(u.ID, m.Peer)
		if !ok {
			continue
		}
		if marked := m.mark(tx, old); marked != old {
			tx.PutConversation(marked)
		}
	}
	return nothing{}, nil
}

// mark returns c with the mark set.
func (m ConversationMark) mark(r forum.Reader, c forum.Conversation) forum.Conversation {
	marked := c
	marked.ReadTo = max(c.ReadTo, min(m.Read, c.Last))
	marked.ShownTo = max(c.ShownTo, min(m.Shown, c.Last), marked.ReadTo)
	marked.Unread -= received(r, c, marked.ReadTo)
	return marked
}

// received counts the messages that c's owner got above c.ReadTo and up to seq.
func received(r forum.Reader, c forum.Conversation, seq uint64) (n uint64) {
	for l := range r.PrivateMessages(c.Owner, c.Peer, c.ReadTo) {
		if l.Seq > seq {
			break
		}
		if l.To == c.Owner {
			n++
		}
	}
	return n
}

// findPrivateMessage returns the message of two people with that number.
func findPrivateMessage(r forum.Reader, a, b forum.UserID, seq uint64) (forum.PrivateMessage, bool) {
	for l := range r.PrivateMessages(a, b, seq-1) {
		return l, l.Seq == seq
	}
	return forum.PrivateMessage{}, false
}
