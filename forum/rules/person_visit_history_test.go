package rules_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// by returns the actor name at a door.
func by(f *forumtest.Forum, name, door string) rules.Actor {
	a := f.As(name)
	a.Door = door
	return a
}

// arrive begins a session like a shell, which ends at the latest with the test.
func arrive(t *testing.T, f *forumtest.Forum, name string) *rules.Visit {
	t.Helper()
	v := must[*rules.Visit](t)(f.Service.Arrive(ctx, by(f, name, "shell"), rules.Arrival{Stays: true, Reads: true}))
	t.Cleanup(func() { _ = v.Leave(ctx) })
	return v
}

func leave(t *testing.T, v *rules.Visit) {
	t.Helper()
	if err := v.Leave(ctx); err != nil {
		t.Error(err)
	}
}

// happened returns the kept events after a number as "kind actor".
func happened(t *testing.T, f *forumtest.Forum, after uint64) (lines []string) {
	t.Helper()
	err := f.Store.View(func(r forum.Reader) error {
		for e := range r.Events(after) {
			lines = append(lines, fmt.Sprintf("%s %s", e.Kind, e.Name))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// A person comes with the first of their sessions and goes with the last. Sessions that do not
// stay do not count.
func TestSeveralSessionsAreOnePerson(t *testing.T) {
	f := forumtest.New(t)
	f.As("Yoda")
	start := lastSeq(t, f)
	one, two, three := arrive(t, f, "Yoda"), arrive(t, f, "Yoda"), arrive(t, f, "Yoda")
	passing := must[*rules.Visit](t)(f.Service.Arrive(ctx, by(f, "Yoda", "exec"), rules.Arrival{}))
	leave(t, one)
	leave(t, three)
	leave(t, passing)
	if diff := cmp.Diff([]string{"user.came Yoda"}, happened(t, f, start)); diff != "" {
		t.Error(diff)
	}
	leave(t, two)
	if diff := cmp.Diff([]string{"user.came Yoda", "user.went Yoda"}, happened(t, f, start)); diff != "" {
		t.Error(diff)
	}
	again := arrive(t, f, "Yoda")
	leave(t, again)
	if n := len(happened(t, f, start)); n != 4 {
		t.Errorf("coming again made %d events", n)
	}
}

func history(t *testing.T, f *forumtest.Forum, actor rules.Actor) (lines []string) {
	t.Helper()
	for v, err := range must[iterVisits](t)(f.Service.Visits(ctx, actor)) {
		if err != nil {
			t.Fatal(err)
		}
		end := "here"
		if !v.Ended.IsZero() {
			end = v.Ended.Sub(v.Began).String()
		}
		lines = append(lines, fmt.Sprint(v.Name, " ", v.Door, " ", v.Source, " ", end))
	}
	return lines
}

type iterVisits = func(yield func(rules.NamedVisit, error) bool)

func TestLoginHistory(t *testing.T) {
	f := forumtest.New(t)
	admin := f.AsRole("Leia", forum.Admin)
	yoda := arrive(t, f, "Yoda")
	f.Clock.Advance(time.Minute)
	leave(t, yoda)
	for range 300 {
		leave(t, arrive(t, f, "Luke"))
	}
	arrive(t, f, "Yoda")
	got := history(t, f, admin)
	if len(got) != 302 || got[0] != "Yoda shell 192.0.2.1 here" || got[1] != "Luke shell 192.0.2.1 0s" || got[301] != "Yoda shell 192.0.2.1 1m0s" {
		t.Errorf("%d visits: %q … %q", len(got), got[:2], got[len(got)-1])
	}
	_, err := f.Service.Visits(ctx, f.AsRole("Han", forum.Moderator))
	wants(t, err, forum.Denied, "Only an admin can see the login history.")

	f.Clock.Advance(rules.VisitsKept - time.Second)
	if err := f.Service.Purge(ctx); err != nil || len(history(t, f, admin)) != 302 {
		t.Errorf("%d visits are left of what is not old: %v", len(history(t, f, admin)), err)
	}
	f.Clock.Advance(2 * time.Second)
	if err := f.Service.Purge(ctx); err != nil {
		t.Fatal(err)
	}
	if got := history(t, f, admin); len(got) != 1 {
		t.Errorf("left of the old visits: %q", got)
	}
}

// A crash leaves visits open. The next start ends them at the time of the last change.
func TestLostVisits(t *testing.T) {
	f := forumtest.New(t)
	admin := f.AsRole("Leia", forum.Admin)
	v := arrive(t, f, "Yoda")
	f.Clock.Advance(time.Minute)
	post(t, f, "Yoda", rules.Lobby, "last words")
	start := lastSeq(t, f)
	f.Clock.Set(time.Hour)
	f.Reopen()
	if diff := cmp.Diff([]string{"Yoda shell 192.0.2.1 1m0s"}, history(t, f, admin)); diff != "" {
		t.Error(diff)
	}
	if got := happened(t, f, start); len(got) != 0 {
		t.Errorf("events %q", got)
	}
	if d := must[rules.Delivery](t)(f.Service.SendPrivateMessage(ctx, f.As("Luke"), "Yoda", "there?")); d.Here {
		t.Error("the lost visit counts as here")
	}
	_ = v
}

func TestWho(t *testing.T) {
	f := forumtest.New(t)
	start := f.Clock.Now()
	first := arrive(t, f, "yoda")
	f.Clock.Advance(time.Minute)
	second := arrive(t, f, "yoda")
	must[*rules.Visit](t)(f.Service.Arrive(ctx, by(f, "yoda", "sftp"), rules.Arrival{}))
	arrive(t, f, "Luke")
	f.Clock.Advance(time.Minute)
	if err := first.NoteCommand(ctx); err != nil {
		t.Fatal(err)
	}
	for _, visit := range []*rules.Visit{first, second, second} {
		must[rules.Said](t)(f.Service.Say(ctx, visit.Actor(), "hello"))
	}
	line := func(h rules.Presence) string {
		return fmt.Sprint(h.Name, " ", h.Door, " ", h.Since.Sub(start), " ", h.Acted.Sub(start), " ", h.Sent, " ", h.Sessions, " ", h.You)
	}
	whoFor := func(name string) (lines []string) {
		for _, h := range must[[]rules.Presence](t)(f.Service.Who(ctx, f.As(name))) {
			lines = append(lines, line(h))
		}
		return lines
	}
	all := []string{"Luke shell 1m0s 1m0s 0 1 true", "yoda sftp 1m0s 1m0s 0 1 false", "yoda shell 0s 2m0s 3 2 false"}
	if diff := cmp.Diff(all, whoFor("Luke")); diff != "" {
		t.Error(diff)
	}
	must[forum.User](t)(f.Service.Block(ctx, f.As("yoda"), "Luke"))
	if diff := cmp.Diff(all[:1], whoFor("Luke")); diff != "" {
		t.Error(diff)
	}
	if got := whoFor("yoda"); len(got) != 3 {
		t.Errorf("whoever blocks sees %q", got)
	}
}

func TestWhoSince(t *testing.T) {
	f := forumtest.New(t)
	leave(t, arrive(t, f, "Han"))
	arrive(t, f, "Luke")
	f.Clock.Advance(time.Hour)
	left := f.Clock.Now()
	leave(t, arrive(t, f, "Yoda"))
	f.Clock.Advance(time.Hour)
	names := func(since time.Duration) (lines []string) {
		for _, w := range must[[]rules.LastSeen](t)(f.Service.WhoSince(ctx, f.As("Luke"), f.Clock.Now().Add(-since))) {
			lines = append(lines, fmt.Sprint(w.Name, " ", w.Left.Equal(left), " ", w.You))
		}
		return lines
	}
	if diff := cmp.Diff([]string{"Luke false true", "Yoda true false"}, names(time.Hour)); diff != "" {
		t.Error(diff)
	}
	if got := names(1000 * time.Hour); len(got) != 3 {
		t.Errorf("longer than anything: %q", got)
	}
	if got := names(time.Minute); len(got) != 1 {
		t.Errorf("only those here: %q", got)
	}
	must[forum.User](t)(f.Service.Block(ctx, f.As("Yoda"), "Luke"))
	if got := names(time.Hour); slices.Contains(got, "Yoda true false") {
		t.Errorf("whoever blocks is seen: %q", got)
	}
}

// Closing an account ends its sessions, and a closed account cannot begin one.
func TestClosedAccountIsShownOut(t *testing.T) {
	f := forumtest.New(t)
	luke := by(f, "Luke", "shell")
	ended := make(chan error, 1)
	v := must[*rules.Visit](t)(f.Service.Arrive(ctx, luke, rules.Arrival{Stays: true, End: func(cause error) { ended <- cause }}))
	must[forum.User](t)(f.Service.CloseAccount(ctx, rules.Operator(), "Luke"))
	wants(t, <-ended, forum.Denied, "Your account has been closed.")
	leave(t, v)
	for _, stays := range []bool{true, false} {
		_, err := f.Service.Arrive(ctx, luke, rules.Arrival{Stays: stays})
		wants(t, err, forum.Denied, "Your account has been closed.")
	}
	if here := must[[]rules.Presence](t)(f.Service.Who(ctx, f.As("Yoda"))); len(here) != 0 {
		t.Errorf("here: %+v", here)
	}
}
