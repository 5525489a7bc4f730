package forum

import (
	"context"
	"slices"
	"sync"
)

// Hub delivers events to the followers of the forum, in journal order. A follower that does not
// keep up misses events and is told how many; it never delays another one.
type Hub struct {
	mu     sync.Mutex
	subs   map[*Subscription]struct{}
	closed bool
}

// NewHub returns a hub without followers.
func NewHub() *Hub { return &Hub{subs: make(map[*Subscription]struct{})} }

// Publish queues events for every follower whose filter accepts them. All followers share them,
// so nobody may change them afterwards. It does not block.
func (h *Hub) Publish(events []Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.subs {
		s.offer(events)
	}
}

// Subscribe adds a follower with room for size events. want reports whether it takes an event,
// and must be quick; nil accepts all events. The caller must call Close.
func (h *Hub) Subscribe(size int, want func(*Event) bool) *Subscription {
	s := &Subscription{hub: h, want: want, limit: size, ready: make(chan struct{}, 1)}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		s.closed = true
		s.wake()
	} else {
		h.subs[s] = struct{}{}
	}
	return s
}

// Close ends every subscription, present and future.
func (h *Hub) Close() {
	h.mu.Lock()
	subs := h.subs
	h.subs, h.closed = nil, true
	h.mu.Unlock()
	for s := range subs {
		s.end()
	}
}

// Subscription is one follower's bounded queue.
type Subscription struct {
	hub   *Hub
	want  func(*Event) bool
	limit int
	ready chan struct{}

	mu     sync.Mutex
	queue  []*Event
	held   func(*Event) bool // see Hold; may be nil
	missed Gap
	closed bool
}

// Gap describes the events that a follower missed. They come after the events that it was
// given.
type Gap struct {
	Count       uint64
	First, Last uint64 // their numbers in the journal
}

// Next waits for events and returns all queued ones. After an overflow it also returns the gap
// behind them; then the follower should read the forum again. Errors: Stopping if the
// subscription or the hub is closed; ctx's.
func (s *Subscription) Next(ctx context.Context) (events []*Event, missed Gap, err error) {
	for {
		events, missed, err = s.Take()
		if len(events) > 0 || missed.Count > 0 || err != nil {
			return events, missed, err
		}
		select {
		case <-s.ready:
		case <-ctx.Done():
			return nil, Gap{}, ctx.Err()
		}
	}
}

// Ready returns a channel that receives a value when Take may return events. It is for one
// goroutine, which does not call Next.
func (s *Subscription) Ready() <-chan struct{} { return s.ready }

// Take is Next without waiting. It may return nothing.
func (s *Subscription) Take() (events []*Event, missed Gap, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	events, missed = s.queue, s.missed
	s.queue, s.missed = nil, Gap{}
	if s.closed && len(events) == 0 && missed.Count == 0 {
		err = Errorf(Stopping, "The server is shutting down.")
	}
	return events, missed, err
}

// Hold makes the events that held accepts wait without making the subscription ready. Take returns
// them with the other events. held must be quick; nil ends the wait.
func (s *Subscription) Hold(held func(*Event) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held = held; held == nil && len(s.queue) > 0 {
		s.wake()
	}
}

// Drop removes the queued events that unwanted accepts.
func (s *Subscription) Drop(unwanted func(*Event) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue = slices.DeleteFunc(s.queue, unwanted)
}

// Close ends the subscription; a waiting Next returns.
func (s *Subscription) Close() {
	s.hub.mu.Lock()
	delete(s.hub.subs, s)
	s.hub.mu.Unlock()
	s.end()
}

// Push queues an event for this follower only, regardless of its filter, and reports whether
// there was room.
func (s *Subscription) Push(e Event) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(&e)
	s.wake()
	return s.missed.Count == 0
}

func (s *Subscription) offer(events []Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ready := false
	for i := range events {
		if e := &events[i]; s.want == nil || s.want(e) {
			s.add(e)
			ready = ready || s.held == nil || !s.held(e)
		}
	}
	if ready {
		s.wake()
	}
}

func (s *Subscription) add(e *Event) {
	if s.missed.Count > 0 || len(s.queue) >= s.limit {
		s.missed.add(e.Seq)
		return
	}
	s.queue = append(s.queue, e)
}

func (g *Gap) add(seq uint64) {
	g.Count++
	if g.First == 0 {
		g.First = seq
	}
	g.Last = max(g.Last, seq)
}

func (s *Subscription) end() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.wake()
}

func (s *Subscription) wake() {
	select {
	case s.ready <- struct{}{}:
	default:
	}
}
