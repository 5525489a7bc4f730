package rules

import (
	"context"
	"time"

	"sshforum/forum"
)

// origin says who made a change, and when. Every change has one.
type origin struct {
	By forum.UserID
	At time.Time // as the forum's Clock showed it
}

func (o *origin) made() *origin { return o }

// author returns the account that makes the change. Errors: Denied.
func (o *origin) author(r forum.Reader) (forum.User, error) { return account(r, o.By) }

// nothing is the result of a change that nobody waits for more from than that it happened.
type nothing struct{}

// change is the data of one kind of Change, and what it does.
type change[Result any] interface {
	made() *origin
	author(r forum.Reader) (forum.User, error)
	// apply is as Change.Apply; by is the author.
	apply(tx forum.Tx, by forum.User) (Result, error)
}

// submission is a change as the journal takes it.
type submission[Result any] struct {
	kind *changeKind
	change[Result]
}

func (e submission[Result]) Kind() string    { return e.kind.name }
func (e submission[Result]) When() time.Time { return e.made().At }

func (e submission[Result]) Apply(tx forum.Tx) (any, error) {
	by, err := e.author(tx)
	if err != nil {
		return nil, err
	}
	return e.apply(tx, by)
}

func (e submission[Result]) fields() any { return e.change }

// newSubmission returns c as made by somebody, at a time.
func newSubmission[Result any](by forum.UserID, at time.Time, c change[Result]) submission[Result] {
	*c.made() = origin{By: by, At: at}
	return submission[Result]{kind: changeKinds.of(c), change: c}
}

// submit is the one way by which what somebody does becomes a change: at the pace its kind
// is subject to, with the time it is now, and counted for the visit. Errors: Limited;
// Denied; those of apply and of the Journal.
func submit[Result any](ctx context.Context, s *core, actor Actor, c change[Result]) (Result, error) {
	return submitAfter(ctx, s, actor, c, func() error { return nil })
}

// submitAfter is submit for what costs something to make ready: that is done only for those
// whom the pace lets go on. c has its origin by then.
func submitAfter[Result any](ctx context.Context, s *core, actor Actor, c change[Result], ready func() error) (result Result, err error) {
	e := newSubmission(actor.User, s.Clock(), c)
	if err := s.paced(actor, e.kind.activity); err != nil {
		return result, err
	}
	if err := ready(); err != nil {
		return result, err
	}
	answer, err := s.cfg.Journal.Submit(ctx, e)
	if err != nil {
		return result, err
	}
	if e.kind.counted && actor.visit != nil {
		actor.visit.countSent()
	}
	return answer.(Result), nil
}
