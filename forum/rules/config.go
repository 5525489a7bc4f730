package rules

import (
	"net/netip"
	"time"

	"sshforum/forum"
	"sshforum/forum/limit"
)

// Config is what a Service needs. All fields must be set but Steady, GuestThread, Exempt,
// PasswordLength, Stop and Evict.
type Config struct {
	Store     forum.Store
	Journal   forum.Journal
	Blobs     forum.Blobs
	Hub       *forum.Hub
	Passwords forum.Passwords
	Clock     func() time.Time // the forum's time, see Clock
	Steady    func() time.Time // for what is kept in memory, see Clock.Steady; Clock if nil

	Registration     Registration
	Inviters         Inviters // where accounts are made by invite
	GuestThread      string   // the one that guests may post to; nobody is a guest if ""
	Lockout          limit.Lockout
	PasswordLength   int           // characters of a new password at least; 0 for any password, a name too
	MessageBytes     int           // longest message
	DuplicatesWithin time.Duration // how long the same text by the same person in the same thread is a duplicate; 0 for never
	RestoreWindow    time.Duration // how long what was removed can be brought back
	SweepAfter       time.Duration // how long a content must be without a name to be freed
	HistoryLines     int           // command lines kept per account
	Quotas           Quotas
	Rates            Rates

	Exempt []netip.Prefix // networks that cannot be banned

	Stop  func() // begins a graceful stop of the server
	Evict func() // ends the connections for which NetworkBanned holds
}
