package lineedit

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

// A key such as Ctrl-Y can cost milliseconds in a long line, and a paste brings thousands.
// So an editor works on keys for a tenth of the time at most, once it has used up what no
// person needs: the keys that come beyond that wait, and in the end the terminal does.
const (
	effortAtOnce = 250 * time.Millisecond
	effortShare  = 10               // one part in so many
	effortStep   = effortAtOnce / 5 // after which keys that are at hand wait for their turn
)

// effort is how much an editor has worked, and may.
type effort struct {
	left  *rate.Limiter // nanoseconds of work
	spent time.Duration // on the keys at hand
}

func newEffort() effort {
	return effort{left: rate.NewLimiter(rate.Limit(time.Second/effortShare), int(effortAtOnce))}
}

// work counts what happens until done.
func (e *effort) work() (done func()) {
	began := time.Now()
	return func() { e.spent += time.Since(began) }
}

// much reports whether the keys at hand have cost much.
func (e *effort) much() bool { return e.spent > effortStep }

// pause returns how long there must be no more work.
func (e *effort) pause() time.Duration {
	spent := min(e.spent, effortAtOnce)
	e.spent = 0
	return e.left.ReserveN(time.Now(), int(spent)).Delay()
}

// rest waits for d, or until ctx ends.
func rest(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
