package forum

import (
	"iter"
	"net/netip"
	"time"
)

// VisitID names one kept visit for ever. Ids are never reused and grow with time.
type VisitID uint64

// VisitRecord is one line of the login history: a session that stayed.
type VisitRecord struct {
	ID     VisitID
	User   UserID
	Door   string
	Source string // IP address that the session came from
	Began  time.Time
	Ended  time.Time // zero while it is open
}

// PrivateMessage is a text from one person to another.
type PrivateMessage struct {
	Seq      uint64 // number of the change that sent it
	From, To UserID
	Text     string
	Sent     time.Time
}

// Conversation is its owner's view of the messages exchanged with a peer.
type Conversation struct {
	Owner, Peer UserID
	Last        uint64 // Seq of the last message, from either side
	LastAt      time.Time
	Received    uint64 // Seq of the last message from Peer
	Unread      uint64 // messages from Peer above ReadTo
	ReadTo      uint64 // Seq up to which the owner has read
	ShownTo     uint64 // Seq up to which messages were shown to the owner, if only when they arrived
}

// PeopleReader is the part of Reader for blocks, bans, visits and private messages.
type PeopleReader interface {
	// Blocked reports whether by has blocked whom. Blocks yields the people whom by has
	// blocked, BlockedBy the people who have blocked whom, each by id.
	Blocked(by, whom UserID) bool
	Blocks(by UserID) iter.Seq[UserID]
	BlockedBy(whom UserID) iter.Seq[UserID]

	BannedNetwork(network netip.Prefix) (NetworkBan, bool) // the ban of exactly that network
	BannedNetworks() iter.Seq[NetworkBan]                  // IPv4 first, then by address

	Visit(id VisitID) (VisitRecord, bool)
	VisitsBefore(id VisitID) iter.Seq[VisitRecord]                      // with lower ids, the last first; all for 0
	VisitsEndedSince(t time.Time) iter.Seq[VisitRecord]                 // ended at or after t, by that time
	VisitsOpen() iter.Seq[VisitRecord]                                  // by user and id
	IsHere(id UserID) bool                                              // whether the person has an open visit
	PrivateMessages(a, b UserID, after uint64) iter.Seq[PrivateMessage] // between the two, oldest first
	PrivateMessagesBack(a, b UserID) iter.Seq[PrivateMessage]           // the last first
	Conversation(owner, peer UserID) (Conversation, bool)
	Conversations(owner UserID) iter.Seq[Conversation] // by peer
}

// PeopleTx is the part of Tx for blocks, bans, visits and private messages.
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
