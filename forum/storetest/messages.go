package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
)

// wantNumbers compares the messages of a thread, as their Seqs, with their numbers.
func (f *fixture) wantNumbers(thread forum.ThreadID, seqs ...uint64) {
	f.t.Helper()
	f.view(func(r forum.Reader) {
		f.t.Helper()
		for i, seq := range seqs {
			id, n := forum.MessageID{Thread: thread, Seq: seq}, uint64(i)+1
			if got, ok := r.MessageAt(thread, n); !ok || got != id {
				f.t.Errorf("MessageAt %d: %s, %v, want %s", n, got, ok, id)
			}
			if got, ok := r.Number(id); !ok || got != n {
				f.t.Errorf("Number of %s: %d, %v, want %d", id, got, ok, n)
			}
		}
		for _, n := range []uint64{0, uint64(len(seqs)) + 1, 1 << 40, 1<<64 - 1} {
			if got, ok := r.MessageAt(thread, n); ok {
				f.t.Errorf("MessageAt %d of %d: %s", n, len(seqs), got)
			}
		}
	})
}

func testNumbers(t *testing.T, open Open) {
	f := start(t, open, Options{})
	thread := f.do(AddThread("3331")).(forum.Thread).ID
	other := f.do(AddThread("9331")).(forum.Thread).ID
	f.wantNumbers(thread)
	for range 4 {
		f.do(Post(thread, 1, "text"), Post(other, 1, "text"))
	}
	id := func(seq uint64) forum.MessageID { return forum.MessageID{Thread: thread, Seq: seq} }
	f.wantNumbers(thread, 1, 2, 3, 4)
	f.do(Delete(id(2)))
	f.wantNumbers(thread, 1, 3, 4)
	f.do(Post(thread, 1, "text"))
	f.wantNumbers(thread, 1, 3, 4, 5)
	f.do(Delete(id(5)), Delete(id(1)))
	f.wantNumbers(thread, 3, 4)
	f.do(Restore(id(2)))
	f.reopen()
	f.wantNumbers(thread, 2, 3, 4)
	f.wantNumbers(other, 1, 2, 3, 4)
	f.do(Delete(id(2)), Delete(id(3)), Delete(id(4)))
	f.wantNumbers(thread)
	f.view(func(r forum.Reader) {
		for seq := range uint64(8) {
			if n, ok := r.Number(id(seq)); ok {
				t.Errorf("Number of %s: %d", id(seq), n)
			}
		}
		if n, ok := r.Number(forum.MessageID{Thread: 9, Seq: 1}); ok {
			t.Errorf("Number in an unknown thread: %d", n)
		}
	})
}

func testEntries(t *testing.T, open Open) {
	f := start(t, open, Options{})
	thread := f.do(AddThread("3331")).(forum.Thread).ID
	next := f.do(AddThread("9331")).(forum.Thread).ID
	f.do(Post(next, 1, "of another thread"))
	var want []forum.Message
	for i := range 5 {
		m := f.do(Post(thread, forum.UserID(i+1), fmt.Sprintf("line %d\n\tand more", i)).Later(time.Duration(i))).(forum.Message)
		want = append(want, m)
	}
	f.do(Write(func(tx forum.Tx) {
		want[2].Guest = "Wanda"
		tx.PutMessage(want[2])
	}))
	gone := f.do(Delete(want[3].ID)).(forum.Message)
	want = slices.Delete(want, 3, 4)
	f.reopen()
	f.view(func(r forum.Reader) {
		for after, want := range map[uint64][]forum.Message{0: want, 2: want[2:], 3: want[3:], 5: nil, 1<<64 - 1: nil} {
			if diff := cmp.Diff(want, slices.Collect(r.Entries(thread, after))); diff != "" {
				t.Errorf("Entries after %d (-want +got):\n%s", after, diff)
			}
		}
		back := slices.Collect(r.EntriesBack(thread))
		if slices.Reverse(back); !cmp.Equal(back, want) {
			t.Errorf("EntriesBack has %+v", back)
		}
		if m, ok := r.Message(gone.ID); !ok || !cmp.Equal(m, gone) {
			t.Errorf("a deleted message: %+v, %v, want %+v", m, ok, gone)
		}
		if m, ok := r.Message(want[1].ID); !ok || !cmp.Equal(m, want[1]) {
			t.Errorf("a message: %+v, %v, want %+v", m, ok, want[1])
		}
		if m, ok := r.Message(forum.MessageID{Thread: thread, Seq: 6}); ok || !cmp.Equal(m, forum.Message{}) {
			t.Errorf("an unknown message: %+v, %v", m, ok)
		}
	})
}

