package rules

import (
	"context"
	"iter"
	"slices"

	"sshforum/forum"
)

// followQueue is how many events may wait for one follower. One with more reads the missed
// events from the store.
const followQueue = 256

// Follow yields the events in the named threads, or in all threads if titles is empty, that the
// actor may see, in journal order, several at once if they are there. The caller must not change
// them, because other followers get the same. It begins with the next event or, if resume is
// set, with the first event after the one numbered after. A follower that lags gets the kept
// events from the store. An error ends the sequence: NotFound if there is no such thread, or if
// older events are no longer kept; Invalid if no event has the number after yet; Denied if the
// account is closed; Stopping.
func (s *PeopleService) Follow(ctx context.Context, actor Actor, titles []string, after uint64, resume bool) iter.Seq2[[]*forum.Event, error] {
	return func(yield func([]*forum.Event, error) bool) {
		f, err := s.follow(actor, titles, after, resume)
		if err != nil {
			yield(nil, err)
			return
		}
		defer f.Close()
		f.run(ctx, yield)
	}
}

type follower struct {
	*feed
	threads threadSet
	last    uint64 // number of the last event that was yielded or skipped
	behind  bool   // events after last must be read from the store
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
		// Read Seq after subscribing, so that no event is lost between the two.
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

// run yields events until the caller wants no more or after an error.
func (f *follower) run(ctx context.Context, yield func([]*forum.Event, error) bool) {
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

func (f *follower) wants(c *viewer, e *forum.Event) bool { return f.threads.has(e) && c.sees(e) }

// threadSet has the threads that are followed. If it is empty, all events are.
type threadSet []forum.ThreadID

func (s threadSet) has(e *forum.Event) bool { return len(s) == 0 || slices.Contains(s, e.Thread) }

// emit yields the events that are wanted and not yielded yet, and returns false if the caller
// wants no more.
func (f *follower) emit(c *viewer, events []*forum.Event, yield func([]*forum.Event, error) bool) bool {
	wanted := slices.DeleteFunc(events, func(e *forum.Event) bool {
		if e.Seq <= f.last {
			return true
		}
		f.last = e.Seq
		return e.Kind == "" || !f.wants(c, e)
	})
	return len(wanted) == 0 || yield(wanted, nil)
}

// catchUp yields the kept events after f.last, a page in each transaction, and returns false if
// the caller wants no more or after an error.
func (f *follower) catchUp(yield func([]*forum.Event, error) bool) bool {
	for {
		c, err := f.viewer()
		var events []*forum.Event
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
