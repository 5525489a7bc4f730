package rules

import (
	"time"

	"sshforum/forum"
)

// byClock is a store that is read by the clock, where that is ahead of the last change:
// what ends by time has ended then, though nothing was stored since.
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

// Time returns the time of the last change, or the present if that is later.
func (r readerAt) Time() time.Time {
	if last := r.Reader.Time(); last.After(r.now) {
		return last
	}
	return r.now
}
