package rules

import (
	"context"
	"time"

	"sshforum/forum/limit"
)

// Working is known after it was done, and is counted in bytes of the server's, not in
// requests: what somebody asks for in few bytes can take a gigabyte.

// MayWork reports whether the server may work for actor, which ChargeWork is told of after, or
// says when. Errors: Limited; Denied.
func (s *core) MayWork(actor Actor) error {
	buckets, err := s.buckets(actor, limit.Working)
	if err != nil {
		return err
	}
	left, empty := s.pace.Look(s.Steady(), buckets...)
	return tooFastBy(limit.Working, left, empty)
}

// ChargeWork notes that the server has gone through so many bytes for actor. What is more than
// the rate has room for is waited for before the next time.
func (s *core) ChargeWork(actor Actor, bytes int64) {
	const mebibyte = 1 << 20
	if buckets, err := s.buckets(actor, limit.Working); err == nil && bytes > 0 {
		s.pace.Owe(s.Steady(), (bytes+mebibyte-1)/mebibyte, buckets...)
	}
}

// AwaitTurn returns when it is time for one more command of actor's. Errors: Denied; ctx's.
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

// count adds bytes to a count.
func (u *Upload) count(to *int64, n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	*to += int64(n)
}

// worked tells the pace what the server has gone through for the upload and was not sent:
// gaps and what was there before, which were hashed, and what was copied.
func (u *Upload) worked(hashed int64) {
	u.mu.Lock()
	bytes := hashed + u.copied - u.sent
	u.copied, u.sent = 0, 0
	u.mu.Unlock()
	u.service.ChargeWork(u.actor, bytes)
}
