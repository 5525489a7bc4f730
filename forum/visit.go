package forum

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Visit is one live session of a person, from Arrive to Leave. It is safe for
// concurrent use.
type Visit struct {
	service *Service
	actor   Actor
	arrival Arrival
	id      VisitID // 0 for one that does not stay
	since   time.Time

	mu      sync.Mutex
	acted   time.Time // last command
	sent    int       // messages
	pending marks     // shown, and not yet stored
	flushed time.Time // steady

	// Under the roster's lock.
	live *Subscription // nil until Waiting or Notices
	talk *talk         // nil while there is none

	// Waiting's and Notices' own.
	sight sight
	told  map[UserID]uint64 // the last letter of each sender that they gave out
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

// Arrive begins a session. The caller must call Leave. Errors: Denied when the account
// is closed.
func (s *Service) Arrive(ctx context.Context, actor Actor, a Arrival) (*Visit, error) {
	now := s.Clock()
	v := &Visit{
		service: s, actor: actor, arrival: a, since: now, acted: now, flushed: s.Steady(),
		sight: sight{user: actor.User}, told: make(map[UserID]uint64),
	}
	s.roster.add(v) // before the account is looked at, so that whoever closes it finds the session
	var err error
	if a.Stays {
		v.id, err = submit[VisitID](ctx, s.Journal, &beginVisit{By: actor.User, At: now, Door: actor.Door, Source: actor.Source})
	} else {
		_, err = s.Account(actor)
	}
	if err != nil {
		s.roster.remove(v)
		return nil, err
	}
	return v, nil
}

// Person returns whose visit it is.
func (v *Visit) Person() UserID { return v.actor.User }

// leaveGrace is how long the store may hold up the end of a session.
const leaveGrace = 5 * time.Second

// Leave ends the session, whatever became of ctx, and its private talk. What it has shown
// is stored first.
func (v *Visit) Leave(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveGrace)
	defer cancel()
	err := v.service.flush(ctx, v)
	if KindOf(err) == Denied { // the account was closed
		err = nil
	}
	if v.arrival.Stays {
		_, ended := v.service.Journal.Submit(ctx, &endVisit{At: v.service.Clock(), Visit: v.id})
		err = errors.Join(err, ended)
	}
	v.service.roster.remove(v)
	return err
}

// flushEvery is how often what an active session shows is stored.
const flushEvery = 5 * time.Second

// Acted notes that the person gave a command, and now and then stores what the session
// has shown.
func (v *Visit) Acted(ctx context.Context) error {
	now := v.service.Clock()
	v.mu.Lock()
	v.acted = now
	due := !v.pending.empty() && v.service.Steady().Sub(v.flushed) >= flushEvery
	v.mu.Unlock()
	if !due {
		return nil
	}
	return v.service.flush(ctx, v)
}

// Sent counts a message that the session sent.
func (v *Visit) Sent() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.sent++
}

// Shown notes that a private message was shown, so that no later login shows it again.
// Other events are passed over.
func (v *Visit) Shown(e Event) {
	if e.Kind == PrivateSent && e.To == v.actor.User {
		v.note(func(m *marks) { m.letter(e.Actor, LetterMark{Shown: e.Seq}) })
	}
}

// Read notes that the person has opened the conversation with peer and seen it up to the
// letter numbered seq.
func (v *Visit) Read(peer UserID, seq uint64) {
	v.note(func(m *marks) { m.letter(peer, LetterMark{Shown: seq, Read: seq}) })
}

// Saw notes that the entries of a thread from one Seq to another were shown, both included.
func (v *Visit) Saw(thread ThreadID, from, to uint64) {
	v.note(func(m *marks) { m.entries(thread, from, to) })
}

func (v *Visit) note(do func(*marks)) {
	if v.arrival.Reads {
		v.mu.Lock()
		defer v.mu.Unlock()
		do(&v.pending)
	}
}

func (v *Visit) takeMarks() marks {
	v.mu.Lock()
	defer v.mu.Unlock()
	taken := v.pending
	v.pending, v.flushed = marks{}, v.service.Steady()
	return taken
}
