package forum

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
)

// A private talk is between two sessions and nowhere else: its lines are in no store, no
// journal and no log. One asks, the other agrees by asking back.

// talkPatience is how long one waits for an answer.
const talkPatience = 2 * time.Minute

// talkWhys are the events of private talks: each goes straight to the session it is for.
var talkWhys = map[EventKind]Why{
	TalkAsked: WhyTalkAsked, TalkBegun: WhyTalkBegun, TalkLine: WhyTalkLine, TalkEnded: WhyTalkEnded,
	TalkRefused: WhyTalkRefused, TalkUnanswered: WhyTalkUnanswered, TalkWithdrawn: WhyTalkWithdrawn,
}

// talk is a visit's part in a private talk. It belongs to the roster's lock. With a peer
// the talk is open; without one the visit waits for whom it has asked.
type talk struct {
	with  User
	peer  *Visit
	until time.Time   // the answer may come
	timer *time.Timer // tells the visit that none came
}

func (t *talk) open() bool { return t != nil && t.peer != nil }

func (t *talk) asks(id UserID, now time.Time) bool {
	return t != nil && t.peer == nil && t.with.ID == id && now.Before(t.until)
}

// Talk returns whom the visit has an open private talk with.
func (v *Visit) Talk() (with User, ok bool) {
	r := &v.service.roster
	r.mu.Lock()
	defer r.mu.Unlock()
	if !v.talk.open() {
		return User{}, false
	}
	return v.talk.with, true
}

// AskTalk asks a person for a private talk, or begins the one that they have asked for,
// and reports which. Errors: Usage where the visit shows no notices; Invalid for oneself;
// NotFound for whoever does not exist or cannot be reached; Conflict while in a talk, or
// when the actor has blocked the person.
func (v *Visit) AskTalk(ctx context.Context, name string) (with User, begun bool, err error) {
	if with, err = v.mayTalkTo(name); err != nil {
		return with, false, err
	}
	now := v.service.Clock()
	r := &v.service.roster
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case v.live == nil:
		return with, false, errTalkNeedsShell
	case v.talk.open():
		return with, false, Errorf(Conflict, "You are in a private talk with %s; STOP ends it.", v.talk.with.Name)
	}
	if peer := r.asking(with.ID, v.actor.User, now); peer != nil {
		r.begin(v, peer, with)
		return with, true, nil
	}
	if !r.tell(with.ID, v.event(TalkAsked, "")) {
		return with, false, cannotBeReached(with)
	}
	r.ask(v, with, now)
	return with, false, nil
}

var errTalkNeedsShell = Errorf(Usage, "A private talk needs a shell; TELL sends a private message.")

func cannotBeReached(u User) error {
	return Errorf(NotFound, "%s cannot be reached now; TELL leaves a private message.", u.Name)
}

// mayTalkTo returns the person of that name unless a block or the rules are in the way.
func (v *Visit) mayTalkTo(name string) (with User, err error) {
	err = v.service.view(v.actor, func(r Reader) error {
		with, err = person(r, NameKey(name))
		switch {
		case err != nil:
			return err
		case with.ID == v.actor.User:
			return Errorf(Invalid, "You cannot have a private talk with yourself.")
		case r.Blocked(v.actor.User, with.ID):
			return blockedByYou(with)
		case r.Blocked(with.ID, v.actor.User):
			return cannotBeReached(with)
		}
		return nil
	})
	return with, err
}

// TalkLine sends a line to the other of an open talk. Errors: Invalid text; Usage where
// the visit shows no notices; Conflict when there is no talk, or name is not "" and not the
// other's; Limited when the other's session does not read.
func (v *Visit) TalkLine(name, text string) (with User, err error) {
	text, err = CleanMessage(text, v.service.MessageBytes)
	if err != nil {
		return User{}, err
	}
	r := &v.service.roster
	r.mu.Lock()
	defer r.mu.Unlock()
	if v.live == nil {
		return User{}, errTalkNeedsShell
	}
	if !v.talk.open() || name != "" && NameKey(name) != NameKey(v.talk.with.Name) {
		if name == "" {
			return User{}, errNoTalk
		}
		return User{}, Errorf(Conflict, "You are in no private talk with %s; PRIVATE %s asks for one.", Printable(name), Printable(name))
	}
	if !v.talk.peer.live.push(v.event(TalkLine, text)) {
		return v.talk.with, Errorf(Limited, "%s does not keep up; your line was not sent.", v.talk.with.Name)
	}
	return v.talk.with, nil
}

var errNoTalk = Errorf(Conflict, "You are in no private talk; PRIVATE and a name asks for one.")

