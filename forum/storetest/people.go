package storetest

import (
	"slices"
	"testing"
	"time"

	"sshforum/forum"
)

func testBlocks(t *testing.T, open Open) {
	f := start(t, open, Options{})
	want := func(by forum.UserID, blocks, blockedBy []forum.UserID) {
		t.Helper()
		f.view(func(r forum.Reader) {
			if got := slices.Collect(r.Blocks(by)); !slices.Equal(got, blocks) {
				t.Errorf("Blocks(%d): %v, want %v", by, got, blocks)
			}
			if got := slices.Collect(r.BlockedBy(by)); !slices.Equal(got, blockedBy) {
				t.Errorf("BlockedBy(%d): %v, want %v", by, got, blockedBy)
			}
			for whom := range forum.UserID(4) {
				if got := r.Blocked(by, whom); got != slices.Contains(blocks, whom) {
					t.Errorf("Blocked(%d, %d): %v", by, whom, got)
				}
			}
		})
	}
	for _, name := range []string{"yoda", "luke", "leia"} {
		f.do(AddUser(name))
	}
	block := func(by, whom forum.UserID, blocked bool) {
		f.do(Write(func(tx forum.Tx) { tx.SetBlocked(by, whom, blocked) }))
	}
	want(1, nil, nil)
	block(1, 3, true)
	block(1, 2, true)
	block(2, 1, true)
	block(1, 2, true)
	want(1, []forum.UserID{2, 3}, []forum.UserID{2})
	want(2, []forum.UserID{1}, []forum.UserID{1})
	want(3, nil, []forum.UserID{1})
	block(1, 3, false)
	block(2, 3, false)
	want(1, []forum.UserID{2}, []forum.UserID{2})
	want(3, nil, nil)
}

func testVisits(t *testing.T, open Open) {
	f := start(t, open, Options{})
	f.do(AddUser("yoda"))
	f.do(AddUser("luke"))
	visit := func(user forum.UserID) (v forum.VisitRecord) {
		f.do(Write(func(tx forum.Tx) {
			v = forum.VisitRecord{ID: tx.NewVisitID(), User: user, Door: "shell", Source: "192.0.2.1", Began: tx.Time()}
			tx.PutVisit(v)
		}))
		return v
	}
	end := func(v forum.VisitRecord, after time.Duration) forum.VisitRecord {
		v.Ended = noon.Add(after)
		f.do(Write(func(tx forum.Tx) { tx.PutVisit(v) }))
		return v
	}
	ids := func(seq func(func(forum.VisitRecord) bool)) (ids []forum.VisitID) {
		for v := range seq {
			ids = append(ids, v.ID)
		}
		return ids
	}
	want := func(what string, got []forum.VisitID, want ...forum.VisitID) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	one, two, three := visit(2), visit(1), visit(2)
	f.view(func(r forum.Reader) {
		want("VisitsOpen", ids(r.VisitsOpen()), 2, 1, 3)
		if !r.IsHere(1) || !r.IsHere(2) || r.IsHere(3) {
			t.Error("IsHere is wrong while all are open")
		}
	})
	three, one = end(three, time.Hour), end(one, 2*time.Hour)
	f.view(func(r forum.Reader) {
		want("VisitsOpen", ids(r.VisitsOpen()), 2)
		want("VisitsEndedSince the beginning", ids(r.VisitsEndedSince(time.Time{})), 3, 1)
		want("VisitsEndedSince the first end", ids(r.VisitsEndedSince(three.Ended)), 3, 1)
		want("VisitsEndedSince after it", ids(r.VisitsEndedSince(three.Ended.Add(1))), 1)
		want("VisitsBefore all", ids(r.VisitsBefore(0)), 3, 2, 1)
		want("VisitsBefore the last", ids(r.VisitsBefore(3)), 2, 1)
		want("VisitsBefore a later one", ids(r.VisitsBefore(99)), 3, 2, 1)
		if got, ok := r.Visit(1); !ok || got != one {
			t.Errorf("Visit(1): %+v, want %+v", got, one)
		}
		if r.IsHere(2) || !r.IsHere(1) {
			t.Error("IsHere is wrong after two ended")
		}
	})
	f.do(Write(func(tx forum.Tx) {
		tx.DropVisit(three)
		tx.DropVisit(two)
	}))
	f.view(func(r forum.Reader) {
		want("VisitsBefore after a purge", ids(r.VisitsBefore(0)), 1)
		want("VisitsOpen after a purge", ids(r.VisitsOpen()))
		if _, ok := r.Visit(3); ok || r.IsHere(1) {
			t.Error("a dropped visit is found")
		}
	})
	if v := visit(1); v.ID != 4 {
		t.Errorf("the id %d was given out again", v.ID)
	}
}

