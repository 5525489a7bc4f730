package storage

import "sshforum/forum"

type visitRow struct {
	User   uint64 `cbor:"1,keyasint,omitempty"`
	Door   string `cbor:"2,keyasint,omitempty"`
	Source string `cbor:"3,keyasint,omitempty"`
	Began  int64  `cbor:"4,keyasint,omitempty"`
	Ended  int64  `cbor:"5,keyasint,omitempty"`
}

func newVisitRow(v forum.VisitRecord) visitRow {
	return visitRow{User: uint64(v.User), Door: v.Door, Source: v.Source, Began: toNanos(v.Began), Ended: toNanos(v.Ended)}
}

func (row visitRow) visit(id forum.VisitID) forum.VisitRecord {
	return forum.VisitRecord{
		ID: id, User: forum.UserID(row.User), Door: row.Door, Source: row.Source,
		Began: fromNanos(row.Began), Ended: fromNanos(row.Ended),
	}
}

type privateMessageRow struct {
	From uint64 `cbor:"1,keyasint,omitempty"`
	Text string `cbor:"2,keyasint,omitempty"`
	Sent int64  `cbor:"3,keyasint,omitempty"`
}

func newPrivateMessageRow(l forum.PrivateMessage) privateMessageRow {
	return privateMessageRow{From: uint64(l.From), Text: l.Text, Sent: toNanos(l.Sent)}
}

// privateMessage returns the message of a row; a and b are its sender and its recipient, in
// either order.
func (row privateMessageRow) privateMessage(a, b forum.UserID, seq uint64) forum.PrivateMessage {
	l := forum.PrivateMessage{Seq: seq, From: a, To: b, Text: row.Text, Sent: fromNanos(row.Sent)}
	if row.From == uint64(b) {
		l.From, l.To = b, a
	}
	return l
}

type conversationRow struct {
	Last     uint64 `cbor:"1,keyasint,omitempty"`
	LastAt   int64  `cbor:"2,keyasint,omitempty"`
	Received uint64 `cbor:"3,keyasint,omitempty"`
	Unread   uint64 `cbor:"4,keyasint,omitempty"`
	ReadTo   uint64 `cbor:"5,keyasint,omitempty"`
	ShownTo  uint64 `cbor:"6,keyasint,omitempty"`
}

func newConversationRow(c forum.Conversation) conversationRow {
	return conversationRow{
		Last: c.Last, LastAt: toNanos(c.LastAt), Received: c.Received, Unread: c.Unread, ReadTo: c.ReadTo, ShownTo: c.ShownTo,
	}
}

func (row conversationRow) conversation(of conversationID) forum.Conversation {
	return forum.Conversation{
		Owner: of.owner, Peer: of.peer, Last: row.Last, LastAt: fromNanos(row.LastAt),
		Received: row.Received, Unread: row.Unread, ReadTo: row.ReadTo, ShownTo: row.ShownTo,
	}
}
