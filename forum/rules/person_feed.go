package rules

import (
	"context"
	"slices"

	"sshforum/forum"
)

// feed is what the hub publishes, as one person may be told of it.
type feed struct {
	*forum.Subscription
	service *core
	actor   Actor
	sight   sight
}

// newFeed begins to queue what is wanted of the events, up to size of them. want is asked
// with the circle as it was last read.
func newFeed(s *core, actor Actor, size int, want func(*circle, forum.Event) bool) *feed {
	f := &feed{service: s, actor: actor, sight: sight{user: actor.User}}
	f.Subscription = s.cfg.Hub.Subscribe(size, func(e forum.Event) bool { return f.sight.lets(e, want) })
	return f
}

// next waits for events. It returns them as they can be told now, what was missed before
// them, and the circle that says which of them the person sees. Errors: Denied when the
// account was closed; Stopping; ctx's.
func (f *feed) next(ctx context.Context) (*circle, []forum.Event, forum.Gap, error) {
	return f.told(f.Next(ctx))
}

// take is next without waiting.
func (f *feed) take() (*circle, []forum.Event, forum.Gap, error) { return f.told(f.Take()) }

func (f *feed) told(events []forum.Event, missed forum.Gap, err error) (*circle, []forum.Event, forum.Gap, error) {
	if err == nil {
		err = f.retell(events, missed)
	}
	var c *circle
	if err == nil {
		c, err = f.circle()
	}
	return c, events, missed, err
}

// circle returns the person's circle as it is now.
func (f *feed) circle() (*circle, error) { return f.sight.look(f.service.cfg.Store) }

// retell makes of events that waited what can be told of them now, in place. It reads the
// store only when something was hidden since the first of them.
func (f *feed) retell(events []forum.Event, missed forum.Gap) error {
	if missed.Count == 0 && !slices.ContainsFunc(events, hides) {
		return nil
	}
	return f.service.view(f.actor, func(r forum.Reader) error {
		for i, e := range events {
			if e.Thread != 0 {
				events[i] = present(r, e)
			}
		}
		return nil
	})
}

// page returns kept events after one, as they can be told now. Errors: NotFound when they
// are kept no more.
func (f *feed) page(after uint64) (events []forum.Event, err error) {
	err = f.service.view(f.actor, func(r forum.Reader) error {
		if after+1 < r.EventsFrom() {
			return forum.Errorf(forum.NotFound, "The events after %d are not kept any more; read the threads again, and go on after %d.", after, r.Seq())
		}
		bytes := 0
		for e := range r.Events(after) {
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
