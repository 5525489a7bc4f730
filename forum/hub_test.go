package forum_test

import (
	"testing"

	"sshforum/forum"
)

// ready reports whether a subscription says that it has events.
func ready(s *forum.Subscription) bool {
	select {
	case <-s.Ready():
		return true
	default:
		return false
	}
}

// Held events make nobody ready, and come with the next other event, or when they are no longer
// held.
func TestHold(t *testing.T) {
	h := forum.NewHub()
	s := h.Subscribe(9, nil)
	defer s.Close()
	takes := func(what string, want ...uint64) {
		t.Helper()
		if is := ready(s); is != (want != nil) {
			t.Errorf("%s: ready is %v", what, is)
		}
		if want == nil {
			return
		}
		events, _, err := s.Take()
		if err != nil || len(events) != len(want) {
			t.Fatalf("%s: %d events, %v", what, len(events), err)
		}
		for i, e := range events {
			if e.Seq != want[i] {
				t.Errorf("%s: event %d is %d", what, i, e.Seq)
			}
		}
	}
	s.Hold(func(e *forum.Event) bool { return e.Kind == forum.MessagePosted })
	h.Publish([]forum.Event{{Seq: 1, Kind: forum.MessagePosted}, {Seq: 2, Kind: forum.MessagePosted}})
	takes("held ones")
	h.Publish([]forum.Event{{Seq: 3, Kind: forum.MessagePosted}, {Seq: 4, Kind: forum.UserCame}})
	takes("another one", 1, 2, 3, 4)
	h.Publish([]forum.Event{{Seq: 5, Kind: forum.MessagePosted}, {Seq: 6, Kind: forum.MessagePosted}})
	s.Drop(func(e *forum.Event) bool { return e.Seq <= 5 })
	takes("held ones again")
	s.Hold(nil)
	takes("no longer held ones", 6)
	s.Hold(nil)
	takes("none")
}
