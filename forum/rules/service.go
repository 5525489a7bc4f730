// Package rules decides what may happen in a forum, and what every door answers. It knows no
// terminal, no protocol and no file format.
//
// A door calls a Service with the Actor who asks. The service checks the input and submits a
// forum.Change to the Journal (change_submit.go). The change itself checks, when it is applied,
// whether the actor may do it and whether the named things exist. All kinds of change are in
// change_kinds.go.
package rules

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"sshforum/forum"
	"sshforum/forum/limit"
)

// Service is the interface of the rules to the doors: one service for each noun. It is safe for
// concurrent use.
type Service struct {
	*core
	*AccountService
	*LoginService
	*ThreadService
	*MessageService
	*PeopleService
	*FileService
	*ModerationService
}

// The parts of a Service, by noun.
type (
	AccountService    struct{ *core } // accounts, from the invite to the closing, and the data kept about a person
	LoginService      struct{ *core } // proof of identity: passwords, keys, guests
	ThreadService     struct{ *core }
	MessageService    struct{ *core }
	PeopleService     struct{ *core } // who is here, and what people hear of each other
	FileService       struct{ *core }
	ModerationService struct{ *core } // bans, silences, hiding, reports, the audit log
)

// core has the state that all parts share.
type core struct {
	accounts   *AccountService
	files      *FileService
	logins     *LoginService
	messages   *MessageService
	moderation *ModerationService
	people     *PeopleService

	cfg        Config
	guard      *limit.Guard
	duplicates *limit.Duplicates
	pace       *limit.Buckets
	roster     roster
	deferred   *deferred
	uploading  *uploadsUnderWay
	searching  chan struct{} // has an element for each running search

	loading      sync.Mutex // held by LoadBans
	networks     atomic.Pointer[networks]
	bannedPeople atomic.Pointer[bannedPeople]
	linked       *linked
	sources      *sources
}

// New returns a service on an open store.
func New(c Config) *Service {
	if c.Steady == nil {
		c.Steady = c.Clock
	}
	c.Store = byClock{c.Store, c.Clock}
	k := &core{
		cfg: c, guard: limit.NewGuard(c.Lockout, c.Steady),
		duplicates: limit.NewDuplicates(c.DuplicatesWithin, c.Steady), pace: limit.NewBuckets(), deferred: newDeferred(), linked: newLinked(), uploading: newUploadsUnderWay(c.Blobs),
		sources: newSources(), searching: make(chan struct{}, searchesAtOnce()),
	}
	k.bannedPeople.Store(&bannedPeople{})
	s := &Service{k, &AccountService{k}, &LoginService{k}, &ThreadService{k}, &MessageService{k}, &PeopleService{k}, &FileService{k}, &ModerationService{k}}
	k.accounts, k.files, k.logins, k.messages, k.moderation, k.people = s.AccountService, s.FileService, s.LoginService, s.MessageService, s.ModerationService, s.PeopleService
	return s
}

// Found makes the first thread of a forum, the lobby. It does nothing if the forum was founded
// before.
func (s *Service) Found(ctx context.Context) error {
	var seq uint64
	err := s.cfg.Store.View(func(r forum.Reader) error {
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
func (s *core) StopServer(actor Actor) error {
	err := s.cfg.Store.View(func(r forum.Reader) error {
		u, err := account(r, actor.User)
		if err == nil && !u.May(forum.StopServer, u.ID) {
			err = forum.Errorf(forum.Denied, "Only an admin can shut the server down.")
		}
		return err
	})
	if err == nil && s.cfg.Stop != nil {
		s.cfg.Stop()
	}
	return err
}

// Clock returns the forum's time.
func (s *core) Clock() time.Time { return s.cfg.Clock() }

// Steady returns a time that is never set, for state in memory.
func (s *core) Steady() time.Time { return s.cfg.Steady() }

// Registration returns who can make an account.
func (s *core) Registration() Registration { return s.cfg.Registration }

// MessageBytes returns the greatest length of a message in bytes.
func (s *core) MessageBytes() int { return s.cfg.MessageBytes }

// HistoryLines returns how many command lines are kept for each account.
func (s *core) HistoryLines() int { return s.cfg.HistoryLines }

// RestoreWindow returns for how long a deleted or removed thing can be restored.
func (s *core) RestoreWindow() time.Duration { return s.cfg.RestoreWindow }
