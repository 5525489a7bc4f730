package rules_test

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// enrol makes an account from a source.
func enrol(t *testing.T, f *forumtest.Forum, name, source string, keys ...forum.Key) forum.User {
	t.Helper()
	return must[forum.User](t)(f.Service.Register(ctx, rules.Newcomer{Name: name, Password: "a password", Keys: keys, Source: source}))
}

// visited has an account be here from a source, and go.
func visited(t *testing.T, f *forumtest.Forum, name, source string) {
	t.Helper()
	actor := f.As(name)
	actor.Source = source
	leave(t, must[*rules.Visit](t)(f.Service.Arrive(ctx, actor, rules.Arrival{Stays: true})))
}

// A key of a banned account registers nobody, as long as the ban holds, and over a restart.
func TestKeysOfTheBannedRegisterNobody(t *testing.T) {
	f := forumtest.New(t)
	mace := f.AsRole("Mace", forum.Moderator)
	k, other := must[forum.Key](t)(forum.ParseKey(ed25519Key)), must[forum.Key](t)(forum.ParseKey(secondKey))
	must[forum.Key](t)(f.Service.AddKey(ctx, f.As("Vader"), k))
	refused := func() {
		t.Helper()
		_, err := f.Service.Register(ctx, rules.Newcomer{Name: "Anakin", Password: "a password", Keys: []forum.Key{other, k}})
		wants(t, err, forum.Denied, "You are banned from this forum until 2026-06-08 12:00 UTC. Reason: spam")
		if !errors.Is(err, rules.ErrBanned) || !errors.Is(f.Service.KeyBanned(k.Blob), rules.ErrBanned) {
			t.Errorf("%v is no ban", err)
		}
	}
	ban(t, f, mace, "Vader", week)
	refused()
	f.Reopen()
	refused()
	if err := f.Service.KeyBanned(other.Blob); err != nil {
		t.Errorf("another key: %v", err)
	}
	enrol(t, f, "Luke", "192.0.2.9", other)
	must[rules.Ban](t)(f.Service.Unban(ctx, mace, "Vader", "mercy"))
	enrol(t, f, "Ben", "192.0.2.9", k)
	ban(t, f, mace, "Vader", week)
	f.Clock.Advance(week)
	enrol(t, f, "Obi-wan", "192.0.2.9", k)
}

// Moderators are told, by an event or a private message, that an account may belong to a banned
// person. Nobody else is told, and nothing happens to the account.
func TestModeratorsAreToldWhoMayBeBanned(t *testing.T) {
	f := forumtest.New(t, func(c *rules.Config) { c.Exempt = []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")} })
	mace := f.AsRole("Mace", forum.Moderator)
	f.AsRole("Boss", forum.Admin)
	k := must[forum.Key](t)(forum.ParseKey(ed25519Key))
	must[forum.Key](t)(f.Service.AddKey(ctx, f.As("Vader"), k))
	must[forum.Key](t)(f.Service.AddKey(ctx, f.As("Vader2"), must[forum.Key](t)(forum.ParseKey(secondKey))))
	for _, source := range []string{"203.0.113.7", "2001:db8::1", "198.51.100.7", "198.51.100.8"} {
		visited(t, f, "Vader", source)
		visited(t, f, "Luke", source)
	}
	visited(t, f, "Vader2", "203.0.113.8")
	ban(t, f, mace, "Vader", 0)
	here, luke := arrive(t, f, "Mace"), arrive(t, f, "Luke")
	here.Ready()
	luke.Ready()
	begin := must[forum.AuditHead](t)(f.Service.AuditHead())

	enrol(t, f, "Elsewhere", "203.0.113.9")
	enrol(t, f, "Same-as-Vader2", "203.0.113.8")
	enrol(t, f, "At-a-bastion", "198.51.100.7")
	must[forum.User](t)(f.Service.Register(ctx, rules.Newcomer{Name: "On-this-machine", Password: "a password", Source: "203.0.113.7", Shared: true}))
	wantAudited(t, f, begin)

	anakin := enrol(t, f, "Anakin", "203.0.113.7")
	enrol(t, f, "Ani", "2001:db8::2")
	as := f.As("Anakin")
	for range 2 {
		must[forum.Key](t)(f.Service.AddKey(ctx, as, k))
		must[forum.Key](t)(f.Service.RemoveKey(ctx, as, k.Blob))
	}
	if err := f.Service.SetKeys(ctx, f.As("Ani"), []forum.Key{k}); err != nil {
		t.Fatal(err)
	}
	const address, key = "the same address within a day", "the same key SHA256:2qPWbIJlu7lJGVEA3VYBQD/x4v1EvlwA4eSuJqD8HvA"
	var told []string
	for _, n := range must[[]rules.Notice](t)(here.Take()) {
		if n.Why == rules.WhyLinked {
			told = append(told, n.Text)
		}
	}
	want := []string{
		"Anakin may be Vader, who is banned: " + address + ". The audit log has it.",
		"Ani may be Vader, who is banned: " + address + ". The audit log has it.",
		"Anakin may be Vader, who is banned: the same key " + k.Fingerprint() + ". The audit log has it.",
		"Ani may be Vader, who is banned: the same key " + k.Fingerprint() + ". The audit log has it.",
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("Mace was told (-want +got):\n%s", diff)
	}
	for _, n := range must[[]rules.Notice](t)(luke.Take()) {
		if n.Why == rules.WhyLinked {
			t.Errorf("Luke was told %q", n.Text)
		}
	}
	messages, _, err := arrive(t, f, "Boss").Waiting(ctx, 10)
	if err != nil || len(messages) != 4 || messages[0].Text != want[0] {
		t.Errorf("Boss finds %+v, %v", messages, err)
	}
	if got := audited(t, f, begin); len(got) != 4 || got[0] != "operator user.link user 10, Anakin, Vader, "+address {
		t.Errorf("the audit log has %q", got)
	}
	if log := must[rules.Modlog](t)(f.Service.Modlog(f.As("Luke"), 100)); slices.ContainsFunc(log.Entries, func(e rules.ModlogEntry) bool { return e.Act == rules.AuditUserLink }) {
		t.Errorf("everybody sees %+v", log.Entries)
	}
	if u, err := f.Service.Account(as); u != anakin || err != nil {
		t.Errorf("the account is %+v", u)
	}

	f.Clock.Advance(25 * time.Hour)
	begin = must[forum.AuditHead](t)(f.Service.AuditHead())
	enrol(t, f, "Years-later", "203.0.113.7")
	wantAudited(t, f, begin)
}
