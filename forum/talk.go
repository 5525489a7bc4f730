package forum

import (
	"context"
	"time"
)

// A private talk is between two sessions and nowhere else: its lines are in no store, no
// journal and no log. One asks, the other agrees by asking back.

// talkPatience is how long one waits for an answer.
const talkPatience = 2 * time.Minute

// talkWhys are the events of private talks: each goes straight to the session it is for.
var talkWhys = map[EventKind]Why{
	TalkAsked: WhyTalkAsked, TalkBegun: WhyTalkBegun, TalkLine: WhyTalkLine, TalkEnded: WhyTalkEnded,
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
	r.stopTalk(v)
	v.talk = &talk{with: with, until: now.Add(talkPatience)}
	asked := v.talk
	asked.timer = time.AfterFunc(talkPatience, func() { r.unanswered(v, asked) })
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

// TalkLine sends a line to the other of an open talk. Errors: Invalid text; Conflict when
// there is none, or name is not "" and not the other's; Limited when the other's session
// does not read.
func (v *Visit) TalkLine(name, text string) (with User, err error) {
	text, err = CleanMessage(text, v.service.MessageBytes)
	if err != nil {
		return User{}, err
	}
	r := &v.service.roster
	r.mu.Lock()
	defer r.mu.Unlock()
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

// StopTalk ends the visit's talk, takes its asking back, or, with the name of somebody
// who asks, refuses. It returns the other. Errors: Conflict when there is nothing to end.
func (v *Visit) StopTalk(name string) (with User, err error) {
	key, now := NameKey(name), v.service.Clock()
	r := &v.service.roster
	r.mu.Lock()
	defer r.mu.Unlock()
	if v.talk != nil && (name == "" || NameKey(v.talk.with.Name) == key) {
		with = v.talk.with
		r.stopTalk(v)
		return with, nil
	}
	for _, of := range r.visits {
		for _, peer := range of {
			if NameKey(peer.actor.Name) == key && peer.talk.asks(v.actor.User, now) {
				peer.live.push(v.event(TalkEnded, ""))
				peer.endTalk()
				return User{ID: peer.actor.User, Name: peer.actor.Name}, nil
			}
		}
	}
	if name == "" {
		return with, errNoTalk
	}
	return with, Errorf(Conflict, "You are in no private talk with %s.", Printable(name))
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

// begin opens the talk that peer has asked v for.
func (r *roster) begin(v, peer *Visit, with User) {
	r.stopTalk(v)
	peer.endTalk()
	v.talk = &talk{with: with, peer: peer}
	peer.talk = &talk{with: User{ID: v.actor.User, Name: v.actor.Name}, peer: v}
	peer.live.push(v.event(TalkBegun, ""))
}

// stopTalk ends v's talk, which its peer is told, or its asking.
func (r *roster) stopTalk(v *Visit) {
	if v.talk.open() {
		v.talk.peer.endTalk()
		v.talk.peer.live.push(v.event(TalkEnded, ""))
	}
	v.endTalk()
}

func (v *Visit) endTalk() {
	if v.talk != nil && v.talk.timer != nil {
		v.talk.timer.Stop()
	}
	v.talk = nil
}

// unanswered ends an asking that nobody has answered.
func (r *roster) unanswered(v *Visit, asked *talk) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if v.talk == asked {
		v.endTalk()
		v.live.push(Event{Kind: TalkEnded, At: v.service.Clock(), Actor: asked.with.ID, Name: asked.with.Name})
	}
}

// part ends what two people have of private talks between them. Whose doing it is
// neither is told.
func (r *roster) part(a, b UserID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, v := range append(r.visits[a][:len(r.visits[a]):len(r.visits[a])], r.visits[b]...) {
		if t := v.talk; t != nil && (t.with.ID == a || t.with.ID == b) {
			v.live.push(Event{Kind: TalkEnded, At: v.service.Clock(), Actor: t.with.ID, Name: t.with.Name})
			v.endTalk()
		}
	}
}
