package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
)

func testLeaps(t *testing.T, open Open) {
	f := start(t, open, Options{})
	f.do(AddThread("3331"))
	before := f.hash()
	leaps := []forum.Leap{{From: noon, To: noon.Add(time.Hour)}, {From: noon.Add(2 * time.Hour), To: noon.AddDate(100, 0, 0)}}
	for _, want := range [][]forum.Leap{leaps, leaps[:1], nil} {
		f.do(Write(func(tx forum.Tx) {
			tx.SetLeaps(want)
			if diff := cmp.Diff(want, tx.Leaps()); diff != "" {
				t.Errorf("in the change (-want +got):\n%s", diff)
			}
		}))
		f.reopen()
		f.view(func(r forum.Reader) {
			if diff := cmp.Diff(want, r.Leaps()); diff != "" {
				t.Errorf("after it (-want +got):\n%s", diff)
			}
		})
	}
	if f.hash() == before {
		t.Error("the changes left no number")
	}
}

// testMoveBack sets the time from day 10 back to day 3, where days 1 to 9 had passed over
// day 2: what began on day 9 is of day 2, and ends as much later as it would have.
func testMoveBack(t *testing.T, open Open) {
	const day = 24 * time.Hour
	at := func(days float64) time.Time { return noon.Add(time.Duration(days * float64(day))) }
	f := start(t, open, Options{})
	for _, c := range []Change{AddUser("yoda"), AddUser("luke"), AddThread("a"), AddThread("b"), Post(1, 1, "one"), Post(1, 2, "two")} {
		f.do(c)
	}
	old := forum.Sanction{By: 2, Since: noon, Until: at(9.5), Reason: "old"}
	f.do(Write(func(tx forum.Tx) {
		tx.PutUser(forum.User{ID: 1, Name: "yoda", Created: noon, Silenced: old})
	}))
	f.do(Delete(forum.MessageID{Thread: 1, Seq: 1}).Later(9 * day))
	f.do(Post(1, 2, "three").Later(9 * day))
	f.do(RemoveThread(2).Later(10 * day))
	f.do(Write(func(tx forum.Tx) {
		u, _ := tx.User(1)
		u.Banned = forum.Sanction{By: 2, Since: at(9), Until: at(11), Reason: "new"}
		tx.PutUser(u)
		tx.SetTime(at(3))
		tx.MoveBack(at(1), 7*day)
	}))
	f.view(func(r forum.Reader) {
		u, _ := r.User(1)
		if want := (forum.Sanction{By: 2, Since: at(2), Until: at(4), Reason: "new"}); u.Silenced != old || u.Banned != want || !u.Created.Equal(noon) {
			t.Errorf("silenced %+v, banned %+v, want %+v and %+v", u.Silenced, u.Banned, old, want)
		}
		three, _ := r.Message(forum.MessageID{Thread: 1, Seq: 3})
		two, _ := r.Message(forum.MessageID{Thread: 1, Seq: 2})
		a, _ := r.Thread(1)
		if !three.Posted.Equal(at(2)) || !two.Posted.Equal(noon) || !a.Active.Equal(at(2)) || !a.Created.Equal(noon) {
			t.Errorf("posted %s and %s, want %s and %s; in %+v", three.Posted, two.Posted, at(2), noon, a)
		}
		var removed []forum.MessageID
		for id := range r.Removals(at(2).Add(1)) {
			removed = append(removed, id)
		}
		if diff := cmp.Diff([]forum.MessageID{{Thread: 1, Seq: 1}}, removed); diff != "" {
			t.Errorf("removed by day 2 (-want +got):\n%s", diff)
		}
		for e := range r.Events(0) {
			if e.At.After(at(3)) {
				t.Errorf("event %d is of %s", e.Seq, e.At)
			}
		}
		if !r.Time().Equal(at(3)) {
			t.Errorf("it is %s, want %s", r.Time(), at(3))
		}
	})
}
