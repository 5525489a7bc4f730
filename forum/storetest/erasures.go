package storetest

import (
	"slices"
	"testing"

	"sshforum/forum"
)

func testErasures(t *testing.T, open Open) {
	f := start(t, open, Options{})
	for _, name := range []string{"yoda", "luke"} {
		f.do(AddUser(name))
	}
	want := func(want ...forum.Erasure) {
		t.Helper()
		f.view(func(r forum.Reader) {
			if got := slices.Collect(r.Erasures()); !slices.Equal(got, want) {
				t.Errorf("Erasures: %+v, want %+v", got, want)
			}
			for _, e := range want {
				if got, ok := r.Erasure(e.User); !ok || got != e {
					t.Errorf("Erasure(%d): %+v, %v, want %+v", e.User, got, ok, e)
				}
			}
			if e, ok := r.Erasure(3); ok {
				t.Errorf("Erasure of nobody: %+v", e)
			}
		})
	}
	want()
	put := func(e forum.Erasure) Change { return Write(func(tx forum.Tx) { tx.PutErasure(e) }) }
	f.do(put(forum.Erasure{User: 2}), put(forum.Erasure{User: 1}), put(forum.Erasure{User: 2, Visits: 9}))
	f.reopen()
	want(forum.Erasure{User: 1}, forum.Erasure{User: 2, Visits: 9})
	f.do(Write(func(tx forum.Tx) { tx.DropErasure(1) }))
	want(forum.Erasure{User: 2, Visits: 9})

	f.do(Write(func(tx forum.Tx) { tx.HoldName(forum.NameHash{1}) }))
	f.reopen()
	f.view(func(r forum.Reader) {
		if !r.NameHeld(forum.NameHash{1}) || r.NameHeld(forum.NameHash{2}) {
			t.Error("NameHeld is wrong")
		}
	})
}

// testDropPrivate is about rows that only go when an account does.
func testDropPrivate(t *testing.T, open Open) {
	f := start(t, open, Options{})
	for _, name := range []string{"yoda", "luke", "leia"} {
		f.do(AddUser(name))
	}
	f.do(AddThread("a"), AddThread("b"))
	f.do(Tell(1, 2, "one"), Tell(2, 1, "two"), Tell(1, 3, "three"))
	f.do(Write(func(tx forum.Tx) {
		for thread := range forum.ThreadID(2) {
			tx.SetInterest(1, thread+1, forum.Interest{Level: forum.Watched})
		}
	}))
	f.do(Write(func(tx forum.Tx) {
		tx.DropInterest(1, 1)
		tx.DropConversation(forum.Conversation{Owner: 1, Peer: 2})
	}))
	f.view(func(r forum.Reader) {
		if i := r.Interest(1, 1); i.Level != forum.Unset {
			t.Errorf("a dropped interest is %+v", i)
		}
		if i := r.Interest(1, 2); i.Level != forum.Watched {
			t.Errorf("the other interest is %+v", i)
		}
		if c, ok := r.Conversation(1, 2); ok {
			t.Errorf("a dropped conversation is %+v", c)
		}
		if c, ok := r.Conversation(2, 1); !ok || c.Unread != 1 {
			t.Errorf("its other side is %+v, %v", c, ok)
		}
		if n := len(slices.Collect(r.PrivateMessages(2, 1, 0))); n != 2 {
			t.Errorf("%d private messages are left", n)
		}
		if n := len(slices.Collect(r.Conversations(1))); n != 1 {
			t.Errorf("%d conversations are left", n)
		}
	})
	f.do(Write(func(tx forum.Tx) {
		tx.DropConversation(forum.Conversation{Owner: 2, Peer: 1})
		for l := range tx.PrivateMessages(1, 2, 0) {
			tx.DropPrivateMessage(l)
		}
	}))
	f.view(func(r forum.Reader) {
		if left := slices.Collect(r.PrivateMessages(1, 2, 0)); len(left) > 0 {
			t.Errorf("private messages are left: %+v", left)
		}
		if left := slices.Collect(r.PrivateMessages(1, 3, 0)); len(left) != 1 {
			t.Errorf("of another conversation there is %+v", left)
		}
	})
}
