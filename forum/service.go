// Package forum holds the rules: what people may do, what names, titles and texts may
// contain, and what every door answers. It knows accounts, threads, messages and the
// changes that happen to them; it knows no terminal, no protocol and no file format.
//
// A door calls a Service with the Actor who asks. The service checks the input and
// submits a Change to the Journal; whether the actor may, and whether what was named
// exists, is decided where the change is applied.
package forum

import (
	"context"
	"math"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Actor is who asks, and through which door.
type Actor struct {
	User    UserID
	Name    string
	Door    string // such as "shell", "exec" or "sftp"
	Session string // names the session in the log
	Source  string // where the peer connected from: an IP address
	Shared  bool   // Source is that of many who have nothing in common, as on one machine

	visit *Visit // whose count of messages grows; nil for an act outside of a visit
}

// Operator is whoever has the server's own machine: the control socket and the command
// line act as it. No account has its id, and what it makes is nobody's.
func Operator() Actor { return Actor{User: operator, Name: "operator", Door: "control"} }

// operator is the id that the operator acts by, and not 0: an actor that somebody forgot
// to fill in has no powers.
const operator UserID = math.MaxUint64 - 1

// Passwords hashes and checks passwords.
type Passwords interface {
	// Hash returns a PHC string. Errors: Invalid for a password that cannot be one.
	Hash(ctx context.Context, password string) (string, error)
	// Verify does the same work for every wrong password, whether phc is "" (no such
	// account) or was made at whatever cost that was expected.
	Verify(ctx context.Context, phc, password string) (bool, error)
	// Expect notes that an account has phc.
	Expect(phc string)
	// Outdated reports whether phc should be hashed again with today's parameters.
	Outdated(phc string) bool
}

// Config is what a Service needs. All fields must be set but Steady, GuestThread, Exempt,
// PasswordLength, Stop and Evict.
type Config struct {
	Store     Store
	Journal   Journal
	Blobs     Blobs
	Hub       *Hub
	Passwords Passwords
	Clock     func() time.Time // the forum's time, see Clock
	Steady    func() time.Time // for what is kept in memory, see Clock.Steady; Clock if nil

	Registration     Registration
	Inviters         Inviters // where accounts are made by invite
	GuestThread      string   // the one that guests may post to; nobody is a guest if ""
	Lockout          Lockout
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

// Service is what the doors call. It is safe for concurrent use.
type Service struct {
	Config
	guard      *guard
	duplicates *duplicates
	pace       *pace
	roster     roster
	overdue    *overdue
	uploading  *uploading
	searching  chan struct{} // holds an element for each search under way

	loading  sync.Mutex // held by LoadBans
	networks atomic.Pointer[networks]
	outcasts atomic.Pointer[bannedPeople]
	linked   *linked
	sources  *sources
}

// New returns a service on an open store.
func New(c Config) *Service {
	if c.Steady == nil {
		c.Steady = c.Clock
	}
	c.Store = byClock{c.Store, c.Clock}
	s := &Service{
		Config: c, guard: newGuard(c.Lockout, c.Steady),
		duplicates: newDuplicates(c.DuplicatesWithin, c.Steady), pace: newPace(), overdue: newOverdue(), linked: newLinked(), uploading: newUploading(c.Blobs),
		sources: newSources(), searching: make(chan struct{}, searchesAtOnce()),
	}
	s.outcasts.Store(&bannedPeople{})
	return s
}

// Found makes what every forum begins with: the lobby. It does nothing in a forum that
// was founded before.
func (s *Service) Found(ctx context.Context) error {
	var seq uint64
	err := s.Store.View(func(r Reader) error {
		seq = r.Seq()
		return nil
	})
	if err != nil || seq > 0 {
		return err
	}
	_, err = s.CreateThread(ctx, Operator(), Lobby)
	return err
}

// StopServer begins a graceful stop. Errors: Denied.
func (s *Service) StopServer(actor Actor) error {
	err := s.Store.View(func(r Reader) error {
		u, err := account(r, actor.User)
		if err == nil && !u.May(StopServer, u.ID) {
			err = Errorf(Denied, "Only an admin can shut the server down.")
		}
		return err
	})
	if err == nil && s.Stop != nil {
		s.Stop()
	}
	return err
}

// account returns the account of an actor, if it is open and not banned. The operator is nobody, with an admin's
// powers.
func account(r Reader, id UserID) (User, error) {
	switch id {
	case operator:
		return User{Name: Operator().Name, Role: Admin}, nil
	case Guests:
		return User{}, errGuest
	}
	u, ok := r.User(id)
	switch {
	case !ok || !u.Closed.IsZero():
		return u, errClosed
	case u.Banned.Holds(r.Time()):
		return u, banned(u.Banned)
	}
	return u, nil
}

var errClosed = Errorf(Denied, "Your account has been closed.")
