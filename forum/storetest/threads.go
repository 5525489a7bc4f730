package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
)

func testThreads(t *testing.T, open Open) {
	f := start(t, open, Options{})
	first := f.do(AddThread("3331")).(forum.Thread)
	second := f.do(AddThread("9331").Later(time.Hour)).(forum.Thread)
	f.refuse(forum.Conflict, AddThread("3331"))
	if first.ID != 1 || second.ID != 2 {
		t.Errorf("the first ids are %d and %d", first.ID, second.ID)
	}
	second.Creator, second.Active = 7, second.Active.Add(time.Minute)
	second.Pinned, second.Locked, second.LockReason, second.Slow, second.GuestPosted = true, true, "over", time.Minute, noon
	f.do(Write(func(tx forum.Tx) { tx.PutThread(second) }))
	f.reopen()
	f.view(func(r forum.Reader) {
		if diff := cmp.Diff([]forum.Thread{first, second}, slices.Collect(r.Threads())); diff != "" {
			t.Errorf("Threads (-want +got):\n%s", diff)
		}
		if got, ok := r.Thread(2); !ok || got != second {
			t.Errorf("Thread: %+v, %v", got, ok)
		}
		if got, ok := r.ThreadByTitle("9331"); !ok || got != second {
			t.Errorf("ThreadByTitle: %+v, %v", got, ok)
		}
		for _, title := range []string{"", "333", "33311", "lobby"} {
			if got, ok := r.ThreadByTitle(title); ok || got != (forum.Thread{}) {
				t.Errorf("ThreadByTitle(%q): %+v, %v", title, got, ok)
			}
		}
		if got, ok := r.Thread(3); ok || got != (forum.Thread{}) {
			t.Errorf("Thread of an unknown id: %+v, %v", got, ok)
		}
	})
}

func testRemovedThreads(t *testing.T, open Open) {
	f := start(t, open, Options{})
	var ids []forum.ThreadID
	for i := range 3 {
		id := f.do(AddThread("lobby")).(forum.Thread).ID
		f.do(Post(id, 1, "hello"), RemoveThread(id).Later(time.Duration(i)*time.Second))
		ids = append(ids, id)
	}
	f.do(RemoveThread(f.do(AddThread("lobby2")).(forum.Thread).ID))
	live := f.do(AddThread("lobby")).(forum.Thread)
	removed := func(title string) (ids []forum.ThreadID) {
		f.view(func(r forum.Reader) {
			for t := range r.RemovedThreads(title) {
				ids = append(ids, t.ID)
			}
		})
		return ids
	}
	if got := removed("lobby"); !slices.Equal(got, []forum.ThreadID{ids[2], ids[1], ids[0]}) {
		t.Errorf("RemovedThreads: %v, of %v", got, ids)
	}
	if got := removed("lob"); got != nil {
		t.Errorf("RemovedThreads of a prefix: %v", got)
	}
	f.refuse(forum.Conflict, RestoreThread(ids[1], "lobby"))
	f.do(RestoreThread(ids[1], "old-lobby"))
	if got := removed("lobby"); !slices.Equal(got, []forum.ThreadID{ids[2], ids[0]}) {
		t.Errorf("RemovedThreads after one was restored: %v", got)
	}
	f.view(func(r forum.Reader) {
		if got, ok := r.ThreadByTitle("old-lobby"); !ok || got.ID != ids[1] || got.Messages != 1 {
			t.Errorf("the restored thread: %+v, %v", got, ok)
		}
		if got, ok := r.ThreadByTitle("lobby"); !ok || got.ID != live.ID {
			t.Errorf("the thread that took the title: %+v, %v", got, ok)
		}
		if got, ok := r.Thread(ids[0]); !ok || !got.Removed.Done() {
			t.Errorf("a removed thread: %+v, %v", got, ok)
		}
		var titles []string
		for thread := range r.Threads() {
			titles = append(titles, thread.Title)
		}
		if !slices.Equal(titles, []string{"old-lobby", "lobby"}) {
			t.Errorf("Threads: %q", titles)
		}
	})
}

