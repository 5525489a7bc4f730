package storage

import (
	"encoding/binary"
	"iter"

	"sshforum/forum"
)

func (r *reader) Blocked(by, whom forum.UserID) bool {
	return r.get(blocksBucket, pairKey(by, whom)) != nil
}

func (r *reader) Blocks(by forum.UserID) iter.Seq[forum.UserID] { return r.secondIDs(blocksBucket, by) }

func (r *reader) BlockedBy(whom forum.UserID) iter.Seq[forum.UserID] {
	return r.secondIDs(blockersBucket, whom)
}

// secondIDs yields the second ids of the pairs in b whose first id is id.
func (r *reader) secondIDs(b bucket, id forum.UserID) iter.Seq[forum.UserID] {
	return func(yield func(forum.UserID) bool) {
		scanPairs(r, b, id, func(second forum.UserID, _, _ []byte) bool { return yield(second) })
	}
}

func (t *tx) SetBlocked(by, whom forum.UserID, blocked bool) {
	if blocked {
		t.put(blocksBucket, pairKey(by, whom), presentValue)
		t.put(blockersBucket, pairKey(whom, by), presentValue)
		return
	}
	t.drop(blocksBucket, pairKey(by, whom))
	t.drop(blockersBucket, pairKey(whom, by))
}

func (r *reader) PrivateMessages(a, b forum.UserID, after uint64) iter.Seq[forum.PrivateMessage] {
	return func(yield func(forum.PrivateMessage) bool) {
		if after+1 == 0 {
			return
		}
		prefix := privateMessagesPrefix(a, b)
		r.scan(privateMessagesBucket, privateMessageKey(a, b, after+1), prefix, r.yieldPrivateMessage(a, b, yield))
	}
}

func (r *reader) PrivateMessagesBack(a, b forum.UserID) iter.Seq[forum.PrivateMessage] {
	return func(yield func(forum.PrivateMessage) bool) {
		r.scanBack(privateMessagesBucket, privateMessagesPrefix(a, b), r.yieldPrivateMessage(a, b, yield))
	}
}

func (r *reader) yieldPrivateMessage(a, b forum.UserID, yield func(forum.PrivateMessage) bool) func(k, v []byte) bool {
	return func(k, v []byte) bool {
		if len(k) != 24 {
			r.fail(privateMessagesBucket, k, errMalformed)
			return false
		}
		row, ok := decode[privateMessageRow](r, privateMessagesBucket, k, v)
		return ok && yield(row.privateMessage(a, b, binary.BigEndian.Uint64(k[16:])))
	}
}

// privateMessagesPrefix is the same for a and b in either order.
func privateMessagesPrefix(a, b forum.UserID) []byte { return pairKey(min(a, b), max(a, b)) }

func privateMessageKey(a, b forum.UserID, seq uint64) []byte {
	return binary.BigEndian.AppendUint64(privateMessagesPrefix(a, b), seq)
}

func (t *tx) PutPrivateMessage(l forum.PrivateMessage) {
	t.DropPrivateMessage(l)
	t.countText(l.From, len(l.Text))
	store(t, privateMessagesBucket, privateMessageKey(l.From, l.To, l.Seq), newPrivateMessageRow(l))
}

func (t *tx) DropPrivateMessage(l forum.PrivateMessage) {
	key := privateMessageKey(l.From, l.To, l.Seq)
	if old, ok := load[privateMessageRow](&t.reader, privateMessagesBucket, key); ok {
		t.countText(forum.UserID(old.From), -len(old.Text))
		t.drop(privateMessagesBucket, key)
	}
}

// conversationID identifies a conversation: its owner, and the peer that it is with.
type conversationID struct{ owner, peer forum.UserID }

var conversationRecords = records[conversationID, forum.Conversation, conversationRow]{
	conversationsBucket, conversationID.key, parseConversationKey, newConversationRow, conversationRow.conversation,
}

func (s conversationID) key() []byte { return pairKey(s.owner, s.peer) }

func parseConversationKey(k []byte) (s conversationID, ok bool) {
	s.owner, s.peer, ok = parsePair[forum.UserID](k)
	return s, ok
}

func (r *reader) Conversation(owner, peer forum.UserID) (forum.Conversation, bool) {
	return conversationRecords.find(r, conversationID{owner, peer})
}

func (r *reader) Conversations(owner forum.UserID) iter.Seq[forum.Conversation] {
	return conversationRecords.within(r, userKey(owner))
}

func (t *tx) PutConversation(c forum.Conversation) {
	conversationRecords.put(t, conversationID{c.Owner, c.Peer}, c)
}

func (t *tx) DropConversation(c forum.Conversation) {
	conversationRecords.drop(t, conversationID{c.Owner, c.Peer})
}
