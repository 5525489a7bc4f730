package limit

import (
	"fmt"
	"testing"
	"time"
)

// Somebody who tries many names fills only a table of fixed size, and does not get an account
// unlocked by that.
func TestLockoutIsBounded(t *testing.T) {
	now := time.Unix(0, 0)
	g := NewGuard(Lockout{Attempts: 3, For: time.Hour}, func() time.Time { return now })
	victim := NewGuardKey("yoda", "192.0.2.1")
	guess := func(k GuardKey) time.Duration {
		end, left, err := g.Begin(t.Context(), k)
		if err != nil {
			t.Fatal(err)
		}
		if left == 0 {
			end(WrongTry)
		}
		return left
	}
	for range 3 {
		if left := guess(victim); left > 0 {
			t.Fatalf("locked for %s before the third try", left)
		}
	}
	for n := range 3 * maxGuarded {
		if n%1000 == 0 && guess(victim) != time.Hour {
			t.Fatalf("open again after %d tries of other names", n)
		}
		guess(NewGuardKey(fmt.Sprint("name", n), "192.0.2.1"))
	}
	if n := len(g.underWay); n > 0 {
		t.Errorf("%d tries are still under way", n)
	}
	if young, old := len(g.tries.young), len(g.tries.old); young > maxGuarded || old > maxGuarded {
		t.Errorf("%d and %d entries, and at most %d each are meant to be", young, old, maxGuarded)
	}
}
