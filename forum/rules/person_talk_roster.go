package rules

import (
	"cmp"
	"slices"
	"time"

	"sshforum/forum"
)

// These methods change several visits at once. The caller holds r.mu, except for expireTalk and
// endTalksBetween.

// asking returns a visit of from that asks to for a talk, or nil.
func (r *roster) asking(from, to forum.UserID, now time.Time) *Visit {
	for _, v := range r.visits[from] {
		if v.talk.asks(to, now) {
			return v
		}
	}
	return nil
}

// pushTo sends e to the sessions of a person that show notices, and reports whether there is one.
func (r *roster) pushTo(id forum.UserID, e forum.Event) (any bool) {
	for _, v := range r.visits[id] {
		if v.live != nil {
			v.live.Push(e)
			any = true
		}
	}
	return any
}

// askers returns the people who ask a person for a talk, by name.
func (r *roster) askers(id forum.UserID, now time.Time) (askers []forum.User) {
	for from := range r.visits {
		if v := r.asking(from, id, now); v != nil {
			askers = append(askers, v.person())
		}
	}
	slices.SortFunc(askers, func(a, b forum.User) int { return cmp.Compare(forum.NameKey(a.Name), forum.NameKey(b.Name)) })
	return askers
}

// ask makes v ask a person for a talk, and withdraws its earlier request.
func (r *roster) ask(v *Visit, with forum.User, now time.Time) {
	earlier := v.endTalk()
	asked := &talk{with: with, until: now.Add(talkPatience)}
	asked.timer = time.AfterFunc(talkPatience, func() { r.expireTalk(v, asked) })
	v.talk = asked
	if earlier != nil {
		r.withdraw(v, earlier.with)
	}
}

// withdraw tells a person that v's person no longer asks, unless another session of v's person
// still does.
func (r *roster) withdraw(v *Visit, asked forum.User) {
	if r.asking(v.actor.User, asked.ID, v.service.Steady()) == nil {
		r.pushTo(asked.ID, v.event(forum.TalkWithdrawn, ""))
	}
}

// refuse ends all requests of a person for a talk with v's person.
func (r *roster) refuse(v *Visit, from forum.User) {
	for _, peer := range r.visits[from.ID] {
		if t := peer.talk; t != nil && !t.open() && t.with.ID == v.actor.User {
			peer.endTalk()
			peer.live.Push(v.event(forum.TalkRefused, ""))
		}
	}
}

// begin opens the talk that peer has asked v for.
func (r *roster) begin(v, peer *Visit, with forum.User) {
	r.stopTalk(v)
	peer.endTalk()
	v.talk = &talk{with: with, peer: peer}
	peer.talk = &talk{with: v.person(), peer: v}
	peer.live.Push(v.event(forum.TalkBegun, ""))
}

// stopTalk ends v's talk or request, and tells the other person.
func (r *roster) stopTalk(v *Visit) {
	switch ended := v.endTalk(); {
	case ended.open():
		ended.peer.endTalk()
		ended.peer.live.Push(v.event(forum.TalkEnded, ""))
	case ended != nil:
		r.withdraw(v, ended.with)
	}
}

// endTalk removes the talk of v, if any, and returns it.
func (v *Visit) endTalk() (ended *talk) {
	ended, v.talk = v.talk, nil
	if ended != nil && ended.timer != nil {
		ended.timer.Stop()
	}
	return ended
}

// expireTalk ends a request that nobody has answered.
func (r *roster) expireTalk(v *Visit, asked *talk) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if v.talk == asked {
		v.endTalk()
		v.pushTalkEnd(forum.TalkUnanswered, asked.with)
		r.withdraw(v, asked.with)
	}
}

// endTalksBetween ends all talks and requests between two people, because by has blocked other.
// The events are those of StopTalk, so that other does not learn of the block.
func (r *roster) endTalksBetween(by, other forum.UserID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, v := range slices.Concat(r.visits[by], r.visits[other]) {
		t := v.talk
		switch {
		case t == nil || t.with.ID != by && t.with.ID != other:
		case t.open():
			v.endTalk()
			v.pushTalkEnd(forum.TalkEnded, t.with)
		case v.actor.User == by:
			r.stopTalk(v)
		default:
			v.endTalk()
			v.pushTalkEnd(forum.TalkRefused, t.with)
		}
	}
}

// pushTalkEnd tells v how its talk with a person ended.
func (v *Visit) pushTalkEnd(kind forum.EventKind, from forum.User) {
	v.live.Push(forum.Event{Kind: kind, At: v.service.Clock(), Actor: from.ID, Name: from.Name})
}

func (v *Visit) person() forum.User { return forum.User{ID: v.actor.User, Name: v.actor.Name} }
