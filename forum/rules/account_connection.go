package rules

import "sshforum/forum"

// liveConnection is a connection that is logged in to an account. It may have no session.
type liveConnection struct {
	user forum.UserID
	end  func(cause error)
}

// TrackConnection registers a connection from source on which the peer has proved to be u. end
// is called with the reason when the account is closed or banned, and must end the connection.
// The caller must call leave when the connection is gone. Errors, which only that peer may be
// told: Denied if the account is closed; Denied with ErrBanned if it is banned.
func (s *LoginService) TrackConnection(u forum.User, source string, end func(cause error)) (leave func(), err error) {
	l := &liveConnection{user: u.ID, end: end}
	s.roster.addConnection(l) // before the account is read, so that a ban at the same time finds the connection
	if _, err := s.Account(Actor{User: u.ID}); err != nil {
		s.roster.removeConnection(l)
		return nil, err
	}
	s.sources.add(source, u.Role, s.Clock())
	return func() { s.roster.removeConnection(l) }, nil
}
