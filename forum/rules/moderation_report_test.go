package rules_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// at returns the message with a number.
func at(title string, n uint64) *rules.Target { return &rules.Target{Title: title, Number: n} }

// cases returns the queue, one case on a line.
func cases(t *testing.T, f *forumtest.Forum, moderator string) (lines []string) {
	t.Helper()
	for _, c := range must[[]rules.Case](t)(f.Service.Queue(f.As(moderator), false)) {
		var by []string
		for _, r := range c.Reports {
			by = append(by, r.Name+" "+r.Reason)
		}
		lines = append(lines, fmt.Sprintf("%s %s %s %q gone:%v hidden:%v (%s)",
			forum.ObjectName(c.Object), c.Thread, c.Author, c.Excerpt, c.Gone, c.Hidden, strings.Join(by, ", ")))
	}
	return lines
}

func TestReports(t *testing.T) {
	f := forumtest.New(t)
	f.AsRole("Mace", forum.Moderator)
	luke, yoda := f.As("Luke"), f.As("Yoda")
	must[forum.Thread](t)(f.Service.CreateThread(ctx, yoda, "spam"))
	post(t, f, "Yoda", "spam", "buy   now", "cheap")
	report := func(who, title string, target *rules.Target) {
		t.Helper()
		f.Clock.Advance(time.Second)
		must[rules.Reported](t)(f.Service.Report(ctx, f.As(who), title, target, "by  "+who))
	}
	report("Luke", "spam", at("spam", 2))
	report("Luke", "spam", at("spam", 1))
	report("Leia", "spam", at("spam", 2))
	report("Leia", "spam", nil)
	want := []string{
		`2.2 spam Yoda "cheap" gone:false hidden:false (Luke by Luke, Leia by Leia)`,
		`2.1 spam Yoda "buy now" gone:false hidden:false (Luke by Luke)`,
		`2 spam Yoda "" gone:false hidden:false (Leia by Leia)`,
	}
	if diff := cmp.Diff(want, cases(t, f, "Mace")); diff != "" {
		t.Error(diff)
	}

	for _, test := range []struct {
		actor  rules.Actor
		title  string
		target *rules.Target
		reason string
		kind   forum.Kind
		says   string
	}{
		{luke, "spam", at("spam", 2), "again", forum.Conflict, "You have reported this already; a moderator will look at it."},
		{luke, "spam", at("spam", 2), " ", forum.Invalid, "The message is empty; write something."},
		{luke, "spam", at("spam", 9), "x", forum.NotFound, "Invalid message number"},
		{luke, "none", nil, "x", forum.NotFound, "Thread none does not exist"},
		{yoda, "spam", at("spam", 1), "x", forum.Invalid, "This is your own; you can change or remove it."},
		{yoda, "spam", nil, "x", forum.Invalid, "This is your own; you can change or remove it."},
		{rules.Actor{User: forum.Guests, Name: "Wanda"}, "spam", nil, "x", forum.Denied, "Guests can only read, and post to their thread."},
		{rules.Operator(), "spam", nil, "x", forum.Denied, "Only somebody with an account can do that."},
	} {
		_, err := f.Service.Report(ctx, test.actor, test.title, test.target, test.reason)
		wants(t, err, test.kind, test.says)
	}
	_, err := f.Service.Queue(luke, false)
	wants(t, err, forum.Denied, "Only a moderator can see the reports.")
	_, err = f.Service.Resolve(ctx, luke, forum.MessageID{Thread: 2}, "x")
	wants(t, err, forum.Denied, "Only a moderator can resolve reports.")
	_, err = f.Service.Resolve(ctx, f.As("Mace"), forum.MessageID{Thread: 2, Seq: 9}, "x")
	wants(t, err, forum.NotFound, "Nothing of that id is reported.")

	// The queue shows the present state of the object, and does not depend on numbers.
	must[rules.Posted](t)(f.Service.DeleteMessage(ctx, yoda, *at("spam", 1)))
	must[rules.Posted](t)(f.Service.HideMessage(ctx, f.As("Mace"), *at("spam", 1), "cheap"))
	f.Reopen()
	want[0] = `2.2 spam Yoda "cheap" gone:false hidden:true (Luke by Luke, Leia by Leia)`
	want[1] = `2.1 spam Yoda "" gone:true hidden:false (Luke by Luke)`
	if diff := cmp.Diff(want, cases(t, f, "Mace")); diff != "" {
		t.Error(diff)
	}
	before := must[forum.AuditHead](t)(f.Service.AuditHead())
	r := must[rules.Resolved](t)(f.Service.Resolve(ctx, f.As("Mace"), forum.MessageID{Thread: 2, Seq: 2}, "hidden"))
	if len(r.Reports) != 2 || r.Thread != "spam" {
		t.Errorf("%+v", r)
	}
	if diff := cmp.Diff(want[1:], cases(t, f, "Mace")); diff != "" {
		t.Error(diff)
	}
	log := must[rules.AuditLog](t)(f.Service.Audit(f.As("Mace"), 1))
	if e := log.Entries[0]; e.N != before.N+1 || e.Act != rules.AuditReportResolve || e.Object != "message 2.2" || e.Reason != "hidden" {
		t.Errorf("%+v", e)
	}

	// The reporters get a private message, which names no moderator.
	must[rules.Reported](t)(f.Service.Report(ctx, luke, rules.Lobby, nil, "quiet"))
	must[rules.Resolved](t)(f.Service.Resolve(ctx, f.As("Mace"), forum.MessageID{Thread: 1}, "it is"))
	v := arrive(t, f, "Luke")
	waiting, _, err := v.Waiting(ctx, 10)
	var messages []string
	for _, e := range waiting {
		messages = append(messages, e.Name+": "+e.Text)
		v.MarkShown(e)
	}
	leave(t, v)
	told := []string{
		"operator: A moderator has looked at what you reported in spam: hidden",
		"operator: A moderator has looked at what you reported in lobby: it is",
	}
	if diff := cmp.Diff(told, messages); diff != "" || err != nil {
		t.Error(diff, err)
	}
	x := must[rules.ConversationReading](t)(f.Service.ReadConversation(ctx, luke, "operator", 10))
	for l, err := range x.Messages {
		if err != nil || l.From != 0 || l.Text == "" {
			t.Errorf("%+v, %v", l, err)
		}
	}
	if err := f.Service.MarkConversation(ctx, luke, x.Peer.ID, x.Upto); err != nil {
		t.Error(err)
	}
	if inbox := must[[]rules.NamedConversation](t)(f.Service.Inbox(ctx, luke)); len(inbox) != 1 || inbox[0].Name != "operator" || inbox[0].Unread != 0 {
		t.Errorf("%+v", inbox)
	}

	// A purge drops the reports, too.
	must[forum.Thread](t)(f.Service.RemoveThread(ctx, yoda, "spam"))
	f.Clock.Advance(31 * 24 * time.Hour)
	if err := f.Service.Purge(ctx); err != nil {
		t.Fatal(err)
	}
	if lines := cases(t, f, "Mace"); lines != nil {
		t.Errorf("%q", lines)
	}
}

