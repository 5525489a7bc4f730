package rules

import (
	"context"
	"iter"
	"slices"

	"sshforum/forum"
)

// Why is the reason for a notice to a person.
type Why uint8

const (
	WhyNone           Why = iota
	WhyTold               // a private message, or a file in the person's inbox
	WhySaid               // said to everyone here
	WhyMentioned          // the event mentions the person
	WhyWatched            // in a thread that the person watches
	WhyPresence           // somebody came or went
	WhyTalkAsked          // somebody asks for a private talk
	WhyTalkBegun          // a private talk has begun
	WhyTalkLine           // a line of a private talk
	WhyTalkEnded          // a private talk has ended
	WhyTalkRefused        // the person asked does not want a private talk
	WhyTalkUnanswered     // the person asked has not answered
	WhyTalkWithdrawn      // somebody no longer asks for a private talk
	WhySettings           // the person's settings were changed in some session
	WhyReported           // somebody made a report; for a moderator
	WhyResolved           // a report by the person is resolved
	WhyLinked             // an account may be that of a banned person; for a moderator
	WhyStorable           // the store takes changes again, after Visit.Unstored said that it does not
	WhyMissed             // events were dropped; Missed says how many
)

// Notice is an event as one person is told of it.
type Notice struct {
	forum.Event
	Why    Why
	Missed uint64 // number of dropped events for WhyMissed, which has no Event
}

// noticeQueue is how many events may wait for one session.
const noticeQueue = 64

// watchedKinds are the kinds of events in a watched thread that cause a notice.
var watchedKinds = []forum.EventKind{forum.MessagePosted, forum.FileUploaded, forum.ThreadRemoved, forum.ThreadRestored}

// why returns the reason to tell the person of an event, or WhyNone. Nobody is told of their
// own acts, except that all sessions of a person are told of changed settings.
func (c *viewer) why(e *forum.Event) Why {
	switch {
	case e.Kind == forum.UserSettings && e.Actor == c.me.ID:
		return WhySettings
	case e.Actor == c.me.ID || !c.sees(e):
		return WhyNone
	case e.Kind == forum.StorableAgain:
		return WhyStorable
	case e.Kind == forum.PrivateSent || e.Kind == forum.FileDropped:
		return WhyTold
	case e.Kind == forum.SaidToAll:
		return WhySaid
	case e.Kind == forum.ReportFiled:
		return WhyReported
	case e.Kind == forum.ReportResolved:
		return WhyResolved
	case e.Kind == forum.UserLinked:
		return WhyLinked
	case slices.Contains(e.Mentions, c.me.ID):
		return WhyMentioned
	case c.levels.of(e.Thread) == forum.Watched && slices.Contains(watchedKinds, e.Kind):
		return WhyWatched
	case (e.Kind == forum.UserCame || e.Kind == forum.UserWent) && !c.preferences.NoPresence:
		return WhyPresence
	}
	return talkWhys[e.Kind]
}

// Waiting returns up to limit private messages, oldest first, that no session of the person has
// shown yet, and how many more there are. Notices then yields only later ones.
func (v *Visit) Waiting(ctx context.Context, limit int) (events []forum.Event, more int, err error) {
	v.listen()
	events, err = v.unshown()
	if len(events) > limit {
		events, more = events[:limit], len(events)-limit
	}
	return events, more, err
}

// unshown returns the private messages that were neither stored as shown nor returned by this
// visit before, and records them as returned.
func (v *Visit) unshown() (events []forum.Event, err error) {
	left := v.service.people.pendingOf(v.actor.User)
	err = v.service.view(v.actor, func(r forum.Reader) error {
		for c := range r.Conversations(v.actor.User) {
			c = left.conversation(r, c)
			after := max(c.ShownTo, v.lastReturned[c.Peer])
			if c.Received <= after {
				continue
			}
			name := authorName(r, c.Peer)
			for l := range r.PrivateMessages(c.Owner, c.Peer, after) {
				if l.To == c.Owner {
					events = append(events, privateMessageEvent(l, name, v.actor.Name))
				}
			}
			v.lastReturned[c.Peer] = c.Received
		}
		return nil
	})
	slices.SortFunc(events, func(a, b forum.Event) int { return int(a.Seq) - int(b.Seq) })
	return events, err
}