func testEdits(t *testing.T, open Open) {
	f := start(t, open, Options{})
	thread := f.do(AddThread("3331")).(forum.Thread).ID
	id := f.do(Post(thread, 1, "v1")).(forum.Message).ID
	other := f.do(Post(thread, 1, "w1")).(forum.Message).ID
	f.do(Edit(id, "v2").Later(time.Minute), Edit(other, "w2").Later(2*time.Minute), Edit(id, "v3").Later(3*time.Minute))
	want := []forum.Edit{{Text: "v1", Until: noon.Add(time.Minute)}, {Text: "v2", Until: noon.Add(3 * time.Minute)}}
	check := func() {
		t.Helper()
		f.view(func(r forum.Reader) {
			if diff := cmp.Diff(want, r.Edits(id)); diff != "" {
				t.Errorf("Edits (-want +got):\n%s", diff)
			}
			if m, _ := r.Message(id); m.Text != "v3" || m.Edits != 2 || !m.Edited.Equal(noon.Add(3*time.Minute)) {
				t.Errorf("the edited message: %+v", m)
			}
		})
	}
	wantSince := func(after uint64, at time.Time, want ...forum.MessageID) {
		t.Helper()
		f.view(func(r forum.Reader) {
			var got []forum.MessageID
			for m := range r.EditedSince(thread, after, at) {
				got = append(got, m.ID)
			}
			if !slices.Equal(got, want) {
				t.Errorf("edited after %d since %s: %v, want %v", after, at, got, want)
			}
		})
	}
	check()
	wantSince(0, time.Time{}, id, other)
	wantSince(0, noon.Add(2*time.Minute), id, other)
	wantSince(0, noon.Add(3*time.Minute), id)
	wantSince(id.Seq, noon, other)
	wantSince(1<<64-1, noon)
	f.do(Delete(id))
	check()
	wantSince(0, noon, other)
	f.do(Restore(id))
	check()
	wantSince(0, noon, id, other)
}

// testWritingInLoops ranges over what it writes.
func testWritingInLoops(t *testing.T, open Open) {
	f := start(t, open, Options{})
	thread := f.do(AddThread("3331")).(forum.Thread).ID
	const n = 200
	for range n {
		f.do(Post(thread, 1, "text"))
	}
	f.do(Write(func(tx forum.Tx) {
		th, _ := tx.Thread(thread)
		for m := range tx.Entries(thread, 0) {
			m.Removed = forum.Removal{By: 1, At: tx.Time()}
			tx.PutMessage(m)
			th.Messages--
		}
		tx.PutThread(th)
	}))
	f.wantNumbers(thread)
	f.do(Write(func(tx forum.Tx) {
		th, _ := tx.Thread(thread)
		for id := range tx.Removals(tx.Time().Add(1)) {
			m, _ := tx.Message(id)
			m.Removed = forum.Removal{}
			tx.PutMessage(m)
			th.Messages++
		}
		tx.PutThread(th)
	}))
	var all []uint64
	for seq := range uint64(n) {
		all = append(all, seq+1)
	}
	f.wantNumbers(thread, all...)
	for range 20 {
		id := f.do(AddThread("removed")).(forum.Thread).ID
		f.do(RemoveThread(id))
	}
	f.do(Write(func(tx forum.Tx) {
		for th := range tx.RemovedThreads("removed") {
			tx.PurgeThread(th.ID, 10)
		}
	}))
	f.view(func(r forum.Reader) {
		if left := slices.Collect(r.RemovedThreads("removed")); left != nil {
			t.Errorf("%d threads were passed over", len(left))
		}
	})
}

func testLargestRows(t *testing.T, open Open) {
	f := start(t, open, Options{})
	text := strings.Repeat("0123456789abcdef", 1<<16)
	lines := slices.Repeat([]string{text[:100]}, 10_000)
	user := f.do(AddUser("yoda")).(forum.User).ID
	thread := f.do(AddThread(text[:255])).(forum.Thread)
	m := f.do(Post(thread.ID, user, text)).(forum.Message)
	f.do(Edit(m.ID, text+"!"), Write(func(tx forum.Tx) { tx.SetCommandHistory(user, lines) }))
	f.do(RemoveThread(thread.ID), RestoreThread(thread.ID, thread.Title))
	f.reopen()
	f.view(func(r forum.Reader) {
		if got, _ := r.Message(m.ID); got.Text != text+"!" {
			t.Errorf("a message of %d bytes came back with %d", len(text)+1, len(got.Text))
		}
		if got := r.CommandHistory(user); !slices.Equal(got, lines) {
			t.Errorf("%d lines came back as %d", len(lines), len(got))
		}
		if got, ok := r.ThreadByTitle(thread.Title); !ok || got.Messages != 1 {
			t.Errorf("a thread with a long title: %+v, %v", got, ok)
		}
	})
}
