package rules

import (
	"context"
	"errors"
	"slices"
	"sync"

	"sshforum/forum"
)

// Reading needs no writing. What is stored beside what people ask for (that a session has
// begun or ended, what it has shown, which lines were typed) waits in memory while the
// journal takes nothing, as on a full disk, and is stored as soon as it does.

// overdue is what waits, but for what belongs to a live session or to a person.
type overdue struct {
	some chan struct{} // has room for one token

	mu      sync.Mutex
	changes []forum.Change // in their order
}

func newOverdue() *overdue { return &overdue{some: make(chan struct{}, 1)} }

// Overdue is sent to when there is something for StoreOverdue.
func (s *core) Overdue() <-chan struct{} { return s.overdue.some }

// StoreOverdue stores what waits. It is called by one goroutine at a time. Errors:
// Unavailable when the journal still takes nothing; Stopping; Internal ones of what is lost
// by them. What the rules refuse meanwhile, such as for an account that was closed, waits no
// longer.
func (s *core) StoreOverdue(ctx context.Context) error {
	var waiting []func(context.Context) error
	for _, c := range s.overdue.all() {
		waiting = append(waiting, func(ctx context.Context) error { return s.storeNext(ctx, c) })
	}
	for _, v := range s.roster.all() {
		waiting = append(waiting, v.begin)
	}
	for _, p := range s.roster.everybody() {
		waiting = append(waiting, func(ctx context.Context) error { return s.people.flush(ctx, p) })
	}
	var lost []error
	for _, store := range waiting {
		switch err := store(ctx); forum.KindOf(err) {
		case forum.Unavailable, forum.Stopping:
			return err
		case forum.Internal:
			lost = append(lost, err)
		}
	}
	return errors.Join(lost...)
}

// waits returns nil for the error of a journal that takes nothing, and has what it is the
// error of stored later.
func (s *core) waits(err error) error {
	if forum.KindOf(err) != forum.Unavailable {
		return err
	}
	select {
	case s.overdue.some <- struct{}{}:
	default:
	}
	return nil
}

// sometime stores c, if not now then later.
func (s *core) sometime(ctx context.Context, c forum.Change) error {
	_, err := s.cfg.Journal.Submit(ctx, c)
	if forum.KindOf(err) == forum.Unavailable {
		s.overdue.mu.Lock()
		s.overdue.changes = append(s.overdue.changes, c)
		s.overdue.mu.Unlock()
	}
	return s.waits(err)
}

// storeNext stores c, which has waited longest.
func (s *core) storeNext(ctx context.Context, c forum.Change) error {
	_, err := s.cfg.Journal.Submit(ctx, c)
	if forum.KindOf(err) != forum.Unavailable {
		s.overdue.mu.Lock()
		s.overdue.changes = s.overdue.changes[1:]
		s.overdue.mu.Unlock()
	}
	return err
}

func (o *overdue) all() []forum.Change {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.changes)
}
