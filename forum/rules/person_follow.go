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
		defer f.live.Close()
		if f.behind && !f.catchUp(yield) {
			return
		}
		for {
			events, missed, err := f.live.Next(ctx)
			if err == nil {
				err = s.retell(actor, events, missed)
			}
			var c *circle
			if err == nil {
				c, err = f.sight.look(s.cfg.Store)
			}
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
	service *core
	actor   Actor
	threads []forum.ThreadID
	live    *forum.Subscription
	sight   sight
	last    uint64 // number of the last event yielded or passed over
	behind  bool   // events after last are in the store alone
}

func (s *PeopleService) follow(actor Actor, titles []string, after uint64, resume bool) (*follower, error) {
	f := &follower{service: s.core, actor: actor, last: after, behind: resume, sight: sight{user: actor.User}}
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
	f.live = s.cfg.Hub.Subscribe(followQueue, func(e forum.Event) bool { return f.sight.lets(e, f.wants) })
	_, err = f.sight.look(s.cfg.Store)
	if err == nil && !resume {
		// Now begins behind the subscription, so that nothing falls between the two.
		err = s.view(actor, func(r forum.Reader) error {
			f.last = r.Seq()
			return nil
		})
	}
	if err != nil {
		f.live.Close()
	}
	return f, err
}

func (f *follower) wants(c *circle, e forum.Event) bool {
	return (len(f.threads) == 0 || slices.Contains(f.threads, e.Thread)) && c.sees(e)
}

// emit yields what is wanted of events.
func (f *follower) emit(c *circle, events []forum.Event, yield func([]forum.Event, error) bool) bool {
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
		c, err := f.sight.look(f.service.cfg.Store)
		var events []forum.Event
		if err == nil {
			events, err = f.page()
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

func (f *follower) page() (events []forum.Event, err error) {
	err = f.service.view(f.actor, func(r forum.Reader) error {
		if f.last+1 < r.EventsFrom() {
			return forum.Errorf(forum.NotFound, "The events after %d are not kept any more; read the threads again, and go on after %d.", f.last, r.Seq())
		}
		bytes := 0
		for e := range r.Events(f.last) {
			if len(events) == pageEntries || bytes >= pageBytes {
				break
			}
			e = present(r, e)
			events = append(events, e)
			bytes += len(e.Text)
		}
		return nil
	})
	return events, err
}

// textless are the kinds that name a message and do not tell its text, though it may be
// there: restored, or never gone.
var textless = []forum.EventKind{forum.MessageDeleted, forum.MessageHidden, forum.ReportFiled}

// presentText returns the text of an event that can still be read, else "".
func presentText(r forum.Reader, e forum.Event) string {
	switch {
	case e.Kind == forum.PrivateSent:
		l, _ := letter(r, e.Actor, e.To, e.Seq)
		return l.Text
	case e.Message.IsZero() || slices.Contains(textless, e.Kind):
		return e.Said()
	}
	t, ok := r.Thread(e.Message.Thread)
	m, found := r.Message(e.Message)
	if !ok || !found || t.Removed.Done() || m.Removed.Done() {
		return ""
	}
	return m.Text
}
