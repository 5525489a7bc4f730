package rules

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"time"

	"sshforum/forum"
)

// Presence is a person who is here by one door.
type Presence struct {
	User     forum.UserID
	Name     string
	Door     string
	Since    time.Time // beginning of the first session
	Acted    time.Time // last command in any session
	Sent     int       // messages sent in all sessions
	Sessions int
	You      bool
}

// Who returns the people who are here, by name and door, without those who have blocked the
// actor. Errors: Denied.
func (s *PeopleService) Who(ctx context.Context, actor Actor) (all []Presence, err error) {
	visits := s.roster.allVisits()
	err = s.view(actor, func(r forum.Reader) error {
		visits = slices.DeleteFunc(visits, func(v *Visit) bool { return r.Blocked(v.actor.User, actor.User) })
		return nil
	})
	if err != nil {
		return nil, err
	}
	byDoor := make(map[Presence]*Presence)
	for _, v := range visits {
		key := Presence{User: v.actor.User, Door: v.actor.Door}
		h := byDoor[key]
		if h == nil {
			h = &Presence{User: v.actor.User, Name: v.actor.Name, Door: v.actor.Door, Since: v.since, You: v.actor.User == actor.User}
			byDoor[key] = h
		}
		v.addTo(h)
	}
	for _, h := range byDoor {
		all = append(all, *h)
	}
	slices.SortFunc(all, func(a, b Presence) int {
		return cmp.Or(cmp.Compare(forum.NameKey(a.Name), forum.NameKey(b.Name)), cmp.Compare(a.Door, b.Door))
	})
	return all, nil
}

// addTo adds the visit to its person's presence.
func (v *Visit) addTo(h *Presence) {
	v.mu.Lock()
	defer v.mu.Unlock()
	h.Sessions++
	h.Sent += v.sent
	if v.since.Before(h.Since) {
		h.Since = v.since
	}
	if v.acted.After(h.Acted) {
		h.Acted = v.acted
	}
}

// LastSeen is a person who was here in a certain period.
type LastSeen struct {
	User forum.UserID
	Name string
	Left time.Time // end of the last session; zero if the person is here now
	You  bool
}

// WhoSince returns the people who were here at or after t, or are here now, by name, without
// those who have blocked the actor.
func (s *PeopleService) WhoSince(ctx context.Context, actor Actor, t time.Time) (all []LastSeen, err error) {
	here := s.roster.allVisits()
	err = s.view(actor, func(r forum.Reader) error {
		left := make(map[forum.UserID]time.Time)
		for v := range r.VisitsEndedSince(t) {
			left[v.User] = v.Ended
		}
		for v := range r.VisitsOpen() {
			left[v.User] = time.Time{}
		}
		for _, v := range here { // also those that are not stored
			if v.arrival.Stays {
				left[v.actor.User] = time.Time{}
			}
		}
		for id, at := range left {
			if !r.Blocked(id, actor.User) {
				all = append(all, LastSeen{User: id, Name: authorName(r, id), Left: at, You: id == actor.User})
			}
		}
		return nil
	})
	slices.SortFunc(all, func(a, b LastSeen) int { return cmp.Compare(forum.NameKey(a.Name), forum.NameKey(b.Name)) })
	return all, err
}

// NamedVisit is a visit with its person's name.
type NamedVisit struct {
	forum.VisitRecord
	Name string
}

// Visits returns the whole login history, the last visit first. The sequence reads one page at
// a time while it is ranged over, and ends with the first error. Errors: Denied.
func (s *PeopleService) Visits(ctx context.Context, actor Actor) (iter.Seq2[NamedVisit, error], error) {
	if _, err := s.visits(actor, 0, 0); err != nil {
		return nil, err
	}
	return func(yield func(NamedVisit, error) bool) {
		for before := forum.VisitID(0); ; {
			page, err := s.visits(actor, before, pageEntries)
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(NamedVisit{}, err)
				return
			}
			for _, v := range page {
				if !yield(v, nil) {
					return
				}
			}
			if len(page) < pageEntries {
				return
			}
			before = page[len(page)-1].ID
		}
	}, nil
}

// visits returns up to limit visits that began before another one, the last first.
func (s *PeopleService) visits(actor Actor, before forum.VisitID, limit int) (page []NamedVisit, err error) {
	err = s.cfg.Store.View(func(r forum.Reader) error {
		u, err := account(r, actor.User)
		if err != nil {
			return err
		}
		if !u.May(forum.SeeVisits, u.ID) {
			return forum.Errorf(forum.Denied, "Only an admin can see the login history.")
		}
		for v := range r.VisitsBefore(before) {
			if len(page) == limit {
				break
			}
			page = append(page, NamedVisit{VisitRecord: v, Name: authorName(r, v.User)})
		}
		return nil
	})
	return page, err
}
