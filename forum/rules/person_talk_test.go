package rules_test

import (
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

func ask(t *testing.T, v *rules.Visit, name string, begins bool) {
	t.Helper()
	with, begun, err := v.AskTalk(ctx, name)
	if err != nil || begun != begins || with.ID == 0 {
		t.Fatalf("asking %s: begun %v, %+v, %v", name, begun, with, err)
	}
}

func say(t *testing.T, v *rules.Visit, text string) {
	t.Helper()
	if _, err := v.TalkLine("", text); err != nil {
		t.Error(err)
	}
}

func stops(t *testing.T, v *rules.Visit, name, with string, how forum.EventKind) {
	t.Helper()
	if u, got, err := v.StopTalk(name); u.Name != with || got != how || err != nil {
		t.Errorf("stopping %q: %s, %s, %v; want %s, %s", name, u.Name, got, err, with, how)
	}
}

func inTalk(t *testing.T, v *rules.Visit, with string) {
	t.Helper()
	if u, ok := v.Talk(); u.Name != with || ok != (with != "") {
		t.Errorf("in a talk with %q, want %q", u.Name, with)
	}
}

// quietly turns the notices of coming and going off.
func quietly(t *testing.T, f *forumtest.Forum, names ...string) {
	t.Helper()
	for _, name := range names {
		must[forum.Preferences](t)(f.Service.SetPreferences(ctx, f.As(name), forum.Preferences{NoPresence: true}))
	}
}

func TestTalk(t *testing.T) {
	f := forumtest.New(t)
	quietly(t, f, "Yoda", "Luke")
	yoda, other, luke := listen(t, f, "Yoda"), listen(t, f, "Yoda"), listen(t, f, "Luke")
	start := lastSeq(t, f)
	ask(t, luke.v, "yoda", false)
	inTalk(t, luke.v, "")
	yoda.hears("asked Luke ")
	other.hears("asked Luke ")
	ask(t, yoda.v, "luke", true)
	luke.hears("begun Yoda ")
	inTalk(t, luke.v, "Yoda")
	inTalk(t, yoda.v, "Luke")
	inTalk(t, other.v, "")
	say(t, luke.v, "one")
	say(t, yoda.v, "two\x1b[2J")
	if _, err := yoda.v.TalkLine("LUKE", "three"); err != nil {
		t.Error(err)
	}
	yoda.hears("line Luke one")
	luke.hears("line Yoda two", "line Yoda three")
	stops(t, luke.v, "", "Yoda", forum.TalkEnded)
	yoda.hears("ended Luke ")
	inTalk(t, luke.v, "")
	inTalk(t, yoda.v, "")
	if got := lastSeq(t, f); got != start {
		t.Errorf("the talk made %d changes", got-start)
	}
}

func TestTalkRefuses(t *testing.T) {
	f := forumtest.New(t)
	yoda, luke := listen(t, f, "Yoda"), listen(t, f, "Luke")
	for _, name := range []string{"Han", "Leia", "Vader"} {
		f.As(name)
	}
	arrive(t, f, "Han") // is here, but shows no notices
	listen(t, f, "Leia")
	must[forum.User](t)(f.Service.Block(ctx, f.As("Leia"), "Luke"))
	must[forum.User](t)(f.Service.Block(ctx, f.As("Luke"), "Vader"))
	passing := must[*rules.Visit](t)(f.Service.Arrive(ctx, by(f, "Luke", "exec"), rules.Arrival{}))
	for _, test := range []struct {
		v    *rules.Visit
		name string
		kind forum.Kind
		says string
	}{
		{luke.v, "Luke", forum.Invalid, "You cannot have a private talk with yourself."},
		{luke.v, "nobody", forum.NotFound, "There is no account nobody."},
		{luke.v, "Han", forum.NotFound, "Han cannot be reached now."},
		{luke.v, "Leia", forum.NotFound, "Leia cannot be reached now."},
		{luke.v, "Vader", forum.Conflict, "You have blocked Vader."},
		{passing, "Yoda", forum.Usage, "A private talk needs a shell."},
	} {
		_, _, err := test.v.AskTalk(ctx, test.name)
		wants(t, err, test.kind, test.says)
	}
	_, err := luke.v.TalkLine("", "hi")
	wants(t, err, forum.Conflict, "You are in no private talk.")
	_, err = luke.v.TalkLine("Yoda", "hi")
	wants(t, err, forum.Conflict, "You are in no private talk with Yoda.")
	_, err = passing.TalkLine("Yoda", "hi")
	wants(t, err, forum.Usage, "A private talk needs a shell.")
	_, _, err = luke.v.StopTalk("")
	wants(t, err, forum.Conflict, "You are in no private talk.")
	_, _, err = luke.v.StopTalk("Yoda")
	wants(t, err, forum.Conflict, "You are in no private talk with Yoda.")
	ask(t, luke.v, "Yoda", false)
	ask(t, yoda.v, "Luke", true)
	_, _, err = luke.v.AskTalk(ctx, "Yoda")
	wants(t, err, forum.Conflict, "You are in a private talk with Yoda.")
	_, err = luke.v.TalkLine("", " ")
	if forum.KindOf(err) != forum.Invalid {
		t.Errorf("an empty line: %v", err)
	}
}

// A talk ends for both if one refuses, blocks or leaves.
func TestTalkEnds(t *testing.T) {
	f := forumtest.New(t)
	quietly(t, f, "Yoda", "Luke")
	yoda, luke := listen(t, f, "Yoda"), listen(t, f, "Luke")
	ask(t, luke.v, "Yoda", false)
	yoda.hears("asked Luke ")
	stops(t, yoda.v, "luke", "Luke", forum.TalkRefused)
	luke.hears("refused Yoda ")
	ask(t, yoda.v, "Luke", false) // a refused request does not count as agreement
	luke.hears("asked Yoda ")
	ask(t, luke.v, "Yoda", true)
	yoda.hears("begun Luke ")

	must[forum.User](t)(f.Service.Block(ctx, f.As("Yoda"), "Luke"))
	luke.hears("ended Yoda ")
	yoda.hears("ended Luke ")
	inTalk(t, luke.v, "")
	inTalk(t, yoda.v, "")
	must[forum.User](t)(f.Service.Unblock(ctx, f.As("Yoda"), "Luke"))

	ask(t, luke.v, "Yoda", false)
	yoda.hears("asked Luke ")
	ask(t, yoda.v, "Luke", true)
	leave(t, luke.v)
	yoda.hears("ended Luke ")
	inTalk(t, yoda.v, "")
}

// The person asked gets a notice that the request is withdrawn, as soon as no session of its
// person asks.
func TestTalkWithdrawn(t *testing.T) {
	f := forumtest.New(t)
	quietly(t, f, "Yoda", "Luke", "Leia")
	yoda, luke, leia, other := listen(t, f, "Yoda"), listen(t, f, "Luke"), listen(t, f, "Leia"), listen(t, f, "Luke")
	ask(t, luke.v, "Yoda", false)
	stops(t, luke.v, "", "Yoda", forum.TalkWithdrawn)
	yoda.hears("asked Luke ", "withdrawn Luke ")
	for range 3 {
		ask(t, luke.v, "Yoda", false)
	}
	ask(t, luke.v, "Leia", false)
	yoda.hears("asked Luke ", "asked Luke ", "asked Luke ", "withdrawn Luke ")
	ask(t, other.v, "Leia", false)
	leave(t, luke.v)
	ask(t, other.v, "Leia", false)
	leave(t, other.v)
	leia.hears("asked Luke ", "asked Luke ", "asked Luke ", "withdrawn Luke ")
}

func TestStopRefusesWhoAsks(t *testing.T) {
	f := forumtest.New(t)
	quietly(t, f, "Yoda", "Luke", "Leia")
	yoda, luke, leia := listen(t, f, "Yoda"), listen(t, f, "Luke"), listen(t, f, "Leia")
	ask(t, luke.v, "Yoda", false)
	ask(t, leia.v, "Yoda", false)
	_, _, err := yoda.v.StopTalk("")
	wants(t, err, forum.Conflict, "Leia and Luke ask for a private talk.")
	stops(t, yoda.v, "LEIA", "Leia", forum.TalkRefused)
	stops(t, yoda.v, "", "Luke", forum.TalkRefused)
	leia.hears("refused Yoda ")
	luke.hears("refused Yoda ")
}

// To the other person a block looks like STOP.
func TestTalkAskedAndBlocked(t *testing.T) {
	f := forumtest.New(t)
	quietly(t, f, "Yoda", "Luke")
	yoda, luke := listen(t, f, "Yoda"), listen(t, f, "Luke")
	ask(t, luke.v, "Yoda", false)
	must[forum.User](t)(f.Service.Block(ctx, f.As("Yoda"), "Luke"))
	luke.hears("refused Yoda ")
	must[forum.User](t)(f.Service.Unblock(ctx, f.As("Yoda"), "Luke"))
	ask(t, luke.v, "Yoda", false)
	must[forum.User](t)(f.Service.Block(ctx, f.As("Luke"), "Yoda"))
	yoda.hears("asked Luke ", "asked Luke ", "withdrawn Luke ")
}

// A session that does not read gets as many lines as its queue holds, and then the sender gets
// an error.
func TestTalkToOneWhoDoesNotRead(t *testing.T) {
	f := forumtest.New(t)
	yoda, luke := listen(t, f, "Yoda"), listen(t, f, "Luke")
	ask(t, luke.v, "Yoda", false)
	ask(t, yoda.v, "Luke", true)
	var err error
	for range 1000 {
		if _, err = luke.v.TalkLine("", "hi"); err != nil {
			break
		}
	}
	wants(t, err, forum.Limited, "Yoda does not keep up; your line was not sent.")
}

func TestTalkPatience(t *testing.T) {
	f := forumtest.New(t)
	f.As("Yoda")
	f.As("Luke")
	synctest.Test(t, func(t *testing.T) {
		hub := forum.NewHub()
		s := rules.New(rules.Config{Store: f.Store, Journal: still{}, Hub: hub, Clock: time.Now, MessageBytes: 100})
		var ears []*ear
		for _, name := range []string{"Yoda", "Luke"} {
			v := must[*rules.Visit](t)(s.Arrive(ctx, f.As(name), rules.Arrival{}))
			defer v.Leave(ctx)
			ears = append(ears, listenTo(t, v))
		}
		yoda, luke := ears[0], ears[1]
		ask(t, luke.v, "Yoda", false)
		yoda.hears("asked Luke ")
		time.Sleep(2 * time.Minute)
		luke.hears("unanswered Yoda ")
		yoda.hears("withdrawn Luke ")
		ask(t, yoda.v, "Luke", false)
		luke.hears("asked Yoda ")
		ask(t, luke.v, "Yoda", true)
		time.Sleep(time.Hour)
		inTalk(t, yoda.v, "Luke")
	})
}

// still is a journal that must not be used.
type still struct{ forum.Journal }
