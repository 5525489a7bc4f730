package rules

import (
	"context"
	"time"

	"sshforum/forum/limit"
)

// Working is an activity that is charged after it was done, in bytes that the server has read
// or hashed, not in requests: a request of few bytes can make the server read a gigabyte.

// MayWork refuses to work for actor if earlier work has used up the rate. The caller charges
// the work afterwards with ChargeWork. Errors: Limited, with the time to wait; Denied.
func (s *core) MayWork(actor Actor) error {
	buckets, err := s.buckets(actor, limit.Working)
	if err != nil {
		return err
	}
	left, empty := s.pace.Look(s.Steady(), buckets...)
	return paceError(limit.Working, left, empty)
}

// ChargeWork notes that the server has read or hashed bytes for actor. If they exceed the rate,
// MayWork refuses until the rate has made up for them.
func (s *core) ChargeWork(actor Actor, bytes int64) {
	const mebibyte = 1 << 20
	if buckets, err := s.buckets(actor, limit.Working); err == nil && bytes > 0 {
		s.pace.Owe(s.Steady(), (bytes+mebibyte-1)/mebibyte, buckets...)
	}
}

// AwaitTurn waits until actor may give another command. Errors: Denied; the cause of ctx.
func (s *core) AwaitTurn(ctx context.Context, actor Actor) error {
	for {
		buckets, err := s.buckets(actor, limit.Asking)
		if err != nil {
			return err
		}
		left, _ := s.pace.Take(s.Steady(), buckets...)
		if left <= 0 {
			return nil
		}
		select {
		case <-time.After(left):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (u *Upload) count(to *int64, n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	*to += int64(n)
}

// worked charges the work for the upload that was not data sent by its owner: gaps and earlier
// content that were hashed, and content that was copied.
func (u *Upload) worked(hashed int64) {
	u.mu.Lock()
	bytes := hashed + u.copied - u.sent
	u.copied, u.sent = 0, 0
	u.mu.Unlock()
	u.service.ChargeWork(u.actor, bytes)
}
