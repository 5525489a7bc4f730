package rules

import (
	"maps"
	"slices"
	"sync"
	"time"

	"sshforum/forum"
)

// roster has every live session, the private talks between them, and the connections
// that somebody has logged in on.
type roster struct {
	mu     sync.Mutex
	visits map[forum.UserID][]*Visit
	people map[forum.UserID]*personal // who has a visit, or left what is not stored
	links  map[*link]struct{}
}

func (r *roster) add(v *Visit) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.visits == nil {
		r.visits = make(map[forum.UserID][]*Visit)
	}
	r.visits[v.actor.User] = append(r.visits[v.actor.User], v)
	v.own = r.personal(v.actor.User, v.service.Steady())
}

// personal returns what there is of a person, from now on if there is nothing. The roster
// must be locked.
func (r *roster) personal(id forum.UserID, now time.Time) *personal {
	if r.people == nil {
		r.people = make(map[forum.UserID]*personal)
	}
	if r.people[id] == nil {
		r.people[id] = &personal{user: id, flushed: now}
	}
	return r.people[id]
}

// note notes traces of a person, and returns all that there are.
func (r *roster) note(id forum.UserID, now time.Time, do func(*traces)) *personal {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.personal(id, now)
	p.note(do)
	return p
}

// remove ends a session's part in everything.
func (r *roster) remove(v *Visit) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopTalk(v)
	if v.live != nil {
		v.live.Close()
	}
	left := slices.DeleteFunc(r.visits[v.actor.User], func(other *Visit) bool { return other == v })
	if r.visits[v.actor.User] = left; len(left) == 0 {
		delete(r.visits, v.actor.User)
	}
	r.tidy(v.own)
}

// known returns what there is of a person; nil for nothing.
func (r *roster) known(id forum.UserID) *personal {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.people[id]
}

// push gives e to a session alone, if it shows notices.
func (r *roster) push(v *Visit, e forum.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if v.live != nil {
		v.live.Push(e)
	}
}

// settle forgets a person of whom nothing is left.
func (r *roster) settle(p *personal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tidy(p)
}

func (r *roster) tidy(p *personal) {
	if r.people[p.user] == p && len(r.visits[p.user]) == 0 && p.empty() {
		delete(r.people, p.user)
	}
}

// everybody returns those who are here or left what is not stored.
func (r *roster) everybody() []*personal {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Collect(maps.Values(r.people))
}

// of returns the live sessions of a person.
func (r *roster) of(id forum.UserID) []*Visit {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.visits[id])
}

// all returns all live sessions.
func (r *roster) all() (visits []*Visit) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, of := range r.visits {
		visits = append(visits, of...)
	}
	return visits
}

func (r *roster) link(l *link) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.links == nil {
		r.links = make(map[*link]struct{})
	}
	r.links[l] = struct{}{}
}

func (r *roster) unlink(l *link) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.links, l)
}

func (r *roster) linksOf(id forum.UserID) (links []*link) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for l := range r.links {
		if l.user == id {
			links = append(links, l)
		}
	}
	return links
}

// end ends the live sessions of a person, and their connections.
func (r *roster) end(id forum.UserID, cause error) {
	for _, v := range r.of(id) {
		if v.arrival.End != nil {
			v.arrival.End(cause)
		}
	}
	for _, l := range r.linksOf(id) {
		l.end(cause)
	}
}
