package rules

import (
	"context"
	"slices"
	"strings"
	"time"

	"sshforum/forum"
	"sshforum/forum/limit"
)

// A private talk is between two sessions and nowhere else: its lines are in no store, no
// journal and no log. One asks, the other agrees by asking back.

// talkPatience is how long one waits for an answer.
const talkPatience = 2 * time.Minute

// talkWhys are the events of private talks: each goes straight to the session it is for.
var talkWhys = map[forum.EventKind]Why{
	forum.TalkAsked: WhyTalkAsked, forum.TalkBegun: WhyTalkBegun, forum.TalkLine: WhyTalkLine, forum.TalkEnded: WhyTalkEnded,
	forum.TalkRefused: WhyTalkRefused, forum.TalkUnanswered: WhyTalkUnanswered, forum.TalkWithdrawn: WhyTalkWithdrawn,
}

// talk is a visit's part in a private talk. It belongs to the roster's lock. With a peer
// the talk is open; without one the visit waits for whom it has asked.
type talk struct {
	with  forum.User
	peer  *Visit
	until time.Time   // the answer may come
	timer *time.Timer // tells the visit that none came
}

func (t *talk) open() bool { return t != nil && t.peer != nil }

func (t *talk) asks(id forum.UserID, now time.Time) bool {
	return t != nil && t.peer == nil && t.with.ID == id && now.Before(t.until)
}

// Talk returns whom the visit has an open private talk with.
func (v *Visit) Talk() (with forum.User, ok bool) {
	r := &v.service.roster
	r.mu.Lock()
	defer r.mu.Unlock()
	if !v.talk.open() {
		return forum.User{}, false
	}
	return v.talk.with, true
}

// AskTalk asks a person for a private talk, or begins the one that they have asked for,
// and reports which. Errors: Usage where the visit shows no notices; Invalid for oneself;
// NotFound for whoever does not exist or cannot be reached; Conflict while in a talk, or
// when the actor has blocked the person; Limited.
func (v *Visit) AskTalk(ctx context.Context, name string) (with forum.User, begun bool, err error) {
	if with, err = v.mayTalkTo(name); err == nil {
		err = v.service.paced(v.actor, limit.Sending)
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
	if !r.tell(with.ID, v.event(forum.TalkAsked, "")) {
		return with, false, cannotBeReached(with)
	}
	r.ask(v, with, now)
	return with, false, nil
}

var errTalkNeedsShell = forum.Hinted(forum.HintTell, "", forum.Errorf(forum.Usage, "A private talk needs a shell."))

func cannotBeReached(u forum.User) error {
	return forum.Hinted(forum.HintLeaveWord, "", forum.Errorf(forum.NotFound, "%s cannot be reached now.", u.Name))
}

// mayTalkTo returns the person of that name unless a block or the rules are in the way.
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

// mayTalkOn refuses whoever was silenced since the talk began.
func (v *Visit) mayTalkOn() error {
	with, _ := v.Talk()
	return v.service.view(v.actor, func(r forum.Reader) error {
		me, _ := r.User(v.actor.User)
		with, _ := r.User(with.ID)
		return mayAddress(me, with, v.service.Clock())
	})
}

// TalkLine sends a line to the other of an open talk. Errors: Invalid text; Usage where
// the visit shows no notices; Conflict when there is no talk, or name is not "" and not the
// other's; Limited when the other's session does not read.
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

// StopTalk ends the visit's talk or takes its asking back; without either, or with the
// name of somebody who asks, it refuses. It returns the other, and what the other is told:
// TalkEnded, TalkWithdrawn or TalkRefused. Errors: Conflict when there is nothing to end,
// or name is "" and several ask.
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

// event returns what the other of a talk is told of this visit.
func (v *Visit) event(kind forum.EventKind, text string) forum.Event {
	return forum.Event{Kind: kind, At: v.service.Clock(), Actor: v.actor.User, Name: v.actor.Name, Text: text}
}
