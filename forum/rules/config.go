package rules

import (
	"net/netip"
	"time"

	"sshforum/forum"
	"sshforum/forum/limit"
)

// Config has the dependencies and settings of a Service. All fields must be set, except Steady,
// GuestThread, Exempt, PasswordLength, Stop and Evict.
type Config struct {
	Store     forum.Store
	Journal   forum.Journal
	Blobs     forum.Blobs
	Hub       *forum.Hub
	Passwords forum.Passwords
	Clock     func() time.Time // the forum's time, see Clock
	Steady    func() time.Time // for durations in memory, see Clock.Steady; Clock if nil

	Registration     Registration
	Inviters         Inviters // used with RegistrationInvite only
	GuestThread      string   // title of the thread that guests may post to; "" lets no guests in
	Lockout          limit.Lockout
	PasswordLength   int           // least characters of a new password; 0 allows any password, even the name
	MessageBytes     int           // most bytes of a message
	DuplicatesWithin time.Duration // how long the same text by the same person in the same thread is a duplicate; 0 for never
	RestoreWindow    time.Duration // how long a deleted message or a removed thread can be restored
	SweepAfter       time.Duration // how long a sweep waits before it frees a blob that no row names
	HistoryLines     int           // most command lines kept per account
	MaxInline        int64         // most bytes of a content that is stored with the rows, up to forum.MaxInline
	Quotas           Quotas
	Rates            Rates

	Exempt []netip.Prefix // networks that cannot be banned

	Stop  func() // begins a graceful stop of the server
	Evict func() // ends the connections for which NetworkBanned holds
}
