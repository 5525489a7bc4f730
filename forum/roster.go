package forum

import (
	"slices"
	"sync"
)

// roster has every live session, the private talks between them, and the connections
// that somebody has logged in on.
type roster struct {
	mu     sync.Mutex
	visits map[UserID][]*Visit
	links  map[*link]struct{}
}

func (r *roster) add(v *Visit) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.visits == nil {
		r.visits = make(map[UserID][]*Visit)
	}
	r.visits[v.actor.User] = append(r.visits[v.actor.User], v)
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
}

// of returns the live sessions of a person.
func (r *roster) of(id UserID) []*Visit {
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

func (r *roster) linksOf(id UserID) (links []*link) {
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
func (r *roster) end(id UserID, cause error) {
	for _, v := range r.of(id) {
		if v.arrival.End != nil {
			v.arrival.End(cause)
		}
	}
	for _, l := range r.linksOf(id) {
		l.end(cause)
	}
}
