package rules

import (
	"context"
	"slices"
	"strings"
	"time"

	"sshforum/forum"
	"sshforum/forum/limit"
)

// A private talk takes place between two sessions only: its lines are in no store, no journal
// and no log. One session asks, the other agrees by asking back.

// talkPatience is how long a session waits for an answer.
const talkPatience = 2 * time.Minute

// talkWhys has the events of private talks. Each goes directly to the session it is for.
var talkWhys = map[forum.EventKind]Why{
	forum.TalkAsked: WhyTalkAsked, forum.TalkBegun: WhyTalkBegun, forum.TalkLine: WhyTalkLine, forum.TalkEnded: WhyTalkEnded,
	forum.TalkRefused: WhyTalkRefused, forum.TalkUnanswered: WhyTalkUnanswered, forum.TalkWithdrawn: WhyTalkWithdrawn,
}

// talk is one visit's side of a private talk. It is guarded by the roster's lock. If it has a
// peer the talk is open; otherwise the visit waits for the answer of the person with.
type talk struct {
	with  forum.User
	peer  *Visit
	until time.Time   // end of waiting for the answer
	timer *time.Timer // ends the waiting at until
}

func (t *talk) open() bool { return t != nil && t.peer != nil }

func (t *talk) asks(id forum.UserID, now time.Time) bool {
	return t != nil && t.peer == nil && t.with.ID == id && now.Before(t.until)
}

// Talk returns the person with whom the visit has an open private talk.
func (v *Visit) Talk() (with forum.User, ok bool) {
	r := &v.service.roster
	r.mu.Lock()
	defer r.mu.Unlock()
	if !v.talk.open() {
		return forum.User{}, false
	}
	return v.talk.with, true
}

// AskTalk asks a person for a private talk, or begins the talk that they have asked for, and
// reports which. Errors: Usage if the visit shows no notices; Invalid if it is the actor;
// NotFound if the person does not exist or cannot be reached; Denied if the actor is silenced;
// Conflict if the visit is in a talk, or if the actor has blocked the person; Limited.
func (v *Visit) AskTalk(ctx context.Context, name string) (with forum.User, begun bool, err error) {
	if with, err = v.mayTalkTo(name); err == nil {
		err = v.service.checkPace(v.actor, limit.Sending)
	}
	if err != nil {
		return with, false, err
	}
	now := v.service.Steady()
	r := &v.service.roster
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case v.live == nil:
		return with, false, errTalkNeedsShell
	case v.talk.open():
		return with, false, forum.Hinted(forum.HintEndTalk, "", forum.Errorf(forum.Conflict, "You are in a private talk with %s.", v.talk.with.Name))
	}
	if peer := r.asking(with.ID, v.actor.User, now); peer != nil {
		r.begin(v, peer, with)
		return with, true, nil
	}
	if !r.pushTo(with.ID, v.event(forum.TalkAsked, "")) {
		return with, false, cannotBeReached(with)
	}
	r.ask(v, with, now)
	return with, false, nil
}

var errTalkNeedsShell = forum.Hinted(forum.HintTell, "", forum.Errorf(forum.Usage, "A private talk needs a shell."))

func cannotBeReached(u forum.User) error {
	return forum.Hinted(forum.HintLeaveWord, "", forum.Errorf(forum.NotFound, "%s cannot be reached now.", u.Name))
}

// mayTalkTo returns the person with that name, unless a block or a silence forbids the talk.
func (v *Visit) mayTalkTo(name string) (with forum.User, err error) {
	err = v.service.view(v.actor, func(r forum.Reader) error {
		with, err = person(r, forum.NameKey(name))
		switch {
		case err != nil:
			return err
		case with.ID == v.actor.User:
			return forum.Errorf(forum.Invalid, "You cannot have a private talk with yourself.")
		case r.Blocked(v.actor.User, with.ID):
			return blockedByYou(with)
		case r.Blocked(with.ID, v.actor.User):
			return cannotBeReached(with)
		}
		me, _ := r.User(v.actor.User)
		return mayAddress(me, with, v.service.Clock())
	})
	return with, err
}

