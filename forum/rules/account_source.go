package rules

import (
	"net/netip"
	"sync"
	"time"

	"sshforum/forum"
	"sshforum/forum/limit"
)

// SourceKnownFor is how long a source stays known after a login from it.
const SourceKnownFor = 30 * 24 * time.Hour

const (
	maxSources = 32768   // sources that are remembered at least, in about 6 MiB
	maxLooked  = 100_000 // visits that are read when a server starts
)

// sources remembers the sources of recent logins, so that the gate can keep room for them
// when many connect. It is safe for concurrent use.
type sources struct {
	mu    sync.Mutex
	known *limit.Table[netip.Prefix, knownSource] // by household
}

// knownSource has the times of the last login from a source, by anybody and by an admin.
type knownSource struct{ anybody, admin time.Time }

func newSources() *sources {
	return &sources{known: limit.NewTable[netip.Prefix, knownSource](maxSources)}
}

// add notes a login. It ignores a source that is not an IP address.
func (s *sources) add(source string, role forum.Role, at time.Time) {
	home := limit.Household(source)
	if !home.IsValid() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k, _ := s.known.Get(home)
	if at.After(k.anybody) {
		k.anybody = at
	}
	if role == forum.Admin && at.After(k.admin) {
		k.admin = at
	}
	s.known.Put(home, k)
}

// noteSource notes that the actor has logged in from its source.
func (s *LoginService) noteSource(actor Actor, at time.Time) error {
	return s.cfg.Store.View(func(r forum.Reader) error {
		if u, ok := r.User(actor.User); ok {
			s.sources.add(actor.Source, u.Role, at)
		}
		return nil
	})
}

// SourceKnown reports whether anybody, and whether an admin, has logged in from the network of
// addr within SourceKnownFor. It does not read the store.
func (s *LoginService) SourceKnown(addr netip.Addr) (known, admin bool) {
	since := s.Clock().Add(-SourceKnownFor)
	s.sources.mu.Lock()
	defer s.sources.mu.Unlock()
	k, _ := s.sources.known.Get(limit.Household(addr.String()))
	return k.anybody.After(since), k.admin.After(since)
}

// LoadSources fills the sources from the login history, which does not have sessions that run
// one command. It must be called before SourceKnown.
func (s *LoginService) LoadSources() error {
	return s.cfg.Store.View(func(r forum.Reader) error {
		since, looked := r.Time().Add(-SourceKnownFor), 0
		for v := range r.VisitsBefore(0) {
			if looked++; looked > maxLooked || v.Began.Before(since) {
				break
			}
			u, _ := r.User(v.User)
			s.sources.add(v.Source, u.Role, v.Began)
		}
		return nil
	})
}