func testRemovals(t *testing.T, open Open) {
	f := start(t, open, Options{})
	thread := f.do(AddThread("3331")).(forum.Thread).ID
	other := f.do(AddThread("9331")).(forum.Thread).ID
	var ids []forum.MessageID
	for range 4 {
		ids = append(ids, f.do(Post(thread, 1, "text")).(forum.Message).ID)
	}
	f.do(
		Edit(ids[2], "better"),
		Delete(ids[2]).Later(1*time.Hour),
		RemoveThread(other).Later(2*time.Hour),
		Delete(ids[0]).Later(3*time.Hour),
		Delete(ids[3]).Later(4*time.Hour),
		Restore(ids[3]).Later(5*time.Hour),
	)
	want := func(before time.Duration, want ...forum.MessageID) {
		t.Helper()
		f.view(func(r forum.Reader) {
			if got := slices.Collect(r.Removals(noon.Add(before))); !slices.Equal(got, want) {
				t.Errorf("Removals before +%s: %v, want %v", before, got, want)
			}
		})
	}
	want(0)
	want(time.Hour)
	want(time.Hour+1, ids[2])
	want(9*time.Hour, ids[2], forum.MessageID{Thread: other}, ids[0])
	for _, at := range []time.Time{noon.Add(3 * time.Hour), noon.Add(6 * time.Hour), noon.Add(3 * time.Hour)} {
		f.do(Write(func(tx forum.Tx) {
			m, _ := tx.Message(ids[0])
			m.Text, m.Removed.At = "changed while it is deleted", at
			tx.PutMessage(m)
		}))
		want(at.Sub(noon)+1, ids[2], forum.MessageID{Thread: other}, ids[0])
	}
	f.do(PurgeMessage(ids[2]))
	want(9*time.Hour, forum.MessageID{Thread: other}, ids[0])
	if done := f.do(PurgeThread(other, 10)); done != true {
		t.Errorf("PurgeThread of an empty thread: done is %v", done)
	}
	want(9*time.Hour, ids[0])
	f.view(func(r forum.Reader) {
		if m, ok := r.Message(ids[2]); ok || len(r.Edits(ids[2])) > 0 {
			t.Errorf("a purged message is still there: %+v", m)
		}
	})
}

func testPurgeThread(t *testing.T, open Open) {
	f := start(t, open, Options{})
	lobby := f.do(AddThread("lobby")).(forum.Thread).ID
	kept := f.do(Post(lobby, 1, "kept")).(forum.Message)
	id := f.do(AddThread("3331")).(forum.Thread).ID
	for i := range 300 {
		m := f.do(Post(id, 1, "text")).(forum.Message)
		if i%3 == 0 {
			f.do(Edit(m.ID, "better"), Delete(m.ID))
		}
	}
	f.refuse(forum.Conflict, PurgeThread(id, 10))
	f.do(RemoveThread(id))
	steps := 1
	for f.do(PurgeThread(id, 100)) != true {
		if steps++; steps > 20 {
			t.Fatal("PurgeThread never ends")
		}
		if err := f.Check(); err != nil {
			t.Fatalf("after step %d of a purge: %v", steps, err)
		}
		f.view(func(r forum.Reader) {
			if _, ok := r.Thread(id); !ok || len(slices.Collect(r.Removals(noon.Add(1)))) == 0 {
				t.Fatalf("after step %d of a purge the thread cannot be found again", steps)
			}
		})
	}
	if steps < 4 {
		t.Errorf("%d steps of at most 100 rows for over 400 rows", steps)
	}
	f.view(func(r forum.Reader) {
		_, there := r.Thread(id)
		_, message := r.Message(forum.MessageID{Thread: id, Seq: 1})
		_, number := r.MessageAt(id, 1)
		rest := len(slices.Collect(r.Entries(id, 0))) + len(slices.Collect(r.Removals(noon.Add(1)))) +
			len(slices.Collect(r.RemovedThreads("3331"))) + len(r.Edits(forum.MessageID{Thread: id, Seq: 1}))
		if there || message || number || rest > 0 {
			t.Errorf("left of a purged thread: %v, %v, %v, %d", there, message, number, rest)
		}
		if m, ok := r.Message(kept.ID); !ok || !cmp.Equal(m, kept) {
			t.Errorf("a message of another thread: %+v, %v", m, ok)
		}
	})
	if next := f.do(AddThread("3331")).(forum.Thread); next.ID <= id {
		t.Errorf("id %d was given out again as %d", id, next.ID)
	}
}