func TestOpenReportsOfOnePersonAreLimited(t *testing.T) {
	f := forumtest.New(t)
	f.AsRole("Mace", forum.Moderator)
	for n := range 21 {
		post(t, f, "Yoda", rules.Lobby, fmt.Sprint(n))
	}
	for n := range uint64(20) {
		must[rules.Reported](t)(f.Service.Report(ctx, f.As("Luke"), rules.Lobby, at(rules.Lobby, n+1), "x"))
	}
	_, err := f.Service.Report(ctx, f.As("Luke"), rules.Lobby, at(rules.Lobby, 21), "x")
	wants(t, err, forum.Limited, "You have 20 open reports, which is the most; wait until a moderator has looked at some.")
	must[rules.Reported](t)(f.Service.Report(ctx, f.As("Leia"), rules.Lobby, at(rules.Lobby, 21), "x"))
	must[rules.Resolved](t)(f.Service.Resolve(ctx, f.As("Mace"), forum.MessageID{Thread: 1, Seq: 3}, "fine"))
	must[rules.Reported](t)(f.Service.Report(ctx, f.As("Luke"), rules.Lobby, at(rules.Lobby, 21), "x"))
}

// The number in a report's notice means the reported message in the session that got the
// notice, live or from the store, even after a renumbering. The event does not have the
// message's text.
func TestReportedNumbersCanBeUsed(t *testing.T) {
	f := forumtest.New(t)
	mace, luke := f.AsRole("Mace", forum.Moderator), f.As("Luke")
	post(t, f, "Yoda", rules.Lobby, "one", "spam")
	visit := arrive(t, f, "Mace")
	visit.Ready()
	start := lastSeq(t, f)
	must[rules.Reported](t)(f.Service.Report(ctx, luke, rules.Lobby, at(rules.Lobby, 2), "ads"))
	must[rules.Reported](t)(f.Service.Report(ctx, luke, rules.Lobby, nil, "all of it"))
	told := map[string]forum.Event{"live": must[[]rules.Notice](t)(visit.Take())[0].Event}
	for events := range f.Service.Follow(ctx, mace, nil, start, true) {
		told["read back"] = *events[0]
		break
	}
	must[rules.Posted](t)(f.Service.DeleteMessage(ctx, f.As("Yoda"), *at(rules.Lobby, 1)))
	for how, e := range told {
		var seen rules.Seen
		seen.Told(e)
		h, err := f.Service.History(ctx, mace, seen.Target(rules.Lobby, 2))
		if err != nil || h.Message.Text != "spam" || e.Text != "" {
			t.Errorf("%s: %+v says %+v, %v", how, e, h, err)
		}
	}
}

