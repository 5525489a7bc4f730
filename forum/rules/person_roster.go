package rules

import (
	"maps"
	"slices"
	"sync"
	"time"

	"sshforum/forum"
)

// roster has all live sessions, the private talks between them, and all connections on which
// somebody has logged in.
type roster struct {
	mu          sync.Mutex
	visits      map[forum.UserID][]*Visit
	people      map[forum.UserID]*personState // people who have a visit, or something pending
	connections map[*liveConnection]struct{}
}

func (r *roster) add(v *Visit) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.visits == nil {
		r.visits = make(map[forum.UserID][]*Visit)
	}
	r.visits[v.actor.User] = append(r.visits[v.actor.User], v)
	v.state = r.makeState(v.actor.User, v.service.Steady())
}

// makeState returns the state of a person, and creates it if there is none. The caller holds
// r.mu.
func (r *roster) makeState(id forum.UserID, now time.Time) *personState {
	if r.people == nil {
		r.people = make(map[forum.UserID]*personState)
	}
	if r.people[id] == nil {
		r.people[id] = &personState{user: id, flushed: now}
	}
	return r.people[id]
}

// note adds to the pending state of a person and returns their state.
func (r *roster) note(id forum.UserID, now time.Time, do func(*pending)) *personState {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.makeState(id, now)
	p.note(do)
	return p
}

// remove removes a session and ends its private talk.
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
	r.forgetIdle(v.state)
}

// state returns the state of a person, or nil if there is none.
func (r *roster) state(id forum.UserID) *personState {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.people[id]
}

// push sends e to one session if it shows notices.
func (r *roster) push(v *Visit, e forum.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if v.live != nil {
		v.live.Push(e)
	}
}

// forgetIfIdle removes the state of a person who has no session and nothing pending.
func (r *roster) forgetIfIdle(p *personState) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forgetIdle(p)
}

func (r *roster) forgetIdle(p *personState) {
	if r.people[p.user] == p && len(r.visits[p.user]) == 0 && p.empty() {
		delete(r.people, p.user)
	}
}

// allStates returns the states of all people who are here or have something pending.
func (r *roster) allStates() []*personState {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Collect(maps.Values(r.people))
}

// visitsOf returns the live sessions of a person.
func (r *roster) visitsOf(id forum.UserID) []*Visit {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.visits[id])
}

// allVisits returns all live sessions.
func (r *roster) allVisits() (visits []*Visit) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, of := range r.visits {
		visits = append(visits, of...)
	}
	return visits
}

func (r *roster) addConnection(l *liveConnection) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.connections == nil {
		r.connections = make(map[*liveConnection]struct{})
	}
	r.connections[l] = struct{}{}
}

func (r *roster) removeConnection(l *liveConnection) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.connections, l)
}

func (r *roster) connectionsOf(id forum.UserID) (links []*liveConnection) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for l := range r.connections {
		if l.user == id {
			links = append(links, l)
		}
	}
	return links
}

// endSessions ends the live sessions and the connections of a person.
func (r *roster) endSessions(id forum.UserID, cause error) {
	for _, v := range r.visitsOf(id) {
		if v.arrival.End != nil {
			v.arrival.End(cause)
		}
	}
	for _, l := range r.connectionsOf(id) {
		l.end(cause)
	}
}
