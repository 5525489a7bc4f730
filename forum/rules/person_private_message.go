package rules

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"sshforum/forum"
	"sshforum/forum/limit"
)

// Delivery is the result of sending a private message.
type Delivery struct {
	Message forum.PrivateMessage
	To      string // name of the recipient
	Here    bool   // the recipient had an open session then
}

// SendPrivateMessage sends a private message. Errors: Invalid text, or recipient who is the
// actor; NotFound; Denied if the message cannot be delivered; Conflict if the actor has blocked
// the recipient; Limited; those of Once.
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
	Name string // name of the peer
}

// Inbox returns the actor's conversations: those with unread messages first, then by the time
// of the last message, latest first.
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

// ConversationReading is a conversation that is being read. Messages reads one page at a time
// while it is ranged over, and ends with the first error.
type ConversationReading struct {
	Me, Peer forum.User
	Earlier  bool   // there are messages before the first one yielded
	Upto     uint64 // Seq of the last message
	Messages iter.Seq2[forum.PrivateMessage, error]
}

// ReadConversation opens the conversation with a person: its last messages, as many as last
// says, and all unread ones, or all messages if last is 0. Errors: NotFound, also if the two
// have never exchanged messages.
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

// correspondent returns an account, closed or not, or the operator, who sends the forum's own
// messages.
func correspondent(r forum.Reader, name string) (forum.User, bool) {
	if forum.NameKey(name) == forum.NameKey(Operator().Name) {
		return forum.User{Name: Operator().Name}, true
	}
	return r.UserByName(forum.NameKey(name))
}

// beforeLast returns the Seq of the message before the last n of a conversation, or 0 if there
// is none.
func beforeLast(r forum.Reader, a, b forum.UserID, n int) uint64 {
	for l := range r.PrivateMessagesBack(a, b) {
		if n == 0 {
			return l.Seq
		}
		n--
	}
	return 0
}

// privateMessages yields the messages with a Seq above after and up to upto, a page in each
// transaction.
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

// MarkConversation notes that the actor has read the messages of a person up to Seq seq. A
// session whose output counts as read uses Visit.MarkConversation instead. Errors: Limited.
func (s *PeopleService) MarkConversation(ctx context.Context, actor Actor, peer forum.UserID, seq uint64) error {
	if err := s.checkPace(actor, limit.Changing); err != nil {
		return err
	}
	return s.storePending(ctx, actor.User, func(t *pending) { t.markConversation(peer, ConversationMark{Shown: seq, Read: seq}) })
}

type sendPrivateMessage struct {
	origin

	To   string // a NameKey
	Text string
	Once string `json:",omitempty"` // key of the request, see Once; "" if none

	Texts int64 `json:",omitempty"` // quota of texts in bytes
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
		return c.earlierResult(tx, from, to, before), nil
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

// earlierResult returns the delivery that an earlier request with the same key made. Here has its
// present value, and is false if the recipient has blocked the sender since.
func (c *sendPrivateMessage) earlierResult(r forum.Reader, from, to forum.User, before forum.Receipt) Delivery {
	l, ok := findPrivateMessage(r, from.ID, to.ID, before.Made.Seq)
	if !ok {
		l = forum.PrivateMessage{Seq: before.Made.Seq, From: from.ID, To: to.ID, Text: c.Text, Sent: before.At}
	}
	return Delivery{Message: l, To: to.Name, Here: r.IsHere(to.ID) && !r.Blocked(to.ID, from.ID)}
}

// putOperatorMessage stores a message of the operator to a person.
func putOperatorMessage(tx forum.Tx, to forum.UserID, text string) forum.PrivateMessage {
	l := forum.PrivateMessage{Seq: tx.Seq(), To: to, Text: text, Sent: tx.Time()}
	tx.PutPrivateMessage(l)
	c := conversation(tx, to, 0)
	c.Last, c.LastAt, c.Received = l.Seq, l.Sent, l.Seq
	c.Unread++
	tx.PutConversation(c)
	return l
}

// markShownIfHere marks a message of the operator as shown if its recipient is here, who learns
// of it by the event of the change.
func markShownIfHere(tx forum.Tx, l forum.PrivateMessage) {
	if tx.IsHere(l.To) {
		c := conversation(tx, l.To, 0)
		c.ShownTo = l.Seq
		tx.PutConversation(c)
	}
}

// privateMessageEvent returns the event of a message, both for a new one and for one that is
// read from the store.
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

// ConversationMark says up to which Seqs the messages of Peer were shown and read.
type ConversationMark struct {
	Peer        forum.UserID
	Shown, Read uint64
}

type markConversations struct {
	origin

	Marks []ConversationMark
}

// apply only moves marks forward, so that they may come late and repeatedly.
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

// mark returns c with the mark applied.
func (m ConversationMark) mark(r forum.Reader, c forum.Conversation) forum.Conversation {
	marked := c
	marked.ReadTo = max(c.ReadTo, min(m.Read, c.Last))
	marked.ShownTo = max(c.ShownTo, min(m.Shown, c.Last), marked.ReadTo)
	marked.Unread -= received(r, c, marked.ReadTo)
	return marked
}

// received counts the messages to c's owner with a Seq above c.ReadTo and up to seq.
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

// findPrivateMessage returns the message between two people with that Seq.
func findPrivateMessage(r forum.Reader, a, b forum.UserID, seq uint64) (forum.PrivateMessage, bool) {
	for l := range r.PrivateMessages(a, b, seq-1) {
		return l, l.Seq == seq
	}
	return forum.PrivateMessage{}, false
}
