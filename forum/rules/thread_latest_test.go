package rules_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// latest returns the last n entries of a thread.
func latest(t *testing.T, f *forumtest.Forum, by rules.Actor, n int) (entries []rules.Entry) {
	t.Helper()
	thread, creator, err := f.Service.Latest(by, rules.Lobby, func(e rules.Entry) bool {
		entries = append(entries, e)
		return len(entries) < n
	})
	if err != nil || thread.Title != rules.Lobby || creator != "operator" {
		t.Fatalf("%+v, %q, %v", thread, creator, err)
	}
	return entries
}

// Latest returns a thread backwards with the right numbers, even if entries were deleted,
// hidden or uploaded.
func TestLatestIsAThreadBackwards(t *testing.T) {
	f := forumtest.New(t)
	yoda, luke := f.As("yoda"), f.As("luke")
	for i := range 6 {
		post(t, f, "yoda", rules.Lobby, fmt.Sprint("by yoda ", i))
		post(t, f, "luke", rules.Lobby, fmt.Sprint("by luke ", i))
		if _, err := f.Service.Placeholder(ctx, luke, rules.Lobby, fmt.Sprint("file", i)); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range []uint64{11, 4, 1} {
		if _, err := f.Service.DeleteMessage(ctx, rules.Operator(), rules.Target{Title: rules.Lobby, Number: n}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.Service.HideMessage(ctx, f.AsRole("mace", forum.Moderator), rules.Target{Title: rules.Lobby, Number: 3}, "spam"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Service.Block(ctx, yoda, "luke"); err != nil {
		t.Fatal(err)
	}
	for _, by := range []rules.Actor{yoda, luke, f.As("mace")} {
		reading, err := f.Service.Read(ctx, by, rules.Lobby, rules.Range{})
		if err != nil {
			t.Fatal(err)
		}
		var all []rules.Entry
		for e := range reading.Entries {
			all = append(all, e)
		}
		slices.Reverse(all)
		if diff := cmp.Diff(all, latest(t, f, by, 100)); diff != "" || len(all) != 14 {
			t.Errorf("%s reads %d entries, and backwards (-read +latest):\n%s", by.Name, len(all), diff)
		}
		if diff := cmp.Diff(all[:3], latest(t, f, by, 3)); diff != "" {
			t.Errorf("of the last three (-read +latest):\n%s", diff)
		}
	}
	if _, _, err := f.Service.Latest(yoda, "nowhere", nil); forum.KindOf(err) != forum.NotFound {
		t.Error(err)
	}
}

// Latest reads only the messages that take accepts, not the other ones and not those that are
// answered.
func TestLatestReadsWhatIsTaken(t *testing.T) {
	f := forumtest.New(t)
	yoda := f.As("yoda")
	const size, many = 60_000, 60
	for i := range many {
		post(t, f, "yoda", rules.Lobby, fmt.Sprint(i, strings.Repeat("x", size)))
	}
	for i := range 3 {
		if _, err := f.Service.Reply(ctx, yoda, rules.Target{Title: rules.Lobby, Number: 1}, fmt.Sprint("answer ", i)); err != nil {
			t.Fatal(err)
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	latest(t, f, yoda, 4)
	runtime.ReadMemStats(&after)
	if read := after.TotalAlloc - before.TotalAlloc; read > 5*size {
		t.Errorf("%d bytes are allocated for three short messages and one of %d", read, size)
	}
}
