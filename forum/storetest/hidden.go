package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
)

func testHidden(t *testing.T, open Open) {
	f := start(t, open, Options{})
	thread := f.do(AddThread("3331")).(forum.Thread).ID
	next := f.do(AddThread("9331")).(forum.Thread).ID
	id := func(seq uint64) forum.MessageID { return forum.MessageID{Thread: thread, Seq: seq} }
	for range 5 {
		f.do(Post(thread, 1, "text"), Post(next, 1, "text"))
	}
	f.do(Delete(id(1)), Hide(forum.MessageID{Thread: next, Seq: 1}))
	second := f.do(Hide(id(2)).Later(time.Minute)).(forum.Message)
	fourth := f.do(Hide(id(4)).Later(2 * time.Minute)).(forum.Message)
	f.reopen()
	f.wantNumbers(thread, 3, 5)
	f.view(func(r forum.Reader) {
		for after, want := range map[uint64][]forum.Message{0: {second, fourth}, 2: {fourth}, 4: nil, 1<<64 - 1: nil} {
			if diff := cmp.Diff(want, slices.Collect(r.Hidden(thread, after))); diff != "" {
				t.Errorf("Hidden after %d (-want +got):\n%s", after, diff)
			}
		}
		if removals := slices.Collect(r.Removals(noon.Add(time.Hour))); !slices.Equal(removals, []forum.MessageID{id(1)}) {
			t.Errorf("Removals with hidden messages: %v", removals)
		}
	})
	f.do(Restore(id(2)))
	f.wantNumbers(thread, 2, 3, 5)
	f.view(func(r forum.Reader) {
		if hidden := slices.Collect(r.Hidden(thread, 0)); len(hidden) != 1 || hidden[0].ID != id(4) {
			t.Errorf("Hidden after a restoration: %v", hidden)
		}
	})

	f.do(HideThread(thread))
	f.reopen()
	f.view(func(r forum.Reader) {
		want := forum.Removal{By: 1, At: noon.Add(2 * time.Minute), Hidden: true, Reason: "spam"}
		if got, ok := r.Thread(thread); !ok || got.Removed != want {
			t.Errorf("a hidden thread: %+v, %v, want %+v", got.Removed, ok, want)
		}
		if _, ok := r.ThreadByTitle("3331"); ok {
			t.Error("a hidden thread is found by its title")
		}
		if all := slices.Collect(r.RemovedThreadIDs()); !slices.Equal(all, []forum.ThreadID{thread}) {
			t.Errorf("RemovedThreadIDs: %v", all)
		}
		if removals := slices.Collect(r.Removals(noon.Add(time.Hour))); !slices.Equal(removals, []forum.MessageID{id(1)}) {
			t.Errorf("Removals with a hidden thread: %v", removals)
		}
	})
	f.do(RestoreThread(thread, "3331"), RemoveThread(thread))
	for !f.do(PurgeThread(thread, 2)).(bool) {
	}
	f.view(func(r forum.Reader) {
		if hidden := slices.Collect(r.Hidden(thread, 0)); hidden != nil {
			t.Errorf("Hidden in a purged thread: %v", hidden)
		}
	})
}
