package lineedit

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

// A key such as Ctrl-Y can take milliseconds in a long line, and a paste brings thousands of
// keys. So an editor works on keys for at most a tenth of the time, once it has used
// effortAtOnce, which is more than a person needs. Further keys wait, and in the end the
// terminal does.
const (
	effortAtOnce = 250 * time.Millisecond
	effortShare  = 10               // keys may use this fraction of the time: one in effortShare
	effortStep   = effortAtOnce / 5 // work after which the remaining keys wait
)

// effort is the work that an editor has done and may still do.
type effort struct {
	left  *rate.Limiter // nanoseconds of work
	spent time.Duration // on the present keys
}

func newEffort() effort {
	return effort{left: rate.NewLimiter(rate.Limit(time.Second/effortShare), int(effortAtOnce))}
}

// work counts the time until done is called.
func (e *effort) work() (done func()) {
	began := time.Now()
	return func() { e.spent += time.Since(began) }
}

// much reports whether the present keys have taken more than effortStep.
func (e *effort) much() bool { return e.spent > effortStep }

// pause returns how long the editor must rest.
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
