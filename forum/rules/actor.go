package rules

import (
	"math"

	"sshforum/forum"
)

// Actor is who asks, and through which door.
type Actor struct {
	User    forum.UserID
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
const operator forum.UserID = math.MaxUint64 - 1

// account returns the account of an actor, if it is open and not banned. The operator is nobody, with an admin's
// powers.
func account(r forum.Reader, id forum.UserID) (forum.User, error) {
	switch id {
	case operator:
		return forum.User{Name: Operator().Name, Role: forum.Admin}, nil
	case forum.Guests:
		return forum.User{}, errGuest
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

var errClosed = forum.Errorf(forum.Denied, "Your account has been closed.")
