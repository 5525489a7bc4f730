package rules

import "sshforum/forum"

// liveConnection is a connection that somebody has logged in on, whatever sessions it has.
type liveConnection struct {
	user forum.UserID
	end  func(cause error)
}

// TrackConnection notes that somebody proved to be u on a connection from source. end ends it, with the reason,
// when the account is closed or banned. The caller must call leave when the connection is
// gone. Errors, which nobody else may be told: Denied when the account is closed, or, with
// ErrBanned, when it is banned.
func (s *LoginService) TrackConnection(u forum.User, source string, end func(cause error)) (leave func(), err error) {
	l := &liveConnection{user: u.ID, end: end}
	s.roster.addConnection(l) // before the account is looked at, so that whoever bans it finds the connection
	if _, err := s.Account(Actor{User: u.ID}); err != nil {
		s.roster.removeConnection(l)
		return nil, err
	}
	s.sources.add(source, u.Role, s.Clock())
	return func() { s.roster.removeConnection(l) }, nil
}
