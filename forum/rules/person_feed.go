package rules

import (
	"context"
	"slices"

	"sshforum/forum"
)

// feed is a subscription to the hub that returns events as one person may see them.
type feed struct {
	*forum.Subscription
	service *core
	actor   Actor
	viewers cachedViewer
}

// newFeed subscribes to the events that want accepts, of which up to size wait in the queue.
// want gets the viewer as it was last read.
func newFeed(s *core, actor Actor, size int, want func(*viewer, *forum.Event) bool) *feed {
	f := &feed{service: s, actor: actor, viewers: cachedViewer{user: actor.User}}
	f.Subscription = s.cfg.Hub.Subscribe(size, func(e *forum.Event) bool { return f.viewers.wants(e, want) })
	return f
}

// next waits for events. It returns them as they may be shown now, the gap of missed events
// behind them, and the viewer that decides which of them the person sees. Errors: Denied if the
// account is closed; Stopping; the cause of ctx.
func (f *feed) next(ctx context.Context) (*viewer, []*forum.Event, forum.Gap, error) {
	return f.prepare(f.Next(ctx))
}

// take is next without waiting.
func (f *feed) take() (*viewer, []*forum.Event, forum.Gap, error) { return f.prepare(f.Take()) }

func (f *feed) prepare(events []*forum.Event, missed forum.Gap, err error) (*viewer, []*forum.Event, forum.Gap, error) {
	if err == nil {
		err = f.redact(events, missed)
	}
	var c *viewer
	if err == nil {
		c, err = f.viewer()
	}
	return c, events, missed, err
}

// viewer returns the person's viewer in its present state.
func (f *feed) viewer() (*viewer, error) { return f.viewers.load(f.service.cfg.Store) }

// known returns the person's viewer as it was last read, or nil if it was not read yet.
func (f *feed) known() *viewer { return f.viewers.current.Load() }

// redact replaces each event that waited with the part of it that may be shown now. It reads
// the store only if a thread or a message was hidden in the meantime.
func (f *feed) redact(events []*forum.Event, missed forum.Gap) error {
	if missed.Count == 0 && !slices.ContainsFunc(events, hides) {
		return nil
	}
	return f.service.view(f.actor, func(r forum.Reader) error {
		for i, e := range events {
			if e.Thread != 0 {
				shown := redacted(r, *e)
				events[i] = &shown
			}
		}
		return nil
	})
}

// page returns kept events after the one numbered after, as they may be shown now. Errors:
// NotFound if they are no longer kept.
func (f *feed) page(after uint64) (events []*forum.Event, err error) {
	err = f.service.view(f.actor, func(r forum.Reader) error {
		if after+1 < r.EventsFrom() {
			return forum.Errorf(forum.NotFound, "The events after %d are not kept any more; read the threads again, and go on after %d.", after, r.Seq())
		}
		bytes := 0
		for e := range r.Events(after) {
			if len(events) == pageEntries || bytes >= pageBytes {
				break
			}
			e = redacted(r, e)
			events = append(events, &e)
			bytes += len(e.Text)
		}
		return nil
	})
	return events, err
}

// withoutText are the kinds that name a message and are shown without its text, even if that
// can be read.
var withoutText = []forum.EventKind{forum.MessageDeleted, forum.MessageHidden, forum.ReportFiled}

// redactedText returns the text of an event, or "" if it can no longer be read.
func redactedText(r forum.Reader, e forum.Event) string {
	switch {
	case e.Kind == forum.PrivateSent:
		l, _ := findPrivateMessage(r, e.Actor, e.To, e.Seq)
		return l.Text
	case e.Message.IsZero() || slices.Contains(withoutText, e.Kind):
		return e.Said()
	}
	t, ok := r.Thread(e.Message.Thread)
	m, found := r.Message(e.Message)
	if !ok || !found || t.Removed.Done() || m.Removed.Done() {
		return ""
	}
	return m.Text
}
