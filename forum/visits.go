package forum

import (
	"context"
	"time"
)

// VisitsKept is how long the login history remembers a visit that has ended.
const VisitsKept = 90 * 24 * time.Hour

// EndLost ends the visits that a crash left open, at the time of the last change; if
// nothing can be stored then later. It is called before any session begins.
func (s *Service) EndLost(ctx context.Context) error {
	var lost loseVisits
	err := s.Store.View(func(r Reader) error {
		for v := range r.VisitsOpen() {
			lost.Upto = max(lost.Upto, v.ID)
		}
		return nil
	})
	if err != nil || lost.Upto == 0 {
		return err
	}
	return s.sometime(ctx, &lost)
}

// errNoPerson refuses what the operator cannot do, being nobody.
var errNoPerson = Errorf(Denied, "Only somebody with an account can do that.")

type beginVisit struct {
	By     UserID
	At     time.Time
	Door   string
	Source string
}

func (c *beginVisit) Kind() string    { return "visit.begin" }
func (c *beginVisit) When() time.Time { return c.At }

func (c *beginVisit) Apply(tx Tx) (any, Event, error) {
	u, err := account(tx, c.By)
	if err != nil {
		return nil, Event{}, err
	}
	if u.ID == 0 {
		return nil, Event{}, errNoPerson
	}
	var e Event
	if !tx.IsHere(u.ID) {
		e = Event{Kind: UserCame, Actor: u.ID, Name: u.Name}
	}
	v := VisitRecord{ID: tx.NewVisitID(), User: u.ID, Door: c.Door, Source: c.Source, Began: tx.Time()}
	tx.PutVisit(v)
	return v.ID, e, nil
}

type endVisit struct {
	At    time.Time
	Visit VisitID
}

func (c *endVisit) Kind() string    { return "visit.end" }
func (c *endVisit) When() time.Time { return c.At }

// Apply asks for no open account: a session may end because its account was closed.
func (c *endVisit) Apply(tx Tx) (any, Event, error) {
	v, ok := tx.Visit(c.Visit)
	if !ok || !v.Ended.IsZero() {
		return nil, Event{}, Errorf(NotFound, "No such visit.")
	}
	u := endedAt(tx, v)
	if tx.IsHere(v.User) || u.anonymous() {
		return nil, Event{}, nil
	}
	return nil, Event{Kind: UserWent, Actor: v.User, Name: u.Name}, nil
}

// endedAt ends a visit now, and drops it if nothing private of its person is kept.
func endedAt(tx Tx, v VisitRecord) (u User) {
	u, _ = tx.User(v.User)
	if u.Erased {
		tx.DropVisit(v)
		return u
	}
	v.Ended = tx.Time()
	tx.PutVisit(v)
	return u
}

// loseVisits ends the open visits up to one, those of sessions that were before a crash.
type loseVisits struct{ Upto VisitID }

func (c *loseVisits) Kind() string    { return "visit.lost" }
func (c *loseVisits) When() time.Time { return time.Time{} } // that of the last change

func (c *loseVisits) Apply(tx Tx) (any, Event, error) {
	for v := range tx.VisitsOpen() {
		if v.ID <= c.Upto {
			endedAt(tx, v)
		}
	}
	return nil, Event{}, nil
}