// Reports are shown to people who are moderators at that time, and to nobody else, in any way
// of reading events.
func TestWhoIsToldOfReports(t *testing.T) {
	f := forumtest.New(t)
	boss := f.AsRole("Boss", forum.Admin)
	f.AsRole("Mace", forum.Moderator)
	post(t, f, "Yoda", rules.Lobby, "spam")
	told := func(v *rules.Visit) (lines []string) {
		t.Helper()
		for _, n := range must[[]rules.Notice](t)(v.Take()) {
			if n.Kind == forum.ReportFiled || n.Kind == forum.ReportResolved {
				lines = append(lines, fmt.Sprintf("%s by %q in %s: %s", n.Kind, n.Name, n.Title, n.Text))
			}
		}
		return lines
	}
	visits := make(map[string]*rules.Visit)
	for _, name := range []string{"Boss", "Mace", "Windu", "Luke", "Leia", "Yoda"} {
		visits[name] = arrive(t, f, name)
		visits[name].Ready()
	}
	for name := range visits {
		told(visits[name])
	}
	start := lastSeq(t, f)
	must[rules.Reported](t)(f.Service.Report(ctx, f.As("Luke"), rules.Lobby, at(rules.Lobby, 1), "rude"))
	must[forum.User](t)(f.Service.SetRole(ctx, boss, "Mace", forum.Member)) // before it was shown
	must[forum.User](t)(f.Service.SetRole(ctx, boss, "Windu", forum.Moderator))
	must[rules.Resolved](t)(f.Service.Resolve(ctx, boss, forum.MessageID{Thread: 1, Seq: 1}, "deleted"))
	filed, resolved := `report.filed by "Luke" in lobby: `, `report.resolved by "" in lobby: A moderator has looked at what you reported in lobby: deleted`
	for name, want := range map[string][]string{
		"Boss": {filed}, "Mace": nil, "Luke": {resolved}, "Leia": nil, "Yoda": nil,
	} {
		if diff := cmp.Diff(want, told(visits[name])); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	post(t, f, "Yoda", rules.Lobby, "the end")
	for name, want := range map[string]string{"Boss": "report.filed", "Windu": "report.filed", "Mace": "", "Luke": "report.resolved", "Leia": "", "Yoda": ""} {
		var got []string
	following:
		for events, err := range f.Service.Follow(ctx, f.As(name), nil, start, true) {
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range events {
				if strings.HasPrefix(string(e.Kind), "report.") {
					got = append(got, string(e.Kind))
				}
				if e.Text == "the end" {
					break following
				}
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s follows %q, want %q", name, got, want)
		}
	}
}
