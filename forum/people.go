package forum

import (
	"iter"
	"net/netip"
	"time"
)

// VisitID names one kept visit for ever; ids are never reused and grow with time.
type VisitID uint64

// VisitRecord is one line of the login history: a session that stayed.
type VisitRecord struct {
	ID     VisitID
	User   UserID
	Door   string
	Source string // IP address it came from
	Began  time.Time
	Ended  time.Time // zero while it is open
}

// PrivateMessage is a private message.
type PrivateMessage struct {
	Seq      uint64 // number of the change that sent it
	From, To UserID
	Text     string
	Sent     time.Time
}

// Conversation is what its owner knows of the messages between them and a peer.
type Conversation struct {
	Owner, Peer UserID
	Last        uint64 // Seq of the last message, whoever sent it
	LastAt      time.Time
	Received    uint64 // Seq of the last message from Peer
	Unread      uint64 // messages from Peer above ReadTo
	ReadTo      uint64 // the owner has read up to here
	ShownTo     uint64 // and was shown so far, if only as it arrived
}

// PeopleReader is the part of Reader that is about people among themselves.
type PeopleReader interface {
	// Blocked reports whether by has blocked whom. Blocks yields whom by has blocked,
	// BlockedBy who has blocked whom, each by id.
	Blocked(by, whom UserID) bool
	Blocks(by UserID) iter.Seq[UserID]
	BlockedBy(whom UserID) iter.Seq[UserID]

	BannedNetwork(network netip.Prefix) (NetworkBan, bool) // of exactly that network
	BannedNetworks() iter.Seq[NetworkBan]                  // IPv4 first, then by address

	Visit(id VisitID) (VisitRecord, bool)
	VisitsBefore(id VisitID) iter.Seq[VisitRecord]                      // with lower ids, last first; all for 0
	VisitsEndedSince(t time.Time) iter.Seq[VisitRecord]                 // at or after t, by that time
	VisitsOpen() iter.Seq[VisitRecord]                                  // by user and id
	IsHere(id UserID) bool                                              // has an open visit
	PrivateMessages(a, b UserID, after uint64) iter.Seq[PrivateMessage] // between the two, oldest first
	PrivateMessagesBack(a, b UserID) iter.Seq[PrivateMessage]           // last first
	Conversation(owner, peer UserID) (Conversation, bool)               //
	Conversations(owner UserID) iter.Seq[Conversation]                  // by peer
}

// PeopleTx is the part of Tx that is about people among themselves.
type PeopleTx interface {
	SetBlocked(by, whom UserID, blocked bool)
	PutBannedNetwork(b NetworkBan)
	DropBannedNetwork(network netip.Prefix)
	NewVisitID() VisitID
	PutVisit(v VisitRecord)
	DropVisit(v VisitRecord)
	PutPrivateMessage(l PrivateMessage)
	DropPrivateMessage(l PrivateMessage)
	PutConversation(c Conversation)
	DropConversation(c Conversation) // the messages stay
}