// listen subscribes to the events for Notices, if that has not been done.
func (v *Visit) listen() {
	v.service.roster.mu.Lock()
	defer v.service.roster.mu.Unlock()
	if v.live == nil {
		v.live = newFeed(v.service, v.actor, noticeQueue, func(c *viewer, e *forum.Event) bool { return hides(e) || c.why(e) != WhyNone })
	}
}

// Notices yields the person's notices as they happen, from now on, or from the call of Waiting
// on. A session that lags gets the number of missed events; private messages are never missed.
// Each visit has one caller of Notices, or one goroutine that uses Ready and Take. An error
// ends the sequence: Denied if the account was closed; Stopping; the cause of ctx.
func (v *Visit) Notices(ctx context.Context) iter.Seq2[Notice, error] {
	return func(yield func(Notice, error) bool) {
		v.listen()
		for {
			notices, err := v.notices(v.live.next(ctx))
			if err != nil {
				yield(Notice{}, err)
				return
			}
			for _, n := range notices {
				if !yield(n, nil) {
					return
				}
			}
		}
	}
}

// Ready returns a channel that receives a value when Take may return notices, except for those
// that a Follow of the visit makes needless.
func (v *Visit) Ready() <-chan struct{} {
	v.listen()
	return v.live.Ready()
}

// Take returns the notices that Notices would yield without waiting. Errors: those of Notices.
func (v *Visit) Take() ([]Notice, error) {
	v.listen()
	return v.notices(v.live.take())
}

// notices returns the notices for events and for the gap behind them.
func (v *Visit) notices(c *viewer, events []*forum.Event, gap forum.Gap, err error) (notices []Notice, _ error) {
	if err == nil {
		events, err = v.withoutToldPrivateMessages(events, gap.Count > 0)
	}
	var missed uint64
	if err == nil {
		missed, err = v.countMissed(c, gap)
	}
	if err != nil {
		return nil, err
	}
	for _, e := range events {
		if why := c.why(e); why != WhyNone && !nothingLeft(*e) && !v.followed.Load().has(c, e) {
			notices = append(notices, Notice{Event: *e, Why: why})
		}
	}
	if missed > 0 {
		notices = append(notices, Notice{Why: WhyMissed, Missed: missed})
	}
	return notices, nil
}

// withoutToldPrivateMessages returns events without the private messages that were returned
// before. If some events were missed, it takes all private messages from the store instead of
// the queue.
func (v *Visit) withoutToldPrivateMessages(events []*forum.Event, missed bool) ([]*forum.Event, error) {
	events = slices.DeleteFunc(events, func(e *forum.Event) bool {
		if e.Kind != forum.PrivateSent || e.To != v.actor.User {
			return false
		}
		if missed || e.Seq <= v.lastReturned[e.Actor] {
			return true
		}
		v.lastReturned[e.Actor] = e.Seq
		return false
	})
	if !missed {
		return events, nil
	}
	messages, err := v.unshown()
	for i := range messages {
		events = append(events, &messages[i])
	}
	return events, err
}

// countMissed returns how many notices were lost in a gap, not counting private messages. The gap
// can have other events too, because the queue takes all events that concern the person while
// the viewer is out of date. If the store no longer has all events of the gap, each of them
// counts.
func (v *Visit) countMissed(c *viewer, gap forum.Gap) (n uint64, err error) {
	for after, more := gap.First, gap.First > 0; more && err == nil; {
		err = v.service.cfg.Store.View(func(r forum.Reader) error {
			if gap.First < r.EventsFrom() {
				n, more = gap.Count, false
				return nil
			}
			page := 0
			for e := range r.Events(after - 1) {
				if more = e.Seq <= gap.Last; !more || page == pageEntries {
					break
				}
				if c.why(&e) != WhyNone && e.Kind != forum.PrivateSent && !nothingLeft(redacted(r, e)) {
					n++
				}
				after = e.Seq + 1
				page++
			}
			more = more && page == pageEntries
			return nil
		})
	}
	return n, err
}
