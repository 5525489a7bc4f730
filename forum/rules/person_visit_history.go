package rules

import (
	"context"
	"time"

	"sshforum/forum"
)

// VisitsKept is how long the login history keeps a visit after its end.
const VisitsKept = 90 * 24 * time.Hour

// EndLost ends the visits that a crash left open, at the time of the last change. If the store
// takes no changes, it defers that. It must be called before any session begins.
func (s *PeopleService) EndLost(ctx context.Context) error {
	var lost loseVisits
	err := s.cfg.Store.View(func(r forum.Reader) error {
		for v := range r.VisitsOpen() {
			lost.Upto = max(lost.Upto, v.ID)
		}
		return nil
	})
	if err != nil || lost.Upto == 0 {
		return err
	}
	return s.submitOrDefer(ctx, newSubmission(operator, time.Time{}, &lost)) // at the time of the last change
}

// errNoPerson refuses acts for which the operator would need an account.
var errNoPerson = forum.Errorf(forum.Denied, "Only somebody with an account can do that.")

type beginVisit struct {
	origin

	Door   string
	Source string
}

func (c *beginVisit) apply(tx forum.Tx, u forum.User) (forum.VisitID, error) {
	if u.ID == 0 {
		return 0, errNoPerson
	}
	var e forum.Event
	if !tx.IsHere(u.ID) {
		e = forum.Event{Kind: forum.UserCame, Actor: u.ID, Name: u.Name}
	}
	v := forum.VisitRecord{ID: tx.NewVisitID(), User: u.ID, Door: c.Door, Source: c.Source, Began: tx.Time()}
	tx.PutVisit(v)
	tx.Publish(e)
	return v.ID, nil
}

type endVisit struct {
	origin
	Visit forum.VisitID
}

// apply requires no open account, because a session may end when its account is closed.
func (c *endVisit) apply(tx forum.Tx, _ forum.User) (nothing, error) {
	v, ok := tx.Visit(c.Visit)
	if !ok || !v.Ended.IsZero() {
		return nothing{}, forum.Errorf(forum.NotFound, "No such visit.")
	}
	u := storeVisitEnd(tx, v)
	if tx.IsHere(v.User) || anonymous(u) {
		return nothing{}, nil
	}
	tx.Publish(forum.Event{Kind: forum.UserWent, Actor: v.User, Name: u.Name})
	return nothing{}, nil
}

// storeVisitEnd ends a visit now, or drops it if its person was erased.
func storeVisitEnd(tx forum.Tx, v forum.VisitRecord) (u forum.User) {
	u, _ = tx.User(v.User)
	if u.Erased {
		tx.DropVisit(v)
		return u
	}
	v.Ended = tx.Time()
	tx.PutVisit(v)
	return u
}

// loseVisits ends the open visits up to an id, which are those of sessions before a crash.
type loseVisits struct {
	origin

	Upto forum.VisitID
}

func (c *loseVisits) apply(tx forum.Tx, _ forum.User) (nothing, error) {
	for v := range tx.VisitsOpen() {
		if v.ID <= c.Upto {
			storeVisitEnd(tx, v)
		}
	}
	return nothing{}, nil
}
