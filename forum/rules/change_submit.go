package rules

import (
	"context"
	"time"

	"sshforum/forum"
)

// origin has the actor and the time of a change. Every change has one.
type origin struct {
	By forum.UserID
	At time.Time // the forum's time, see Clock
}

func (o *origin) changeOrigin() *origin { return o }

// author returns the account that makes the change. Errors: Denied.
func (o *origin) author(r forum.Reader) (forum.User, error) { return account(r, o.By) }

// nothing is the result of a change that returns only an error.
type nothing struct{}

// change is the data of one kind of Change, with its effect.
type change[Result any] interface {
	changeOrigin() *origin
	author(r forum.Reader) (forum.User, error)
	// apply does the work of Change.Apply; by is the author.
	apply(tx forum.Tx, by forum.User) (Result, error)
}

// submission is the forum.Change of a change and its kind.
type submission[Result any] struct {
	kind *changeKind
	change[Result]
}

func (e submission[Result]) Kind() string    { return e.kind.name }
func (e submission[Result]) When() time.Time { return e.changeOrigin().At }

func (e submission[Result]) Apply(tx forum.Tx) (any, error) {
	by, err := e.author(tx)
	if err != nil {
		return nil, err
	}
	return e.apply(tx, by)
}

func (e submission[Result]) fields() any { return e.change }

// newSubmission sets the origin of c, and returns its submission.
func newSubmission[Result any](by forum.UserID, at time.Time, c change[Result]) submission[Result] {
	*c.changeOrigin() = origin{By: by, At: at}
	return submission[Result]{kind: changeKinds.of(c), change: c}
}

// submit submits c for the actor. All acts of people go through it. It asks the pace of the
// change's kind, sets the time to now, and counts the change for the visit. Errors: Limited;
// Denied; those of apply and of the Journal.
func submit[Result any](ctx context.Context, s *core, actor Actor, c change[Result]) (Result, error) {
	return submitAfter(ctx, s, actor, c, func() error { return nil })
}

// submitAfter is submit for a change that is costly to prepare. It calls prepare after the pace
// allows the change; c has its origin by then.
func submitAfter[Result any](ctx context.Context, s *core, actor Actor, c change[Result], prepare func() error) (result Result, err error) {
	e := newSubmission(actor.User, s.Clock(), c)
	if err := s.checkPace(actor, e.kind.activity); err != nil {
		return result, err
	}
	if err := prepare(); err != nil {
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
