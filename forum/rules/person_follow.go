package rules

import (
	"context"
	"iter"
	"slices"

	"sshforum/forum"
)

// followQueue is how many events may wait for one follower before it is sent to the
// store to read what it missed.
const followQueue = 256

// Follow yields what happens in the threads named, or anywhere when none is, as far as the
// actor may see it, in journal order and as many events at once as there are: from now on,
// or, when resume is set, all that came after the event numbered after. A follower that lags is served from the kept events.
// Errors end it: NotFound for a thread that does not exist or when older events are kept
// no more; Denied when the account is closed; Stopping.
func (s *PeopleService) Follow(ctx context.Context, actor Actor, titles []string, after uint64, resume bool) iter.Seq2[[]forum.Event, error] {
	return func(yield func([]forum.Event, error) bool) {
		f, err := s.follow(actor, titles, after, resume)
		if err != nil {
			yield(nil, err)
			return
		}
		defer f.Close()
		if f.behind && !f.catchUp(yield) {
			return
		}
		for {
			c, events, missed, err := f.next(ctx)
			if err != nil {
				yield(nil, err)
				return
			}
			if !f.emit(c, events, yield) || missed.Count > 0 && !f.catchUp(yield) {
				return
			}
		}
	}
}

type follower struct {
	*feed
	threads []forum.ThreadID
	last    uint64 // number of the last event yielded or passed over
	behind  bool   // events after last are in the store alone
}

func (s *PeopleService) follow(actor Actor, titles []string, after uint64, resume bool) (*follower, error) {
	f := &follower{last: after, behind: resume}
	err := s.view(actor, func(r forum.Reader) error {
		for _, title := range titles {
			t, err := liveThread(r, forum.TitleKey(title))
			if err != nil {
				return err
			}
			f.threads = append(f.threads, t.ID)
		}
		if resume && after > r.Seq() {
			return forum.Errorf(forum.Invalid, "No event has the number %d yet; the last one is %d.", after, r.Seq())
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	f.feed = newFeed(s.core, actor, followQueue, f.wants)
	_, err = f.viewer()
	if err == nil && !resume {
		// Now begins behind the subscription, so that nothing falls between the two.
		err = s.view(actor, func(r forum.Reader) error {
			f.last = r.Seq()
			return nil
		})
	}
	if err != nil {
		f.Close()
	}
	return f, err
}

func (f *follower) wants(c *viewer, e forum.Event) bool {
	return (len(f.threads) == 0 || slices.Contains(f.threads, e.Thread)) && c.sees(e)
}

// emit yields what is wanted of events.
func (f *follower) emit(c *viewer, events []forum.Event, yield func([]forum.Event, error) bool) bool {
	wanted := slices.DeleteFunc(events, func(e forum.Event) bool {
		if e.Seq <= f.last {
			return true
		}
		f.last = e.Seq
		return e.Kind == "" || !f.wants(c, e)
	})
	return len(wanted) == 0 || yield(wanted, nil)
}

// catchUp yields the kept events after f.last, a page in each transaction.
func (f *follower) catchUp(yield func([]forum.Event, error) bool) bool {
	for {
		c, err := f.viewer()
		var events []forum.Event
		if err == nil {
			events, err = f.page(f.last)
		}
		if err != nil {
			yield(nil, err)
			return false
		}
		if len(events) == 0 {
			return true
		}
		if !f.emit(c, events, yield) {
			return false
		}
	}
}
