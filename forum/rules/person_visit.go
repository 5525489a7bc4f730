package rules

import (
	"context"
	"errors"
	"sync"
	"time"

	"sshforum/forum"
	"sshforum/forum/limit"
)

// Visit is one live session of a person, from Arrive to Leave. It is safe for
// concurrent use.
type Visit struct {
	service *core
	actor   Actor
	arrival Arrival
	since   time.Time
	state   *personState

	mu    sync.Mutex
	acted time.Time // last command
	sent  int       // messages

	storing sync.Mutex    // held by who stores that the visit has begun or ended
	record  forum.VisitID // 0 for one that does not stay, or is not stored yet
	refused error         // why not
	over    bool

	// Under the roster's lock.
	live *feed // nil until Waiting or Notices
	talk *talk // nil while there is none

	// Waiting's and Notices' own.
	told map[forum.UserID]uint64 // the last message of each sender that they gave out
}

// Arrival is how a session begins.
type Arrival struct {
	// Stays is whether the session is there to be met: it is announced and kept in the
	// login history. One that runs a command and ends is neither.
	Stays bool
	// Reads is whether what the session shows counts as read by its person.
	Reads bool
	// Peer is the address and port the session came from; may be empty.
	Peer string
	// End ends the session early, with the reason; it may be nil.
	End func(cause error)
}

// Arrive begins a session, if nothing can be stored then one that is stored later. The
// caller must call Leave. Errors: Denied when the account is closed; Limited; Unavailable
// when ctx ended.
func (s *PeopleService) Arrive(ctx context.Context, actor Actor, a Arrival) (*Visit, error) {
	if a.Stays || a.Reads {
		if err := s.paced(actor, limit.Visiting); err != nil {
			return nil, err
		}
	}
	now := s.Clock()
	v := &Visit{
		service: s.core, actor: actor, arrival: a, since: now, acted: now,
		told: make(map[forum.UserID]uint64),
	}
	s.roster.add(v) // before the account is looked at, so that whoever closes it finds the session
	err := v.begin(ctx)
	if ctx.Err() == nil {
		err = s.deferIfUnavailable(err)
	}
	if err == nil && v.record == 0 {
		_, err = s.logins.Account(actor)
	}
	if err == nil {
		err = s.logins.noteSource(actor, now)
	}
	if err != nil {
		s.roster.remove(v)
		return nil, err
	}
	return v, nil
}

// begin stores that the visit has begun, if it stays and that is not stored. Errors: those
// of Journal.
func (v *Visit) begin(ctx context.Context) (err error) {
	v.storing.Lock()
	defer v.storing.Unlock()
	if !v.arrival.Stays || v.record != 0 || v.over {
		return nil
	}
	v.record, err = submit(ctx, v.service, v.actor, &beginVisit{
		Door: v.actor.Door, Source: v.actor.Source,
	})
	if err == nil && v.refused != nil {
		v.service.roster.push(v, forum.Event{Kind: forum.StorableAgain, At: v.service.Clock(), Text: storableAgain})
	}
	v.refused = err
	return err
}

const storableAgain = "Everything can be stored again."

// Unstored says, in two sentences, why the visit could not be stored yet, and nothing else
// can be; "" when that is not so. A notice says when it is so no more.
func (v *Visit) Unstored() string {
	v.storing.Lock()
	defer v.storing.Unlock()
	if v.refused == nil {
		return ""
	}
	v.listen()
	return forum.Explain(v.refused) + " Reading goes on."
}

// Actor returns who acts in the visit. What an Actor from elsewhere sends is not counted for it.
func (v *Visit) Actor() Actor {
	actor := v.actor
	actor.visit = v
	return actor
}

// Person returns whose visit it is.
func (v *Visit) Person() forum.UserID { return v.actor.User }

// leaveGrace is how long the store may hold up the end of a session.
const leaveGrace = 5 * time.Second

// Leave ends the session, whatever became of ctx, and its private talk. What it has shown
// is stored first, or, when nothing can be stored, later.
func (v *Visit) Leave(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveGrace)
	defer cancel()
	var err error
	if v.arrival.Reads {
		err = v.service.deferIfUnavailable(v.service.people.flush(ctx, v.state))
	}
	if forum.KindOf(err) == forum.Denied { // the account was closed
		err = nil
	}
	err = errors.Join(err, v.end(ctx))
	v.service.roster.remove(v)
	return err
}

// end stores that the visit has ended, if it is stored that it has begun.
func (v *Visit) end(ctx context.Context) error {
	v.storing.Lock()
	defer v.storing.Unlock()
	v.over = true
	if v.record == 0 {
		return nil
	}
	return v.service.submitOrDefer(ctx, newSubmission(operator, v.service.Clock(), &endVisit{Visit: v.record}))
}

// NoteCommand notes that the person gave a command, and now and then stores what the session
// has shown.
func (v *Visit) NoteCommand(ctx context.Context) error {
	now := v.service.Clock()
	v.mu.Lock()
	v.acted = now
	v.mu.Unlock()
	if !v.arrival.Reads || !v.state.due(v.service.Steady()) {
		return nil
	}
	return v.service.deferIfUnavailable(v.service.people.flush(ctx, v.state))
}

// countSent counts a message that the session sent.
func (v *Visit) countSent() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.sent++
}

// MarkShown notes that a private message was shown, so that no later login shows it again.
// Other events are passed over.
func (v *Visit) MarkShown(e forum.Event) {
	if e.Kind == forum.PrivateSent && e.To == v.actor.User {
		v.notePending(func(t *pending) { t.markConversation(e.Actor, ConversationMark{Shown: e.Seq}) })
	}
}

// MarkConversation notes that the person has opened the conversation with peer and seen it up to the
// message numbered seq.
func (v *Visit) MarkConversation(peer forum.UserID, seq uint64) {
	v.notePending(func(t *pending) { t.markConversation(peer, ConversationMark{Shown: seq, Read: seq}) })
}

// MarkEntries notes that the entries of a thread from one Seq to another were shown, both included.
func (v *Visit) MarkEntries(thread forum.ThreadID, from, to uint64) {
	v.notePending(func(t *pending) { t.markEntries(thread, forum.Span{From: from, To: to}) })
}

func (v *Visit) notePending(do func(*pending)) {
	if v.arrival.Reads {
		v.state.note(do)
	}
}
