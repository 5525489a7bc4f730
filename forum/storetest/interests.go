package storetest

import (
	"fmt"
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
			levels := make(map[forum.ThreadID]forum.Level)
			for level := range r.Levels(user) {
				levels[level.Thread] = level.Level
			}
			var order []forum.ThreadID
			for thread, i := range r.Interests(user) {
				got[thread] = i
				if levels[thread] != i.Level {
					t.Errorf("Level of %d in %d: %s, want %s", user, thread, levels[thread], i.Level)
				}
				delete(levels, thread)
				order = append(order, thread)
			}
			if diff := cmp.Diff(want, got); diff != "" || !slices.IsSorted(order) {
				t.Errorf("Interests of %d in the order %v (-want +got):\n%s", user, order, diff)
			}
			if len(levels) > 0 {
				t.Errorf("Levels of %d without an interest: %v", user, levels)
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

func testThreadsSince(t *testing.T, open Open) {
	f := start(t, open, Options{})
	first := f.do(AddThread("first")).(forum.Thread).ID
	second := f.do(AddThread("second").Later(time.Hour)).(forum.Thread).ID
	want := func(since time.Duration, want ...forum.ThreadID) {
		t.Helper()
		f.view(func(r forum.Reader) {
			t.Helper()
			var got []forum.ThreadID
			for thread := range r.ThreadsSince(noon.Add(since)) {
				got = append(got, thread.ID)
			}
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Errorf("threads touched since %s: %v, want %v", since, got, want)
			}
		})
	}
	want(-time.Hour, first, second)
	want(0, first, second)
	want(time.Nanosecond, second)
	want(time.Hour, second)
	want(time.Hour + 1)
	f.do(Post(first, 1, "text").Later(2 * time.Hour))
	f.reopen()
	want(time.Hour+1, first)
	f.do(RemoveThread(first))
	want(time.Hour+1, first)
	f.do(Write(func(tx forum.Tx) {
		th, _ := tx.Thread(first)
		th.HiddenAt, th.Active = th.Active, th.Created
		tx.PutThread(th)
	}))
	want(time.Hour+1, first)
	f.do(PurgeThread(first, 1000))
	want(0, second)
}

func testBacklogs(t *testing.T, open Open) {
	f := start(t, open, Options{})
	yoda := f.do(AddUser("yoda")).(forum.User).ID
	luke := f.do(AddUser("luke")).(forum.User).ID
	var threads []forum.ThreadID
	f.do(Write(func(tx forum.Tx) { // so many that a backlog is stored in parts
		for range 3000 {
			id := tx.NewThreadID()
			tx.PutThread(forum.Thread{ID: id, Title: fmt.Sprint("thread", id), Created: tx.Time(), Active: tx.Time()})
			threads = append(threads, id)
		}
	}))
	set := func(user forum.UserID, left ...forum.LeveledThread) {
		f.do(Write(func(tx forum.Tx) { tx.SetBacklog(user, left) }))
	}
	want := func(user forum.UserID, want ...forum.LeveledThread) {
		t.Helper()
		f.view(func(r forum.Reader) {
			t.Helper()
			if got := slices.Collect(r.Backlog(user)); !slices.Equal(got, want) {
				t.Errorf("backlog of %d: %v, want %v", user, got, want)
			}
		})
	}
	first, near, middle, last := threads[0], threads[1], threads[1500], threads[2999]
	want(yoda)
	set(yoda, forum.LeveledThread{Thread: first, Level: forum.Muted}, forum.LeveledThread{Thread: near, Level: forum.Normal}, forum.LeveledThread{Thread: last, Level: forum.Watched})
	set(luke, forum.LeveledThread{Thread: middle, Level: forum.Watched})
	f.reopen()
	want(yoda, forum.LeveledThread{Thread: last, Level: forum.Watched}, forum.LeveledThread{Thread: near, Level: forum.Normal}, forum.LeveledThread{Thread: first, Level: forum.Muted})
	want(luke, forum.LeveledThread{Thread: middle, Level: forum.Watched})
	set(yoda, forum.LeveledThread{Thread: last}, forum.LeveledThread{Thread: first, Level: forum.Normal}, forum.LeveledThread{Thread: middle})
	want(yoda, forum.LeveledThread{Thread: near, Level: forum.Normal}, forum.LeveledThread{Thread: first, Level: forum.Normal})
	f.do(RemoveThread(first), PurgeThread(first, 1000))
	want(yoda, forum.LeveledThread{Thread: near, Level: forum.Normal})

	f.do(Write(func(tx forum.Tx) { tx.SetHorizon(yoda, noon.Add(-time.Hour)) }))
	horizon := func(user forum.UserID, want time.Time) {
		t.Helper()
		f.view(func(r forum.Reader) {
			t.Helper()
			if got := r.Horizon(user); !got.Equal(want) {
				t.Errorf("horizon of %d: %s, want %s", user, got, want)
			}
		})
	}
	horizon(yoda, noon.Add(-time.Hour))
	horizon(luke, time.Time{})
	f.do(Write(func(tx forum.Tx) { tx.MoveBack(noon.Add(-3*time.Hour), time.Hour) }))
	horizon(yoda, noon.Add(-2*time.Hour))
	f.do(Write(func(tx forum.Tx) { tx.DropBacklog(yoda) }))
	want(yoda)
	horizon(yoda, time.Time{})
	want(luke, forum.LeveledThread{Thread: middle, Level: forum.Watched})
}
