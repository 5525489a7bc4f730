package rules

import (
	"context"
	"iter"
	"slices"
	"sync/atomic"

	"sshforum/forum"
)

// Follow is PeopleService.Follow for a session that shows notices too. A notice that would only
// repeat what Follow yields waits, and is dropped once Shown is called for its event. Notices that
// still wait when Follow ends come then. A visit has one Follow at a time.
func (v *Visit) Follow(ctx context.Context, titles []string, after uint64, resume bool) iter.Seq2[[]*forum.Event, error] {
	return func(yield func([]*forum.Event, error) bool) {
		f, err := v.service.people.follow(v.actor, titles, after, resume)
		if err != nil {
			yield(nil, err)
			return
		}
		defer f.Close()
		defer v.hold(f)()
		f.run(ctx, yield)
	}
}

// hold makes notices that would repeat what f yields wait until release is called.
func (v *Visit) hold(f *follower) (release func()) {
	live := v.notified()
	if live == nil {
		return func() {}
	}
	followed := &followed{threads: f.threads, after: f.last}
	v.followed.Store(followed)
	live.Hold(func(e *forum.Event) bool { return followed.makesNeedless(live.known(), e) })
	return func() { live.Hold(nil) }
}

// Shown notes that the session has shown all events of its Follow up to the one numbered seq.
func (v *Visit) Shown(seq uint64) {
	if f := v.followed.Load(); f != nil {
		f.shown.Store(seq)
		c := v.live.known()
		v.live.Drop(func(e *forum.Event) bool { return f.has(c, e) })
	}
}

// notified returns the feed of notices, or nil if the session shows none.
func (v *Visit) notified() *feed {
	v.service.roster.mu.Lock()
	defer v.service.roster.mu.Unlock()
	return v.live
}

// followed is what the last Follow of a session that shows notices has yielded.
type followed struct {
	threads threadSet
	after   uint64        // number of the last event before it began
	shown   atomic.Uint64 // number of the last event that was shown; 0 if there is none
}

// repeated are the reasons of notices that tell no more than their event.
var repeated = []Why{WhySaid, WhyWatched, WhyPresence}

// makesNeedless reports whether a notice of e only repeats what is yielded. A notice that rings
// the bell does more.
func (f *followed) makesNeedless(c *viewer, e *forum.Event) bool {
	return c != nil && e.Seq > f.after && f.threads.has(e) && c.preferences.Bell != "all" && slices.Contains(repeated, c.why(e))
}

// has reports whether a notice of e would only repeat what was shown.
func (f *followed) has(c *viewer, e *forum.Event) bool {
	return f != nil && e.Seq <= f.shown.Load() && f.makesNeedless(c, e)
}