// StopTalk ends the visit's talk or takes its asking back; without either, or with the
// name of somebody who asks, it refuses. It returns the other, and what the other is told:
// TalkEnded, TalkWithdrawn or TalkRefused. Errors: Conflict when there is nothing to end,
// or name is "" and several ask.
func (v *Visit) StopTalk(name string) (with User, how EventKind, err error) {
	r := &v.service.roster
	r.mu.Lock()
	defer r.mu.Unlock()
	if v.talk != nil && (name == "" || NameKey(v.talk.with.Name) == NameKey(name)) {
		with, how = v.talk.with, TalkWithdrawn
		if v.talk.open() {
			how = TalkEnded
		}
		r.stopTalk(v)
		return with, how, nil
	}
	askers := r.askers(v.actor.User, v.service.Clock())
	if name != "" {
		askers = slices.DeleteFunc(askers, func(u User) bool { return NameKey(u.Name) != NameKey(name) })
	}
	switch {
	case len(askers) == 1:
		r.refuse(v, askers[0])
		return askers[0], TalkRefused, nil
	case len(askers) > 1:
		return with, "", severalAsk(askers)
	case name == "":
		return with, "", errNoTalk
	}
	return with, "", Errorf(Conflict, "You are in no private talk with %s.", Printable(name))
}

func severalAsk(askers []User) error {
	var names []string
	for _, u := range askers {
		names = append(names, u.Name)
	}
	last := len(names) - 1
	return Errorf(Conflict, "%s and %s ask for a private talk; STOP and a name refuses one.", strings.Join(names[:last], ", "), names[last])
}

// event returns what the other of a talk is told of this visit.
func (v *Visit) event(kind EventKind, text string) Event {
	return Event{Kind: kind, At: v.service.Clock(), Actor: v.actor.User, Name: v.actor.Name, Text: text}
}

// asking returns a visit of from that waits for to.
func (r *roster) asking(from, to UserID, now time.Time) *Visit {
	for _, v := range r.visits[from] {
		if v.talk.asks(to, now) {
			return v
		}
	}
	return nil
}

// tell gives e to the sessions of a person that show notices, and reports whether there
// is one.
func (r *roster) tell(id UserID, e Event) (any bool) {
	for _, v := range r.visits[id] {
		if v.live != nil {
			v.live.push(e)
			any = true
		}
	}
	return any
}

// askers returns who waits for a person, by name.
func (r *roster) askers(id UserID, now time.Time) (askers []User) {
	for from := range r.visits {
		if v := r.asking(from, id, now); v != nil {
			askers = append(askers, v.person())
		}
	}
	slices.SortFunc(askers, func(a, b User) int { return cmp.Compare(NameKey(a.Name), NameKey(b.Name)) })
	return askers
}

// ask lets v wait for a person, and no longer for another.
func (r *roster) ask(v *Visit, with User, now time.Time) {
	earlier := v.endTalk()
	asked := &talk{with: with, until: now.Add(talkPatience)}
	asked.timer = time.AfterFunc(talkPatience, func() { r.unanswered(v, asked) })
	v.talk = asked
	if earlier != nil {
		r.withdraw(v, earlier.with)
	}
}

// withdraw tells a person that v asks no longer, unless somewhere v's person still does.
func (r *roster) withdraw(v *Visit, asked User) {
	if r.asking(v.actor.User, asked.ID, v.service.Clock()) == nil {
		r.tell(asked.ID, v.event(TalkWithdrawn, ""))
	}
}

// refuse ends every asking of a person for v's.
func (r *roster) refuse(v *Visit, from User) {
	for _, peer := range r.visits[from.ID] {
		if t := peer.talk; t != nil && !t.open() && t.with.ID == v.actor.User {
			peer.endTalk()
			peer.live.push(v.event(TalkRefused, ""))
		}
	}
}

// begin opens the talk that peer has asked v for.
func (r *roster) begin(v, peer *Visit, with User) {
	r.stopTalk(v)
	peer.endTalk()
	v.talk = &talk{with: with, peer: peer}
	peer.talk = &talk{with: v.person(), peer: v}
	peer.live.push(v.event(TalkBegun, ""))
}

// stopTalk ends v's talk or asking, and tells the other.
func (r *roster) stopTalk(v *Visit) {
	switch ended := v.endTalk(); {
	case ended.open():
		ended.peer.endTalk()
		ended.peer.live.push(v.event(TalkEnded, ""))
	case ended != nil:
		r.withdraw(v, ended.with)
	}
}

// endTalk leaves v without a talk, and returns the one it had.
func (v *Visit) endTalk() (ended *talk) {
	ended, v.talk = v.talk, nil
	if ended != nil && ended.timer != nil {
		ended.timer.Stop()
	}
	return ended
}

// unanswered ends an asking that nobody has answered.
func (r *roster) unanswered(v *Visit, asked *talk) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if v.talk == asked {
		v.endTalk()
		v.hear(TalkUnanswered, asked.with)
		r.withdraw(v, asked.with)
	}
}

// part ends what two people have of private talks between them, as by may have ended it
// with StopTalk: that it was a block the other is not told.
func (r *roster) part(by, other UserID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, v := range slices.Concat(r.visits[by], r.visits[other]) {
		t := v.talk
		switch {
		case t == nil || t.with.ID != by && t.with.ID != other:
		case t.open():
			v.endTalk()
			v.hear(TalkEnded, t.with)
		case v.actor.User == by:
			r.stopTalk(v)
		default:
			v.endTalk()
			v.hear(TalkRefused, t.with)
		}
	}
}

// hear tells v how its talk with a person ended.
func (v *Visit) hear(kind EventKind, from User) {
	v.live.push(Event{Kind: kind, At: v.service.Clock(), Actor: from.ID, Name: from.Name})
}

func (v *Visit) person() User { return User{ID: v.actor.User, Name: v.actor.Name} }
