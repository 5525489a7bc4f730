package rules_test

import (
	"net/netip"
	"testing"
	"time"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// A source is known for 30 days after somebody was let in from it, over a restart too.
func TestSourcesAreKnownFor30Days(t *testing.T) {
	f := forumtest.New(t)
	f.AsRole("Boss", forum.Admin)
	want := func(source string, known, admin bool) {
		t.Helper()
		if k, a := f.Service.SourceKnown(netip.MustParseAddr(source)); k != known || a != admin {
			t.Errorf("%s: known %v, to an admin %v", source, k, a)
		}
	}
	want("203.0.113.1", false, false)
	_, _ = f.Service.PasswordLogin(ctx, "Yoda", "guess", "203.0.113.1")
	want("203.0.113.1", false, false)
	visited(t, f, "Yoda", "203.0.113.1")
	visited(t, f, "Yoda", "2001:db8::1")
	visited(t, f, "Boss", "203.0.113.2")
	f.Clock.Advance(24 * time.Hour)
	visited(t, f, "Yoda", "203.0.113.2")
	for range 2 {
		want("203.0.113.1", true, false)
		want("::ffff:203.0.113.1", true, false)
		want("2001:db8::ffff", true, false)
		want("2001:db8:0:1::1", false, false)
		want("203.0.113.2", true, true)
		want("203.0.113.3", false, false)
		f.Reopen()
	}
	f.Clock.Advance(29*24*time.Hour - time.Second)
	want("203.0.113.1", true, false)
	f.Clock.Advance(time.Second)
	for range 2 {
		want("203.0.113.1", false, false)
		want("203.0.113.2", true, false)
		f.Reopen()
	}

	// A session that runs one command is not in the login history, so its source is known only
	// until a restart.
	actor := f.As("Yoda")
	actor.Source = "203.0.113.9"
	leave(t, must[*rules.Visit](t)(f.Service.Arrive(ctx, actor, rules.Arrival{})))
	want("203.0.113.9", true, false)
	ban(t, f, rules.Operator(), "Yoda", 0)
	actor.Source = "203.0.113.10"
	if _, err := f.Service.Arrive(ctx, actor, rules.Arrival{Stays: true}); err == nil {
		t.Error("who is banned is here")
	}
	want("203.0.113.10", false, false)
}
