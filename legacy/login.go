package legacy

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"sshforum/forum"
	"sshforum/forum/gate"
	"sshforum/forum/rules"
)

// registry has the accounts that are logged in at a door with Config.OneLogin.
type registry struct {
	mu     sync.Mutex
	people map[forum.UserID]*Conn
}

// claim registers an account as logged in on c. It reports false if the account is logged in on
// another connection.
func (r *registry) claim(id forum.UserID, c *Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, here := r.people[id]; here {
		return false
	}
	if r.people == nil {
		r.people = make(map[forum.UserID]*Conn)
	}
	r.people[id] = c
	return true
}

// release removes the account that is logged in on c, so that it can log in again.
func (r *registry) release(c *Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, other := range r.people {
		if other == c {
			delete(r.people, id)
			return
		}
	}
}

func (r *registry) has(id forum.UserID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, here := r.people[id]
	return here
}

// errLoggedIn is the error for a second login at a door with Config.OneLogin.
var errLoggedIn = forum.Errorf(forum.Conflict, "You are logged in here already; leave there first.")

// maxName is more bytes than the name of any account has. Longer names are neither looked up
// nor remembered by the lockout.
const maxName = 1024

// HasLoggedIn reports whether the account with a name is logged in at this door. It is always
// false at a door without Config.OneLogin.
func (c *Conn) HasLoggedIn(name string) (bool, error) {
	if len(name) > maxName {
		return false, nil
	}
	u, ok, err := c.Service().Lookup(name)
	return ok && c.server.loggedIn.has(u.ID), c.Checked(err)
}

// Login logs in the account with a name, until the connection ends. Errors: Denied for an
// unknown name or a wrong password, with the same sentence and after the same work; Denied with
// rules.ErrBanned, only after the right password; Limited if locked out; Conflict if the
// account is logged in at this door, and the door has Config.OneLogin.
func (c *Conn) Login(ctx context.Context, name, password string) error {
	if len(name) > maxName {
		return forum.Errorf(forum.Denied, "Invalid password")
	}
	u, err := c.Service().PasswordLogin(ctx, name, password, c.source)
	if err == nil {
		err = c.arrive(ctx, u)
	}
	return c.logAttempt("login", name, err)
}

// Register makes an account and logs it in. Errors: Denied if registration is closed; Invalid
// if the name or password is; Conflict if the name is taken; Unavailable if nothing can be
// stored.
func (c *Conn) Register(ctx context.Context, name, password string) error {
	u, err := c.Service().Register(ctx, rules.Newcomer{Name: name, Password: password, Source: c.source, Shared: c.shared})
	if err == nil {
		err = c.arrive(ctx, u)
	}
	return c.logAttempt("registration", name, err)
}

// logAttempt logs the result of an attempt to log in or register, and returns err.
func (c *Conn) logAttempt(what, name string, err error) error {
	if err == nil {
		c.log.Info("login", "user", c.actor.Name, "session", c.name, "registered", what == "registration")
		return nil
	}
	switch kind := forum.KindOf(err); {
	case errors.Is(err, rules.ErrBanned):
		c.failure = gate.Refused
	case kind == forum.Denied, kind == forum.Limited:
		c.failure = gate.AuthFail
	}
	if forum.KindOf(err) != forum.Unavailable {
		c.Failed()
	}
	c.log.LogAttrs(c.ctx, slog.LevelInfo, what+" failed", slog.String("user", Cut(forum.Printable(name), maxLogged)), slog.String("error", Explain(err)))
	return c.Checked(err)
}

// Failed counts a failed attempt, and ends the connection if it has no more attempts. Login and
// Register call it; a dialect calls it for guests.
func (c *Conn) Failed() {
	if c.pass.Failed() {
		c.end(errTries)
	}
}

var errTries = forum.Errorf(forum.Limited, "Too many logins failed on this connection; connect again")

// maxLogged is how many bytes of a client's text are logged.
const maxLogged = 200

// arrive begins the visit of a person who has proved to be u.
func (c *Conn) arrive(ctx context.Context, u forum.User) error {
	if c.server.cfg.OneLogin && !c.server.loggedIn.claim(u.ID, c) {
		return errLoggedIn
	}
	actor := rules.Actor{User: u.ID, Name: u.Name, Door: c.server.cfg.Name, Session: c.name, Source: c.source, Shared: c.shared}
	visit, err := c.Service().Arrive(ctx, actor, rules.Arrival{Stays: true, Reads: true, Peer: c.conn.RemoteAddr().String(), End: c.end})
	if err != nil {
		c.server.loggedIn.release(c)
		return err
	}
	c.visit = visit
	c.Admit(visit.Actor())
	return nil
}

// Admit accepts the client as actor, which ends the wait for a login. It sets the actor's
// source. Login and Register call it; a dialect calls it for guests, who have no visit.
func (c *Conn) Admit(actor rules.Actor) {
	actor.Source, actor.Shared = c.source, c.shared
	c.actor = actor
	c.punishFailure()
	c.pass.Authenticated()
	c.grace.Stop()
}

// Actor returns the actor who is logged in, or the zero Actor before a login.
func (c *Conn) Actor() rules.Actor { return c.actor }

// Visit returns the visit of the account that is logged in. It is nil before a login, and for
// guests.
func (c *Conn) Visit() *rules.Visit { return c.visit }
