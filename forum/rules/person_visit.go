package rules

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"sshforum/forum"
	"sshforum/forum/limit"
)

// Visit is one live session of a person, from Arrive to Leave. It is safe for concurrent use.
type Visit struct {
	service *core
	actor   Actor
	arrival Arrival
	since   time.Time
	state   *personState

	mu    sync.Mutex
	acted time.Time // time of the last command
	sent  int       // messages sent

	storing  sync.Mutex    // held while the beginning or the end of the visit is being stored
	record   forum.VisitID // 0 if the visit does not stay, or is not stored yet
	storeErr error         // why it is not stored yet
	ended    bool

	// Guarded by the roster's lock.
	live *feed // nil until Waiting or Notices
	talk *talk // nil if there is none

	followed atomic.Pointer[followed] // nil if there was no Follow beside notices

	// Used only by Waiting and Notices.
	lastReturned map[forum.UserID]uint64 // Seq of the last message that they returned, by sender
}

// Arrival has the properties of a new session.
type Arrival struct {
	// Stays says that the session is announced to others and kept in the login history. It is
	// false for a session that runs one command and ends.
	Stays bool
	// Reads says that entries shown in the session count as read.
	Reads bool
	// Peer is the address and port that the session came from, or "".
	Peer string
	// End ends the session early, for the given reason; it may be nil.
	End func(cause error)
}

// Arrive begins a session. If the store takes no changes, the visit is stored later. The caller
// must call Leave. Errors: Denied if the account is closed; Limited; Unavailable if ctx has
// ended.
func (s *PeopleService) Arrive(ctx context.Context, actor Actor, a Arrival) (*Visit, error) {
	if a.Stays || a.Reads {
		if err := s.checkPace(actor, limit.Visiting); err != nil {
			return nil, err
		}
	}
	now := s.Clock()
	v := &Visit{
		service: s.core, actor: actor, arrival: a, since: now, acted: now,
		lastReturned: make(map[forum.UserID]uint64),
	}
	s.roster.add(v) // before the account is read, so that whoever closes it finds the session
	err := v.begin(ctx)
	if ctx.Err() == nil {
		err = s.deferIfUnavailable(err)
	}
	if err == nil && !v.isStored() {
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

// begin stores that the visit has begun, if it stays and is not stored yet. Errors: those of
// Journal.
func (v *Visit) begin(ctx context.Context) (err error) {
	v.storing.Lock()
	defer v.storing.Unlock()
	if !v.arrival.Stays || v.record != 0 || v.ended {
		return nil
	}
	v.record, err = submit(ctx, v.service, v.actor, &beginVisit{
		Door: v.actor.Door, Source: v.actor.Source,
	})
	if err == nil && v.storeErr != nil {
		v.service.roster.push(v, forum.Event{Kind: forum.StorableAgain, At: v.service.Clock(), Text: storableAgain})
	}
	v.storeErr = err
	return err
}

// isStored reports whether the beginning of the visit is stored. It may be at any time, by
// StoreDeferred.
func (v *Visit) isStored() bool {
	v.storing.Lock()
	defer v.storing.Unlock()
	return v.record != 0
}

const storableAgain = "Everything can be stored again."

// Unstored returns, in two sentences, why the visit could not be stored yet and the store takes
// no other changes, or "" if it is stored. A notice follows when the store takes changes again.
func (v *Visit) Unstored() string {
	v.storing.Lock()
	defer v.storing.Unlock()
	if v.storeErr == nil {
		return ""
	}
	v.listen()
	return forum.Explain(v.storeErr) + " Reading goes on."
}

// Actor returns the actor of the visit. Messages sent by another Actor are not counted for the
// visit.
func (v *Visit) Actor() Actor {
	actor := v.actor
	actor.visit = v
	return actor
}

// Person returns the account that the visit belongs to.
func (v *Visit) Person() forum.UserID { return v.actor.User }

// leaveGrace is how long the store may delay the end of a session.
const leaveGrace = 5 * time.Second

// Leave ends the session and its private talk, even if ctx has ended. It first stores the
// session's marks and lines, or defers that if the store is unavailable.
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

// end stores that the visit has ended, if its beginning is stored.
func (v *Visit) end(ctx context.Context) error {
	v.storing.Lock()
	defer v.storing.Unlock()
	v.ended = true
	if v.record == 0 {
		return nil
	}
	return v.service.submitOrDefer(ctx, newSubmission(operator, v.service.Clock(), &endVisit{Visit: v.record}))
}

// NoteCommand notes that the person gave a command, and at intervals of flushEvery or more
// stores the session's marks and lines.
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

// countSent counts a message sent in the session.
func (v *Visit) countSent() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.sent++
}

// MarkShown notes that a private message was shown, so that no later login shows it again. It
// ignores other events.
func (v *Visit) MarkShown(e forum.Event) {
	if e.Kind == forum.PrivateSent && e.To == v.actor.User {
		v.notePending(func(t *pending) { t.markConversation(e.Actor, ConversationMark{Shown: e.Seq}) })
	}
}

// MarkConversation notes that the person has opened the conversation with peer and read it up
// to the message with Seq seq.
func (v *Visit) MarkConversation(peer forum.UserID, seq uint64) {
	v.notePending(func(t *pending) { t.markConversation(peer, ConversationMark{Shown: seq, Read: seq}) })
}

// MarkEntries notes that the entries of a thread with Seqs from and to, and those between, were
// shown.
func (v *Visit) MarkEntries(thread forum.ThreadID, from, to uint64) {
	v.notePending(func(t *pending) { t.markEntries(thread, forum.Span{From: from, To: to}) })
}

func (v *Visit) notePending(do func(*pending)) {
	if v.arrival.Reads {
		v.state.note(do)
	}
}
