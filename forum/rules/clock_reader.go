package rules

import (
	"time"

	"sshforum/forum"
)

// byClock is a store whose readers take the time of the clock if that is later than the last
// change. A ban, for example, then ends in time even if nothing was stored since.
type byClock struct {
	forum.Store
	clock func() time.Time
}

func (s byClock) View(fn func(forum.Reader) error) error {
	now := s.clock()
	return s.Store.View(func(r forum.Reader) error { return fn(readerAt{r, now}) })
}

type readerAt struct {
	forum.Reader
	now time.Time
}

// Time returns the time of the last change, or now if that is later.
func (r readerAt) Time() time.Time {
	if last := r.Reader.Time(); last.After(r.now) {
		return last
	}
	return r.now
}