// Tell adds a message, and what both sides know of it; the result is the forum.PrivateMessage.
func Tell(from, to forum.UserID, text string) Change {
	return Change{Name: "tell", Do: func(tx forum.Tx) (any, error) {
		l := forum.PrivateMessage{Seq: tx.Seq(), From: from, To: to, Text: text, Sent: tx.Time()}
		tx.PutPrivateMessage(l)
		for _, owner := range []forum.UserID{from, to} {
			c, _ := tx.Conversation(owner, from+to-owner)
			c.Owner, c.Peer, c.Last, c.LastAt = owner, from+to-owner, l.Seq, l.Sent
			if owner == to {
				c.Received = l.Seq
				c.Unread++
			}
			tx.PutConversation(c)
		}
		return l, nil
	}}
}

func testLetters(t *testing.T, open Open) {
	f := start(t, open, Options{})
	for _, name := range []string{"yoda", "luke", "leia"} {
		f.do(AddUser(name))
	}
	one := f.do(Tell(2, 1, "one")).(forum.PrivateMessage)
	f.do(Tell(3, 1, "another's"))
	two := f.do(Tell(1, 2, "two\n\xff")).(forum.PrivateMessage)
	three := f.do(Tell(2, 1, "three")).(forum.PrivateMessage)
	f.view(func(r forum.Reader) {
		for _, pair := range [][2]forum.UserID{{1, 2}, {2, 1}} {
			if got := slices.Collect(r.PrivateMessages(pair[0], pair[1], 0)); !slices.Equal(got, []forum.PrivateMessage{one, two, three}) {
				t.Errorf("Letters: %+v", got)
			}
			if got := slices.Collect(r.PrivateMessages(pair[0], pair[1], one.Seq)); !slices.Equal(got, []forum.PrivateMessage{two, three}) {
				t.Errorf("Letters after the first: %+v", got)
			}
			if got := slices.Collect(r.PrivateMessagesBack(pair[0], pair[1])); !slices.Equal(got, []forum.PrivateMessage{three, two, one}) {
				t.Errorf("LettersBack: %+v", got)
			}
		}
		if got := slices.Collect(r.PrivateMessages(1, 2, three.Seq)); got != nil {
			t.Errorf("Letters after the last: %+v", got)
		}
		if got := slices.Collect(r.PrivateMessages(2, 3, 0)); got != nil {
			t.Errorf("Letters of two who sent none: %+v", got)
		}
		want := forum.Conversation{Owner: 1, Peer: 2, Last: three.Seq, LastAt: three.Sent, Received: three.Seq, Unread: 2}
		if got, ok := r.Conversation(1, 2); !ok || got != want {
			t.Errorf("Conversation: %+v, want %+v", got, want)
		}
		if _, ok := r.Conversation(2, 3); ok {
			t.Error("there is a conversation of two who sent nothing")
		}
		var peers []forum.UserID
		for c := range r.Conversations(1) {
			peers = append(peers, c.Peer)
		}
		if !slices.Equal(peers, []forum.UserID{2, 3}) {
			t.Errorf("Conversations: %v", peers)
		}
	})
	marked := forum.Conversation{Owner: 1, Peer: 2, Last: three.Seq, LastAt: three.Sent, Received: three.Seq, Unread: 1, ReadTo: two.Seq, ShownTo: three.Seq}
	f.do(Write(func(tx forum.Tx) { tx.PutConversation(marked) }))
	f.view(func(r forum.Reader) {
		if got, _ := r.Conversation(1, 2); got != marked {
			t.Errorf("Conversation: %+v, want %+v", got, marked)
		}
	})
}