// mayTalkOn refuses to go on if the actor was silenced since the talk began.
func (v *Visit) mayTalkOn() error {
	with, _ := v.Talk()
	return v.service.view(v.actor, func(r forum.Reader) error {
		me, _ := r.User(v.actor.User)
		with, _ := r.User(with.ID)
		return mayAddress(me, with, v.service.Clock())
	})
}

// TalkLine sends a line to the peer of an open talk. Errors: Invalid text; Usage if the visit
// shows no notices; Denied if the actor is silenced; Conflict if there is no talk, or if name
// is neither "" nor the peer's; Limited if the peer's session does not read.
func (v *Visit) TalkLine(name, text string) (with forum.User, err error) {
	text, err = forum.CleanMessage(text, v.service.cfg.MessageBytes)
	if err != nil {
		return forum.User{}, err
	}
	if err := v.mayTalkOn(); err != nil {
		return forum.User{}, err
	}
	r := &v.service.roster
	r.mu.Lock()
	defer r.mu.Unlock()
	if v.live == nil {
		return forum.User{}, errTalkNeedsShell
	}
	if !v.talk.open() || name != "" && forum.NameKey(name) != forum.NameKey(v.talk.with.Name) {
		if name == "" {
			return forum.User{}, errNoTalk
		}
		return forum.User{}, forum.Hinted(forum.HintAskTalk, forum.Printable(name), forum.Errorf(forum.Conflict, "You are in no private talk with %s.", forum.Printable(name)))
	}
	if !v.talk.peer.live.Push(v.event(forum.TalkLine, text)) {
		return v.talk.with, forum.Errorf(forum.Limited, "%s does not keep up; your line was not sent.", v.talk.with.Name)
	}
	v.countSent()
	return v.talk.with, nil
}

var errNoTalk = forum.Hinted(forum.HintAskTalk, "and a name", forum.Errorf(forum.Conflict, "You are in no private talk."))

// StopTalk ends the visit's talk or withdraws its request for one. If it has neither, or if
// name is that of somebody else who asks, it refuses their request. It returns the other
// person, and the event that they get: TalkEnded, TalkWithdrawn or TalkRefused. Errors:
// Conflict if there is nothing to end, or if name is "" and several people ask.
func (v *Visit) StopTalk(name string) (with forum.User, how forum.EventKind, err error) {
	r := &v.service.roster
	r.mu.Lock()
	defer r.mu.Unlock()
	if v.talk != nil && (name == "" || forum.NameKey(v.talk.with.Name) == forum.NameKey(name)) {
		with, how = v.talk.with, forum.TalkWithdrawn
		if v.talk.open() {
			how = forum.TalkEnded
		}
		r.stopTalk(v)
		return with, how, nil
	}
	askers := r.askers(v.actor.User, v.service.Steady())
	if name != "" {
		askers = slices.DeleteFunc(askers, func(u forum.User) bool { return forum.NameKey(u.Name) != forum.NameKey(name) })
	}
	switch {
	case len(askers) == 1:
		r.refuse(v, askers[0])
		return askers[0], forum.TalkRefused, nil
	case len(askers) > 1:
		return with, "", severalAsk(askers)
	case name == "":
		return with, "", errNoTalk
	}
	return with, "", forum.Errorf(forum.Conflict, "You are in no private talk with %s.", forum.Printable(name))
}

func severalAsk(askers []forum.User) error {
	var names []string
	for _, u := range askers {
		names = append(names, u.Name)
	}
	last := len(names) - 1
	return forum.Hinted(forum.HintRefuseTalk, "", forum.Errorf(forum.Conflict, "%s and %s ask for a private talk.", strings.Join(names[:last], ", "), names[last]))
}

// event returns the event that tells the other side about this visit.
func (v *Visit) event(kind forum.EventKind, text string) forum.Event {
	return forum.Event{Kind: kind, At: v.service.Clock(), Actor: v.actor.User, Name: v.actor.Name, Text: text}
}
