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

// registry knows who is logged in at a door that lets a person in once at a time.
type registry struct {
	mu     sync.Mutex
	people map[forum.UserID]*Conn
}

// claim notes that a person is logged in on c, unless they are on another connection.
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

// release lets whoever is logged in on c log in anew.
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

// errHere refuses a second login where a person can have one.
var errHere = forum.Errorf(forum.Conflict, "You are logged in here already; leave there first.")

// maxName is more bytes than any name of an account takes. Longer ones are not looked
// up, nor remembered by the lockout.
const maxName = 1024

// HasLoggedIn reports whether the account of that name is logged in at this door, if it lets a
// person in once at a time.
func (c *Conn) HasLoggedIn(name string) (bool, error) {
	if len(name) > maxName {
		return false, nil
	}
	u, ok, err := c.Service().Lookup(name)
	return ok && c.server.here.has(u.ID), c.Checked(err)
}

// Login logs the account of that name in, until the conversation ends. Errors: Denied
// for an unknown name or a wrong password, without telling them apart and with the same
// work; Denied with rules.ErrBanned, after the right password alone; Limited while locked
// out; Conflict when the person is logged in at this door and can be once.
func (c *Conn) Login(ctx context.Context, name, password string) error {
	if len(name) > maxName {
		return forum.Errorf(forum.Denied, "Invalid password")
	}
	u, err := c.Service().PasswordLogin(ctx, name, password, c.source)
	if err == nil {
		err = c.arrive(ctx, u)
	}
	return c.logged("login", name, err)
}

// Register makes an account and logs it in. Errors: Denied where registration is closed;
// Invalid name or password; Conflict when the name is taken; Unavailable when nothing can be
// stored.
func (c *Conn) Register(ctx context.Context, name, password string) error {
	u, err := c.Service().Register(ctx, rules.Newcomer{Name: name, Password: password, Source: c.source, Shared: c.shared})
	if err == nil {
		err = c.arrive(ctx, u)
	}
	return c.logged("registration", name, err)
}

// logged puts the end of an attempt in the log and returns err.
func (c *Conn) logged(what, name string, err error) error {
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

// Failed notes a try to come in that failed, and ends the conversation when it has no more.
// Login and Register call it; a dialect does for guests.
func (c *Conn) Failed() {
	if c.pass.Failed() {
		c.end(errTries)
	}
}

var errTries = forum.Errorf(forum.Limited, "Too many logins failed on this connection; connect again")

// maxLogged is how many bytes of a client's text fit a log line.
const maxLogged = 200

// arrive begins the visit of a person who proved to be u.
func (c *Conn) arrive(ctx context.Context, u forum.User) error {
	if c.server.cfg.OneLogin && !c.server.here.claim(u.ID, c) {
		return errHere
	}
	actor := rules.Actor{User: u.ID, Name: u.Name, Door: c.server.cfg.Name, Session: c.name, Source: c.source, Shared: c.shared}
	visit, err := c.Service().Arrive(ctx, actor, rules.Arrival{Stays: true, Reads: true, Peer: c.conn.RemoteAddr().String(), End: c.end})
	if err != nil {
		c.server.here.release(c)
		return err
	}
	c.visit = visit
	c.Admit(visit.Actor())
	return nil
}

// Admit ends the wait for a login: the client is actor, from where it connected. Login and
// Register call it; a dialect does for guests, who have no visit.
func (c *Conn) Admit(actor rules.Actor) {
	actor.Source, actor.Shared = c.source, c.shared
	c.actor = actor
	c.judge()
	c.pass.Authenticated()
	c.grace.Stop()
}

// Actor returns who is logged in; nobody before.
func (c *Conn) Actor() rules.Actor { return c.actor }

// Visit returns the visit of who is logged in; nil before, and for guests.
func (c *Conn) Visit() *rules.Visit { return c.visit }
