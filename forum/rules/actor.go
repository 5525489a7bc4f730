package rules

import (
	"math"

	"sshforum/forum"
)

// Actor is the account that asks for something, and the door that it came through.
type Actor struct {
	User    forum.UserID
	Name    string
	Door    string // such as "shell", "exec" or "sftp"
	Session string // names the session in the log
	Source  string // where the peer connected from: an IP address
	Shared  bool   // many unrelated people have this Source, such as those of one machine

	visit *Visit // counts the messages sent; nil outside of a visit
}

// Operator returns the actor for the operator of the server's own machine. The control socket
// and the command line act as it. No account has its id, so nobody owns what it makes.
func Operator() Actor { return Actor{User: operator, Name: "operator", Door: "control"} }

// operator is the id of the operator. It is not 0, so that an Actor whose User was left unset
// has no powers.
const operator forum.UserID = math.MaxUint64 - 1

// account returns the account of an actor. For the operator it is a User with id 0 and an
// admin's powers. Errors: Denied if the account is closed or the actor is a guest; Denied with
// ErrBanned if it is banned.
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
