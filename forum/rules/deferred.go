package rules

import (
	"context"
	"errors"
	"slices"
	"sync"

	"sshforum/forum"
)

// Reading works even if nothing can be written. What is stored beside what people ask for
// (that a session has begun or ended, what it has shown, which lines were typed) waits in
// memory while the journal takes nothing, as on a full disk, and is stored as soon as it can be.

// deferred has the changes that wait. What a live session or a person has pending is kept
// with those.
type deferred struct {
	some chan struct{} // has room for one token

	mu      sync.Mutex
	changes []forum.Change // in their order
}

func newDeferred() *deferred { return &deferred{some: make(chan struct{}, 1)} }

// Deferred returns a channel that is sent to when there is something for StoreDeferred.
func (s *core) Deferred() <-chan struct{} { return s.deferred.some }

// StoreDeferred stores what waits. Only one goroutine may call it at a time. Errors:
// Unavailable if the journal still takes nothing; Stopping; Internal, after which what it
// was about is lost. What the rules now refuse, such as for an account that was closed, is
// dropped.
func (s *core) StoreDeferred(ctx context.Context) error {
	var waiting []func(context.Context) error
	for _, c := range s.deferred.all() {
		waiting = append(waiting, func(ctx context.Context) error { return s.storeDeferred(ctx, c) })
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

// deferIfUnavailable returns nil if err says that the journal takes nothing, and asks for
// StoreDeferred.
func (s *core) deferIfUnavailable(err error) error {
	if forum.KindOf(err) != forum.Unavailable {
		return err
	}
	select {
	case s.deferred.some <- struct{}{}:
	default:
	}
	return nil
}

// submitOrDefer submits c, later if the journal takes nothing now.
func (s *core) submitOrDefer(ctx context.Context, c forum.Change) error {
	_, err := s.cfg.Journal.Submit(ctx, c)
	if forum.KindOf(err) == forum.Unavailable {
		s.deferred.mu.Lock()
		s.deferred.changes = append(s.deferred.changes, c)
		s.deferred.mu.Unlock()
	}
	return s.deferIfUnavailable(err)
}

// storeDeferred submits c, which has waited longest.
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
