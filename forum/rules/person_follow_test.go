package rules_test

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// next pulls n events and returns them as "kind number text".
func next(t *testing.T, pull func() (forum.Event, error, bool), n int) (lines []string, last uint64) {
	t.Helper()
	for range n {
		e, err, ok := pull()
		if !ok || err != nil {
			t.Fatalf("after %q: %v", lines, err)
		}
		if e.Seq <= last {
			t.Errorf("event %d came after %d", e.Seq, last)
		}
		last = e.Seq
		lines = append(lines, fmt.Sprintf("%s %d %s", e.Kind, e.Number, e.Text))
	}
	return lines, last
}

func TestFollow(t *testing.T) {
	f := thread3331(t)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	pull, stop := iter.Pull2(oneByOne(f.Service.Follow(ctx, f.As("Luke"), []string{"3331"}, 0, true)))
	defer stop()
	got, _ := next(t, pull, 4)
	post(t, f, "Yoda", rules.Lobby, "elsewhere")
	post(t, f, "Yoda", "3331", "four")
	must[rules.Posted](t)(f.Service.DeleteMessage(ctx, f.As("Yoda"), number(1)))
	more, last := next(t, pull, 2)
	want := []string{
		"thread.created 0 ", "message.posted 1 one", "message.posted 2 two", "message.posted 3 three",
		"message.posted 4 four", "message.deleted 1 ",
	}
	if diff := cmp.Diff(want, append(got, more...)); diff != "" {
		t.Error(diff)
	}
	f.Reopen()
	post(t, f, "Yoda", "3331", "five")
	pull2, stop2 := iter.Pull2(oneByOne(f.Service.Follow(ctx, f.As("Luke"), []string{"3331"}, last, true)))
	defer stop2()
	if got, _ := next(t, pull2, 1); got[0] != "message.posted 4 five" {
		t.Errorf("resumed with %q", got)
	}
	cancel()
	if _, err, ok := pull2(); !ok || err != context.Canceled {
		t.Errorf("a follower that leaves gets %v", err)
	}
}

// A follower that lags by more than its queue holds gets events from the store.
func TestFollowCatchesUp(t *testing.T) {
	f := forumtest.New(t)
	luke := f.As("Luke")
	pull, stop := iter.Pull2(oneByOne(f.Service.Follow(ctx, luke, nil, lastSeq(t, f), true)))
	defer stop()
	post(t, f, "Luke", rules.Lobby, "first")
	next(t, pull, 1)
	const n = 700
	for i := range n {
		post(t, f, "Luke", rules.Lobby, fmt.Sprint(i))
	}
	got, _ := next(t, pull, n)
	for i, line := range got {
		if want := fmt.Sprintf("message.posted %d %d", i+2, i); line != want {
			t.Fatalf("event %d is %q, want %q", i, line, want)
		}
	}
}

func lastSeq(t *testing.T, f *forumtest.Forum) (seq uint64) {
	t.Helper()
	err := f.Store.View(func(r forum.Reader) error {
		seq = r.Seq()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

// A text deleted in the meantime is not shown, a number that no event has yet is refused, and a
// person whose account is closed cannot follow any longer.
func TestFollowEnds(t *testing.T) {
	f := forumtest.New(t)
	luke := f.As("Luke")
	pull, stop := iter.Pull2(oneByOne(f.Service.Follow(ctx, luke, nil, 1_000_000, true)))
	defer stop()
	_, err, _ := pull()
	wants(t, err, forum.Invalid, fmt.Sprintf("No event has the number 1000000 yet; the last one is %d.", lastSeq(t, f)))

	pull, stop = iter.Pull2(oneByOne(f.Service.Follow(ctx, luke, nil, lastSeq(t, f)-1, true)))
	defer stop()
	next(t, pull, 1)
	must[forum.User](t)(f.Service.CloseAccount(ctx, rules.Operator(), "Luke"))
	post(t, f, "Yoda", rules.Lobby, "behind his back")
	_, err, _ = pull()
	wants(t, err, forum.Denied, "Your account has been closed.")
}

func TestFollowSaysWhatIsGone(t *testing.T) {
	f := forumtest.New(t) // keeps 1,000 events
	for range 1100 {
		post(t, f, "Luke", rules.Lobby, "x")
	}
	pull, stop := iter.Pull2(oneByOne(f.Service.Follow(ctx, f.As("Luke"), nil, 1, true)))
	defer stop()
	_, err, _ := pull()
	wants(t, err, forum.NotFound, fmt.Sprintf("The events after 1 are not kept any more; read the threads again, and go on after %d.", lastSeq(t, f)))

	pull, stop = iter.Pull2(oneByOne(f.Service.Follow(ctx, f.As("Luke"), []string{"nowhere"}, 0, false)))
	defer stop()
	_, err, _ = pull()
	wants(t, err, forum.NotFound, "Thread nowhere does not exist")
}

// oneByOne yields the events of batches one by one.
func oneByOne(batches iter.Seq2[[]*forum.Event, error]) iter.Seq2[forum.Event, error] {
	return func(yield func(forum.Event, error) bool) {
		for events, err := range batches {
			if err != nil {
				yield(forum.Event{}, err)
				return
			}
			for _, e := range events {
				if !yield(*e, nil) {
					return
				}
			}
		}
	}
}
