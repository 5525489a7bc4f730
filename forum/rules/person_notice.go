package rules

import (
	"context"
	"iter"
	"slices"

	"sshforum/forum"
)

// Why is the reason a person is told of an event.
type Why uint8

const (
	WhyNone           Why = iota
	WhyTold               // a private message, or a file in the person's inbox
	WhySaid               // said to everyone here
	WhyMentioned          // it names the person
	WhyWatched            // in a thread that the person watches
	WhyPresence           // somebody came or went
	WhyTalkAsked          // somebody asks for a private talk
	WhyTalkBegun          // a private talk has begun
	WhyTalkLine           // a line of it
	WhyTalkEnded          // it ended
	WhyTalkRefused        // the one asked wants no private talk
	WhyTalkUnanswered     // the one asked has not answered
	WhyTalkWithdrawn      // somebody asks no longer
	WhySettings           // the person's settings were changed in some session
	WhyReported           // somebody reported something, to a moderator
	WhyResolved           // what the person reported is resolved
	WhyLinked             // an account may be that of a banned person, to a moderator
	WhyStorable           // what could not be stored can be, after Visit.Unstored said so
	WhyMissed             // Missed events were dropped
)

// Notice tells a person of an event as it happens.
type Notice struct {
	forum.Event
	Why    Why
	Missed uint64 // of WhyMissed; such a notice has no event
}

// noticeQueue is how many events may wait for one session.
const noticeQueue = 64

// watchedKinds are what is told of a watched thread.
var watchedKinds = []forum.EventKind{forum.MessagePosted, forum.FileUploaded, forum.ThreadRemoved, forum.ThreadRestored}

// why returns the reason to tell the person of an event that they see, if there is one.
// Nobody is told of what they did themselves.
func (c *viewer) why(e forum.Event) Why {
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
	case c.levels[e.Thread] == forum.Watched && slices.Contains(watchedKinds, e.Kind):
		return WhyWatched
	case (e.Kind == forum.UserCame || e.Kind == forum.UserWent) && !c.preferences.NoPresence:
		return WhyPresence
	}
	return talkWhys[e.Kind]
}

// Waiting returns the private messages that no session of the person has shown yet, the
// oldest first and at most limit, and how many more there are. Notices goes on behind
// them.
func (v *Visit) Waiting(ctx context.Context, limit int) (events []forum.Event, more int, err error) {
	v.listen()
	events, err = v.unshown()
	if len(events) > limit {
		events, more = events[:limit], len(events)-limit
	}
	return events, more, err
}

// unshown returns the messages that were neither shown, as the store has it, nor given
// out by this visit, and notes them as given out.
func (v *Visit) unshown() (events []forum.Event, err error) {
	left := v.service.people.pendingOf(v.actor.User)
	err = v.service.view(v.actor, func(r forum.Reader) error {
		for c := range r.Conversations(v.actor.User) {
			c = left.conversation(r, c)
			after := max(c.ShownTo, v.told[c.Peer])
			if c.Received <= after {
				continue
			}
			name := authorName(r, c.Peer)
			for l := range r.PrivateMessages(c.Owner, c.Peer, after) {
				if l.To == c.Owner {
					events = append(events, privateMessageEvent(l, name, v.actor.Name))
				}
			}
			v.told[c.Peer] = c.Received
		}
		return nil
	})
	slices.SortFunc(events, func(a, b forum.Event) int { return int(a.Seq) - int(b.Seq) })
	return events, err
}

// listen begins to queue what Notices yields.
func (v *Visit) listen() {
	v.service.roster.mu.Lock()
	defer v.service.roster.mu.Unlock()
	if v.live == nil {
		v.live = newFeed(v.service, v.actor, noticeQueue, func(c *viewer, e forum.Event) bool { return hides(e) || c.why(e) != WhyNone })
	}
}

// Notices yields what concerns the person, as it happens, from now on or from Waiting on.
// A session that lags is told how much it missed; private messages are never missed.
// There is one Notices to a visit, or one goroutine that uses Ready and Take. Errors end
// it: Denied when the account was closed; Stopping; ctx's.
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

// Ready is sent to when there may be something to Take.
func (v *Visit) Ready() <-chan struct{} {
	v.listen()
	return v.live.Ready()
}

// Take returns what Notices would yield without waiting. Errors are those of Notices.
func (v *Visit) Take() ([]Notice, error) {
	v.listen()
	return v.notices(v.live.take())
}

// notices returns what the person is told of events, and of those that were missed.
func (v *Visit) notices(c *viewer, events []forum.Event, gap forum.Gap, err error) (notices []Notice, _ error) {
	if err == nil {
		events, err = v.withoutToldPrivateMessages(events, gap.Count > 0)
	}
	var missed uint64
	if err == nil {
		missed, err = v.missed(c, gap)
	}
	if err != nil {
		return nil, err
	}
	for _, e := range events {
		if why := c.why(e); why != WhyNone && !nothingLeft(e) {
			notices = append(notices, Notice{Event: e, Why: why})
		}
	}
	if missed > 0 {
		notices = append(notices, Notice{Why: WhyMissed, Missed: missed})
	}
	return notices, nil
}

// withoutToldPrivateMessages returns events without the messages that were given out before, and when some
// events were missed, with all messages from the store in place of those in the queue.
func (v *Visit) withoutToldPrivateMessages(events []forum.Event, missed bool) ([]forum.Event, error) {
	events = slices.DeleteFunc(events, func(e forum.Event) bool {
		if e.Kind != forum.PrivateSent || e.To != v.actor.User {
			return false
		}
		if missed || e.Seq <= v.told[e.Actor] {
			return true
		}
		v.told[e.Actor] = e.Seq
		return false
	})
	if !missed {
		return events, nil
	}
	messages, err := v.unshown()
	return append(events, messages...), err
}

// missed counts what the person would have been told of in a gap, messages left out. More
// was dropped than that: until the viewer is read again the queue takes all that concerns
// its person. What the store no longer has counts as it is.
func (v *Visit) missed(c *viewer, gap forum.Gap) (n uint64, err error) {
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
				if c.why(e) != WhyNone && e.Kind != forum.PrivateSent && !nothingLeft(redacted(r, e)) {
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
