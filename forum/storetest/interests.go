package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
)

func testInterests(t *testing.T, open Open) {
	f := start(t, open, Options{})
	yoda := f.do(AddUser("yoda")).(forum.User).ID
	luke := f.do(AddUser("luke")).(forum.User).ID
	var threads []forum.ThreadID
	for _, title := range []string{"a", "b", "c"} {
		thread := f.do(AddThread(title)).(forum.Thread).ID
		for range 9 {
			f.do(Post(thread, yoda, "text"))
		}
		threads = append(threads, thread)
	}
	read := forum.Interest{Level: forum.Watched, Read: forum.Marks{Upto: 2, Spans: []forum.Span{{From: 4, To: 4}, {From: 7, To: 9}}}, Posted: noon}
	muted := forum.Interest{Level: forum.Muted}
	set := func(user forum.UserID, thread forum.ThreadID, i forum.Interest) Change {
		return Write(func(tx forum.Tx) { tx.SetInterest(user, thread, i) })
	}
	f.do(set(yoda, threads[2], read), set(yoda, threads[0], muted), set(luke, threads[0], read), set(luke, threads[0], muted))
	want := func(user forum.UserID, want map[forum.ThreadID]forum.Interest) {
		t.Helper()
		f.view(func(r forum.Reader) {
			t.Helper()
			got := make(map[forum.ThreadID]forum.Interest)
			var order []forum.ThreadID
			for thread, i := range r.Interests(user) {
				got[thread] = i
				order = append(order, thread)
			}
			if diff := cmp.Diff(want, got); diff != "" || !slices.IsSorted(order) {
				t.Errorf("Interests of %d in the order %v (-want +got):\n%s", user, order, diff)
			}
			for _, thread := range threads {
				if diff := cmp.Diff(want[thread], r.Interest(user, thread)); diff != "" {
					t.Errorf("Interest of %d in %d (-want +got):\n%s", user, thread, diff)
				}
			}
		})
	}
	f.reopen()
	want(yoda, map[forum.ThreadID]forum.Interest{threads[0]: muted, threads[2]: read})
	want(luke, map[forum.ThreadID]forum.Interest{threads[0]: muted})
	f.do(RemoveThread(threads[0]))
	want(luke, map[forum.ThreadID]forum.Interest{threads[0]: muted})
	f.do(PurgeThread(threads[0], 1000))
	want(yoda, map[forum.ThreadID]forum.Interest{threads[2]: read})
	want(luke, map[forum.ThreadID]forum.Interest{})
}

func testMentions(t *testing.T, open Open) {
	f := start(t, open, Options{})
	yoda := f.do(AddUser("yoda")).(forum.User).ID
	luke := f.do(AddUser("luke")).(forum.User).ID
	first := f.do(AddThread("first")).(forum.Thread).ID
	second := f.do(AddThread("second")).(forum.Thread).ID
	hour := 0
	mention := func(thread forum.ThreadID, users ...forum.UserID) forum.MessageID {
		hour++
		m := f.do(Post(thread, 1, "text").Later(time.Duration(hour) * time.Hour)).(forum.Message)
		m.Mentions, m.Reply = users, forum.MessageID{Thread: thread, Seq: 1}
		f.do(Write(func(tx forum.Tx) { tx.PutMessage(m) }))
		f.view(func(r forum.Reader) {
			if got, _ := r.Message(m.ID); !cmp.Equal(got, m) {
				t.Errorf("a message with mentions: %+v, want %+v", got, m)
			}
		})
		return m.ID
	}
	want := func(user forum.UserID, want ...forum.MessageID) {
		t.Helper()
		f.view(func(r forum.Reader) {
			t.Helper()
			if got := slices.Collect(r.Mentions(user)); !slices.Equal(got, want) {
				t.Errorf("Mentions of %d: %v, want %v", user, got, want)
			}
		})
	}
	a := mention(second, yoda, luke)
	b := mention(first, yoda)
	c := mention(second, yoda)
	want(yoda, c, b, a)
	want(luke, a)
	f.do(Delete(a))
	f.reopen()
	want(yoda, c, b)
	want(luke)
	f.do(Restore(a), Edit(a, "text 2"))
	want(yoda, c, b, a)
	f.do(Write(func(tx forum.Tx) {
		m, _ := tx.Message(b)
		m.Mentions = []forum.UserID{luke}
		tx.PutMessage(m)
	}))
	want(yoda, c, a)
	want(luke, b, a)
	f.do(Delete(c), PurgeMessage(c))
	want(yoda, a)
	f.do(RemoveThread(second))
	want(yoda, a)
	f.do(PurgeThread(second, 1000))
	want(yoda)
	want(luke, b)
}

// rank counts the live messages of a thread up to seq.
func (t modelThread) rank(seq uint64) (n uint64) {
	for i, e := range t.entries {
		if !e.gone && !e.deleted && uint64(i) < seq {
			n++
		}
	}
	return n
}

// compareRanks reports where a reader counts messages otherwise than the model.
func (t modelThread) compareRanks(r forum.Reader, thread forum.ThreadID, fail func(format string, args ...any)) {
	for _, seq := range []uint64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 255, 256, 1 << 40, 1<<64 - 1} {
		if got, want := r.Rank(thread, seq), t.rank(seq); got != want {
			fail("Rank up to %d.%d: %d, want %d", thread, seq, got, want)
		}
	}
}
