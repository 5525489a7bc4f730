package storetest

import (
	"slices"
	"testing"
	"time"

	"sshforum/forum"
	"sshforum/forum/search"
)

// wantMatches compares what has a word with ids, the last posted first.
func (f *fixture) wantMatches(s forum.Sought, ids ...forum.MessageID) {
	f.t.Helper()
	f.view(func(r forum.Reader) {
		var got []forum.MessageID
		n := 0
		for m := range r.Matches(s) {
			got = slices.AppendSeq(got, m.Messages)
			n += m.Count
		}
		if !slices.Equal(got, ids) || n != len(ids) {
			f.t.Errorf("%d matches: %v, want %v", n, got, ids)
		}
	})
}

func word(w string) forum.Sought { return forum.Sought{Terms: search.Terms(nil, w)} }

func testMatches(t *testing.T, open Open) {
	f := start(t, open, Options{})
	thread := f.do(AddThread("3331")).(forum.Thread).ID
	a := f.do(Post(thread, 1, "light saber")).(forum.Message).ID
	b := f.do(Post(thread, 2, "dark saber").Later(time.Hour)).(forum.Message).ID
	f.wantMatches(word("saber"), b, a)
	f.wantMatches(word("light saber"), a)
	f.wantMatches(word("nothing"))
	f.wantMatches(forum.Sought{Terms: word("saber").Terms, After: noon.Add(time.Hour)}, b)
	f.wantMatches(forum.Sought{Terms: word("saber").Terms, Before: noon.Add(time.Hour)}, a)
	f.do(Edit(a, "a knife"), Edit(b, "light and dark saber"))
	f.wantMatches(word("saber"), b)
	f.wantMatches(word("light"), b)
	f.reopen()
	f.wantMatches(word("knife"), a)
	f.do(Write(func(tx forum.Tx) {
		if mended, _ := tx.Reindex(0); mended {
			t.Error("a sound index was mended")
		}
	}))
	f.do(Delete(b), PurgeMessage(b))
	f.wantMatches(word("saber"))
	f.do(RemoveThread(thread))
	f.view(func(r forum.Reader) {
		if got := slices.Collect(r.RemovedThreadIDs()); !slices.Equal(got, []forum.ThreadID{thread}) {
			t.Errorf("RemovedThreadIDs: %v", got)
		}
	})
	f.do(PurgeThread(thread, 1000))
	f.wantMatches(word("knife"))
	f.view(func(r forum.Reader) {
		if got := slices.Collect(r.RemovedThreadIDs()); got != nil {
			t.Errorf("RemovedThreadIDs after the purge: %v", got)
		}
	})
}
