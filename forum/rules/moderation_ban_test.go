package rules_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

const week = 7 * 24 * time.Hour

// ban bans for the duration d, or for good if d is 0.
func ban(t *testing.T, f *forumtest.Forum, actor rules.Actor, who string, d time.Duration) rules.Ban {
	t.Helper()
	var until time.Time
	if d > 0 {
		until = f.Clock.Now().Add(d)
	}
	return must[rules.Ban](t)(f.Service.Ban(ctx, actor, who, until, "spam"))
}

func TestWhoMayBanWhom(t *testing.T) {
	f := forumtest.New(t, func(c *rules.Config) { c.Exempt = []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")} })
	luke, boss := f.As("Luke"), f.AsRole("Boss", forum.Admin)
	mace, windu := f.AsRole("Mace", forum.Moderator), f.AsRole("Windu", forum.Moderator)
	f.As("Yoda")
	f.AsRole("Boss2", forum.Admin)
	soon := f.Clock.Now().Add(time.Hour)
	for _, test := range []struct {
		actor       rules.Actor
		who, reason string
		until       time.Time
		kind        forum.Kind
		says        string
	}{
		{luke, "Yoda", "no", soon, forum.Denied, "Only a moderator can do this."},
		{luke, "192.0.2.9", "no", soon, forum.Denied, "Only a moderator can ban."},
		{mace, "Mace", "no", soon, forum.Denied, "You cannot do this to yourself."},
		{mace, "Windu", "no", soon, forum.Denied, "Windu is a moderator, and you can do this only to those below you."},
		{mace, "Boss", "no", soon, forum.Denied, "Boss is an admin, and you can do this only to those below you."},
		{boss, "Boss2", "no", soon, forum.Denied, "Boss2 is an admin, and you can do this only to those below you."},
		{mace, "nobody", "no", soon, forum.NotFound, "There is no account nobody."},
		{mace, "operator", "no", soon, forum.NotFound, "There is no account operator."},
		{mace, "Yoda", "", soon, forum.Invalid, "A ban needs a reason; whoever is banned is told it."},
		{mace, "Yoda", "no", f.Clock.Now(), forum.Invalid, "The end is in the past."},
		{mace, "203.0.113.1", "no", f.Clock.Now(), forum.Invalid, "The end is in the past."},
		{mace, "192.0.2.1", "no", soon, forum.Conflict, "192.0.2.1 is your own address; you would keep yourself out."},
		{mace, "::ffff:192.0.2.1", "no", soon, forum.Conflict, "192.0.2.1 is your own address; you would keep yourself out."},
		{mace, "192.0.2.77/24", "no", soon, forum.Conflict, "192.0.2.0/24 has your own address, 192.0.2.1; you would keep yourself out."},
		{mace, "0.0.0.0/0", "no", soon, forum.Invalid, "0.0.0.0/0 is too wide to be banned; give a network of at least /8."},
		{mace, "10.0.0.0/7", "no", soon, forum.Invalid, "10.0.0.0/7 is too wide to be banned; give a network of at least /8."},
		{mace, "::/0", "no", soon, forum.Invalid, "::/0 is too wide to be banned; give a network of at least /32."},
		{mace, "2001::/31", "no", soon, forum.Invalid, "2001::/31 is too wide to be banned; give a network of at least /32."},
		{mace, "198.51.100.7", "no", soon, forum.Conflict, "198.51.100.7 is exempt from bans, by the setting ssh.exempt."},
	} {
		_, err := f.Service.Ban(ctx, test.actor, test.who, test.until, test.reason)
		wants(t, err, test.kind, test.says)
	}
	_, err := f.Service.Bans(luke)
	wants(t, err, forum.Denied, "Only a moderator can see who is banned.")
	_, err = f.Service.Unban(ctx, mace, "Yoda", "")
	wants(t, err, forum.NotFound, "Yoda is not banned.")

	// Only an admin can change a decision of an admin. A moderator can change that of another
	// moderator.
	ban(t, f, boss, "@YODA", week)
	ban(t, f, boss, "203.0.113.0/24", week)
	for _, who := range []string{"Yoda", "203.0.113.0/24"} {
		_, err = f.Service.Ban(ctx, mace, who, soon, "shorter")
		wants(t, err, forum.Denied, "Boss has decided this; only an admin can change it.")
		_, err = f.Service.Unban(ctx, mace, who, "")
		wants(t, err, forum.Denied, "Boss has decided this; only an admin can change it.")
		must[rules.Ban](t)(f.Service.Unban(ctx, boss, who, "mercy"))
		ban(t, f, mace, who, week)
		must[rules.Ban](t)(f.Service.Unban(ctx, windu, who, ""))
	}
	ban(t, f, boss, "Mace", 0)
	ban(t, f, rules.Operator(), "Boss", 0)
	ban(t, f, rules.Operator(), "198.51.0.0/16", 0) // wider than the exempt network
}

// No call works for a banned account, until the ban has run out.
func TestABannedAccount(t *testing.T) {
	f := forumtest.New(t)
	mace, yoda := f.AsRole("Mace", forum.Moderator), f.As("Yoda")
	must[forum.Key](t)(f.Service.AddKey(ctx, yoda, forum.Key{Blob: []byte("key")}))
	var ended, cut error
	v := must[*rules.Visit](t)(f.Service.Arrive(ctx, yoda, rules.Arrival{Stays: true, End: func(cause error) { ended = cause }}))
	u := must[forum.User](t)(f.Service.KeyLogin("yoda", []byte("key")))
	gone := must[func()](t)(f.Service.TrackConnection(u, "192.0.2.1", func(cause error) { cut = cause }))
	until := f.Clock.Now().Add(week)
	ban(t, f, mace, "Yoda", week)
	says := "You are banned from this forum until " + until.Format("2006-01-02 15:04 UTC") + ". Reason: spam"
	for _, err := range []error{ended, cut} {
		wants(t, err, forum.Denied, says)
	}
	leave(t, v)
	gone()

	for name, do := range map[string]func() error{
		"read":    func() error { _, err := f.Service.Threads(ctx, yoda); return err },
		"post":    func() error { _, err := f.Service.Post(ctx, yoda, rules.Lobby, "hi"); return err },
		"arrive":  func() error { _, err := f.Service.Arrive(ctx, yoda, rules.Arrival{Stays: true}); return err },
		"exec":    func() error { _, err := f.Service.Arrive(ctx, yoda, rules.Arrival{}); return err },
		"enter":   func() error { _, err := f.Service.TrackConnection(u, "192.0.2.1", func(error) {}); return err },
		"add key": func() error { _, err := f.Service.AddKey(ctx, yoda, forum.Key{Blob: []byte("x")}); return err },
	} {
		if err := do(); !errors.Is(err, rules.ErrBanned) || forum.Explain(err) != says {
			t.Errorf("%s: %v", name, err)
		}
	}

	// A wrong password does not reveal the ban.
	_, err := f.Service.PasswordLogin(ctx, "Yoda", "guess", "192.0.2.9")
	wants(t, err, forum.Denied, "Invalid password")
	_, err = f.Service.KeyLogin("yoda", []byte("other"))
	wants(t, err, forum.Denied, "This key does not belong to the account.")
	must[forum.User](t)(f.Service.KeyLogin("yoda", []byte("key")))

	// A ban ends by the clock, even if nothing has happened in the forum since.
	f.Clock.Advance(week - time.Second)
	if _, err := f.Service.TrackConnection(u, "192.0.2.1", func(error) {}); !errors.Is(err, rules.ErrBanned) {
		t.Errorf("a second before the end: %v", err)
	}
	f.Clock.Advance(time.Second)
	if bans := must[[]rules.Ban](t)(f.Service.Bans(mace)); len(bans) != 0 {
		t.Errorf("still banned: %+v", bans)
	}
	must[func()](t)(f.Service.TrackConnection(u, "192.0.2.1", func(error) {}))()
	leave(t, must[*rules.Visit](t)(f.Service.Arrive(ctx, yoda, rules.Arrival{})))
	must[[]forum.Thread](t)(f.Service.Threads(ctx, yoda))
}

func TestUnban(t *testing.T) {
	f := forumtest.New(t)
	mace, yoda := f.AsRole("Mace", forum.Moderator), f.As("Yoda")
	ban(t, f, mace, "Yoda", 0)
	f.Reopen()
	_, err := f.Service.Threads(ctx, yoda)
	wants(t, err, forum.Denied, "You are banned from this forum. Reason: spam")
	must[rules.Ban](t)(f.Service.Unban(ctx, mace, "yoda", ""))
	must[[]forum.Thread](t)(f.Service.Threads(ctx, yoda))
}

func TestABannedNetwork(t *testing.T) {
	evictions := 0
	f := forumtest.New(t, func(c *rules.Config) { c.Evict = func() { evictions++ } })
	mace := f.AsRole("Mace", forum.Moderator)
	in, beside := netip.MustParseAddr("203.0.113.7"), netip.MustParseAddr("203.0.114.7")
	want := func(addr netip.Addr, want bool) {
		t.Helper()
		if got := f.Service.NetworkBanned(addr); got != want {
			t.Errorf("%s is banned: %v", addr, got)
		}
	}
	want(in, false)
	ban(t, f, mace, "203.0.113.0/24", week)
	if evictions != 1 {
		t.Errorf("%d evictions", evictions)
	}
	want(in, true)
	want(beside, false)
	f.Reopen()
	want(in, true)

	_, err := f.Service.Unban(ctx, mace, "203.0.113.7", "")
	wants(t, err, forum.NotFound, "203.0.113.7 is banned as a part of 203.0.113.0/24.")
	_, err = f.Service.Unban(ctx, f.As("Yoda"), "203.0.113.0/24", "")
	wants(t, err, forum.Denied, "Only a moderator can ban.")
	if bans := must[[]rules.Ban](t)(f.Service.Bans(mace)); len(bans) != 1 || bans[0].Whom() != "203.0.113.0/24" || bans[0].ByName != "Mace" {
		t.Errorf("%+v", bans)
	}
	f.Clock.Advance(week)
	want(in, false)
	_, err = f.Service.Unban(ctx, mace, "203.0.113.0/24", "")
	wants(t, err, forum.NotFound, "203.0.113.0/24 is not banned.")
	ban(t, f, mace, "203.0.113.7", 0)
	want(in, true)
	must[rules.Ban](t)(f.Service.Unban(ctx, mace, "203.0.113.7", ""))
	want(in, false)
}

// Every ban and its end are in the audit log, with the reason.
func TestBansAreAudited(t *testing.T) {
	f := forumtest.New(t)
	mace := f.AsRole("Mace", forum.Moderator)
	yoda := f.As("Yoda")
	before := must[forum.AuditHead](t)(f.Service.AuditHead())
	ban(t, f, mace, "Yoda", week)
	ban(t, f, mace, "203.0.113.7", 0)
	must[rules.Ban](t)(f.Service.Unban(ctx, mace, "Yoda", "mercy"))
	must[rules.Ban](t)(f.Service.Unban(ctx, mace, "203.0.113.7", ""))
	var lines []string
	err := f.Store.View(func(r forum.Reader) error {
		for e := range r.Audit(before.N) {
			lines = append(lines, strings.TrimSpace(strings.Join([]string{string(e.Act), e.Object, e.Name, e.Reason}, " ")))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"user.ban user " + fmt.Sprint(yoda.User) + " Yoda spam", "network.ban source 203.0.113.7/32  spam",
		"user.unban user " + fmt.Sprint(yoda.User) + " Yoda mercy", "network.unban source 203.0.113.7/32",
	}
	if strings.Join(lines, "\n") != strings.Join(want, "\n") {
		t.Errorf("%q, want %q", lines, want)
	}
}
