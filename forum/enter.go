package forum

import (
	"context"
	"time"
)

// link is a connection that somebody has logged in on, whatever sessions it has.
type link struct {
	user UserID
	end  func(cause error)
}

// Enter notes that somebody proved to be u on a connection. end ends it, with the reason,
// when the account is closed or banned. The caller must call leave when the connection is
// gone. Errors, which nobody else may be told: Denied when the account is closed, or, with
// ErrBanned, when it is banned.
func (s *Service) Enter(ctx context.Context, u User, end func(cause error)) (leave func(), err error) {
	l := &link{user: u.ID, end: end}
	s.roster.link(l) // before the account is looked at, so that whoever bans it finds the connection
	if err := s.mayEnter(ctx, u.ID); err != nil {
		s.roster.unlink(l)
		return nil, err
	}
	return func() { s.roster.unlink(l) }, nil
}

// mayEnter looks at the account by the clock. What is only read later goes by the time of
// the last change; where a ban has run out since then, a tick is made that one.
func (s *Service) mayEnter(ctx context.Context, id UserID) error {
	var u User
	var last time.Time
	err := s.Store.View(func(r Reader) error {
		var ok bool
		if u, ok = r.User(id); !ok || !u.Closed.IsZero() {
			return errClosed
		}
		last = r.Time()
		return nil
	})
	now := s.Clock()
	switch {
	case err != nil:
		return err
	case u.Banned.Holds(now):
		return u.Banned.banned()
	case u.Banned.Holds(last):
		_, err = s.Journal.Submit(ctx, &tick{At: now})
	}
	return err
}
