package rules

import (
	"net/netip"
	"sync"
	"time"

	"sshforum/forum"
	"sshforum/forum/limit"
)

// SourceKnownFor is how long a source is known after somebody logged in from it.
const SourceKnownFor = 30 * 24 * time.Hour

const (
	maxSources = 32768   // that are remembered at least, in about 6 MiB
	maxLooked  = 100_000 // visits that are looked at when a server starts
)

// sources knows where people have logged in from of late, so that there is a place for
// them when many knock.
type sources struct {
	mu    sync.Mutex
	known *limit.Table[netip.Prefix, knownSource] // by household
}

// knownSource is when somebody logged in from it last, and when an admin did.
type knownSource struct{ anybody, admin time.Time }

func newSources() *sources {
	return &sources{known: limit.NewTable[netip.Prefix, knownSource](maxSources)}
}

// add notes a login. What is no IP address is no source.
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

// cameFrom notes where somebody has logged in from.
func (s *LoginService) cameFrom(actor Actor, at time.Time) error {
	return s.cfg.Store.View(func(r forum.Reader) error {
		if u, ok := r.User(actor.User); ok {
			s.sources.add(actor.Source, u.Role, at)
		}
		return nil
	})
}

// SourceKnown reports whether somebody has logged in from the network of addr within
// SourceKnownFor, and whether an admin has. It reads no store.
func (s *LoginService) SourceKnown(addr netip.Addr) (known, admin bool) {
	since := s.Clock().Add(-SourceKnownFor)
	s.sources.mu.Lock()
	defer s.sources.mu.Unlock()
	k, _ := s.sources.known.Get(limit.Household(addr.String()))
	return k.anybody.After(since), k.admin.After(since)
}

// LoadSources reads from the login history where people have logged in from, as far as it
// goes: sessions that do not stay are not in it. It is called before SourceKnown is.
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
