package rules

import (
	"context"
	"errors"
	"slices"
	"sync"

	"sshforum/forum"
)

// Reading works even if nothing can be written. Some changes are made besides those that people
// ask for: that a session has begun or ended, which messages it has shown, which lines were
// typed. They wait in memory while the journal takes nothing, as on a full disk, and are stored
// as soon as it takes changes again.

// deferred has the changes that wait. The pending changes of a live session or of a person are
// not here, but with the session or person.
type deferred struct {
	wake chan struct{} // of capacity 1

	mu      sync.Mutex
	changes []forum.Change // oldest first
}

func newDeferred() *deferred { return &deferred{wake: make(chan struct{}, 1)} }

// Deferred returns a channel that gets a value when StoreDeferred has something to store.
func (s *core) Deferred() <-chan struct{} { return s.deferred.wake }

// StoreDeferred stores the changes that wait. It drops those that the rules now refuse, such
// as for an account that was closed. Only one goroutine may call it at a time. Errors:
// Unavailable if the journal still takes nothing; Stopping; Internal if a change failed, which
// is then lost.
func (s *core) StoreDeferred(ctx context.Context) error {
	var waiting []func(context.Context) error
	for _, c := range s.deferred.all() {
		waiting = append(waiting, func(ctx context.Context) error { return s.storeDeferred(ctx, c) })
	}
	for _, v := range s.roster.allVisits() {
		waiting = append(waiting, v.begin)
	}
	for _, p := range s.roster.allStates() {
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

// deferIfUnavailable returns err, unless it is Unavailable: then it asks for a call of
// StoreDeferred, and returns nil.
func (s *core) deferIfUnavailable(err error) error {
	if forum.KindOf(err) != forum.Unavailable {
		return err
	}
	select {
	case s.deferred.wake <- struct{}{}:
	default:
	}
	return nil
}

// submitOrDefer submits c, or defers it if the journal takes nothing now.
func (s *core) submitOrDefer(ctx context.Context, c forum.Change) error {
	_, err := s.cfg.Journal.Submit(ctx, c)
	if forum.KindOf(err) == forum.Unavailable {
		s.deferred.mu.Lock()
		s.deferred.changes = append(s.deferred.changes, c)
		s.deferred.mu.Unlock()
	}
	return s.deferIfUnavailable(err)
}

// storeDeferred submits c, which must be the oldest deferred change.
func (s *core) storeDeferred(ctx context.Context, c forum.Change) error {
	_, err := s.cfg.Journal.Submit(ctx, c)
	if forum.KindOf(err) != forum.Unavailable {
		s.deferred.mu.Lock()
		s.deferred.changes = s.deferred.changes[1:]
		s.deferred.mu.Unlock()
	}
	return err
}

func (o *deferred) all() []forum.Change {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.changes)
}
