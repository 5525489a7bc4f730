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

func tell(t *testing.T, f *forumtest.Forum, from, to string, messages ...string) (d rules.Delivery) {
	t.Helper()
	for _, m := range messages {
		d = must[rules.Delivery](t)(f.Service.SendPrivateMessage(ctx, f.As(from), to, m))
	}
	return d
}

func TestTellRefuses(t *testing.T) {
	f := forumtest.New(t)
	luke := f.As("Luke")
	for _, name := range []string{"Yoda", "Vader", "Han", "Leia"} {
		f.As(name)
	}
	must[forum.User](t)(f.Service.Block(ctx, luke, "Vader"))
	must[forum.User](t)(f.Service.Block(ctx, f.As("Leia"), "Luke"))
	must[forum.User](t)(f.Service.CloseAccount(ctx, rules.Operator(), "Han"))
	for _, test := range []struct {
		to, text string
		kind     forum.Kind
		says     string
	}{
		{"Luke", "hi", forum.Invalid, "You cannot send a message to yourself."},
		{"luke", "hi", forum.Invalid, "You cannot send a message to yourself."},
		{"nobody", "hi", forum.NotFound, "There is no account nobody."},
		{"Han", "hi", forum.NotFound, "There is no account han."},
		{"Vader", "hi", forum.Conflict, "You have blocked Vader."},
		{"Leia", "hi", forum.Denied, "Your message to Leia cannot be delivered."},
		{"Yoda", " \n", forum.Invalid, "The message is empty; write something."},
		{"Yoda", strings.Repeat("x", 65537), forum.Invalid, "The message has 65,537 bytes; at most 65,536 are allowed."},
	} {
		_, err := f.Service.SendPrivateMessage(ctx, luke, test.to, test.text)
		wants(t, err, test.kind, test.says)
	}
	if inbox := must[[]rules.NamedConversation](t)(f.Service.Inbox(ctx, luke)); len(inbox) != 0 {
		t.Errorf("something was kept: %+v", inbox)
	}
}

func TestInbox(t *testing.T) {
	f := forumtest.New(t)
	yoda := f.As("Yoda")
	f.As("Han")
	if d := tell(t, f, "Luke", "yoda", "one", "two"); d.Here || d.To != "Yoda" {
		t.Errorf("%+v", d)
	}
	tell(t, f, "Leia", "Yoda", "three")
	tell(t, f, "Yoda", "Han", "four")
	list := func() (lines []string) {
		for _, c := range must[[]rules.NamedConversation](t)(f.Service.Inbox(ctx, yoda)) {
			lines = append(lines, fmt.Sprint(c.Name, " ", c.Unread))
		}
		return lines
	}
	if diff := cmp.Diff([]string{"Leia 1", "Luke 2", "Han 0"}, list()); diff != "" {
		t.Error(diff)
	}
	v := arrive(t, f, "Yoda")
	if d := tell(t, f, "Luke", "Yoda", "five"); !d.Here {
		t.Errorf("%+v", d)
	}
	x := must[rules.ConversationReading](t)(f.Service.ReadConversation(ctx, yoda, "LUKE", 2))
	var got []string
	for l, err := range x.Messages {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, l.Text)
		v.MarkConversation(x.Peer.ID, l.Seq)
		if l.Text == "two" {
			break
		}
	}
	if diff := cmp.Diff([]string{"one", "two"}, got); diff != "" || x.Earlier {
		t.Error(diff, x.Earlier)
	}
	// Messages that the session has shown are read, others are not.
	if diff := cmp.Diff([]string{"Luke 1", "Leia 1", "Han 0"}, list()); diff != "" {
		t.Error(diff)
	}
	if err := f.Service.MarkConversation(ctx, yoda, x.Peer.ID, 1<<60); err != nil {
		t.Fatal(err)
	}
	tell(t, f, "Yoda", "Luke", "answer")
	if diff := cmp.Diff([]string{"Leia 1", "Luke 0", "Han 0"}, list()); diff != "" {
		t.Error(diff)
	}
	// Messages of a person who was blocked later can still be read.
	must[forum.User](t)(f.Service.Block(ctx, yoda, "Luke"))
	x = must[rules.ConversationReading](t)(f.Service.ReadConversation(ctx, yoda, "Luke", 0))
	n := 0
	for range x.Messages {
		n++
	}
	if n != 4 || x.Earlier {
		t.Errorf("all are %d letters, earlier %v", n, x.Earlier)
	}
	_, err := f.Service.ReadConversation(ctx, yoda, "nobody", 0)
	wants(t, err, forum.NotFound, "There is no account nobody.")
	f.As("Vader")
	_, err = f.Service.ReadConversation(ctx, yoda, "Vader", 0)
	wants(t, err, forum.NotFound, "You and Vader have sent each other nothing.")
}

// A conversation of several pages is read completely.
func TestLongConversation(t *testing.T) {
	f := forumtest.New(t)
	f.As("Yoda")
	for i := range 600 {
		tell(t, f, "Luke", "Yoda", fmt.Sprint(i))
	}
	n := 0
	for l, err := range must[rules.ConversationReading](t)(f.Service.ReadConversation(ctx, f.As("Yoda"), "Luke", 0)).Messages {
		if err != nil || l.Text != fmt.Sprint(n) {
			t.Fatalf("letter %d: %q, %v", n, l.Text, err)
		}
		n++
	}
	if n != 600 {
		t.Errorf("%d letters", n)
	}
}

func waiting(t *testing.T, v *rules.Visit, limit int) (lines []string, more int) {
	t.Helper()
	events, more, err := v.Waiting(ctx, limit)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		lines = append(lines, e.Name+": "+e.Text)
		v.MarkShown(e)
	}
	return lines, more
}

// A message that one session has shown is not shown again by another one, even before the mark
// is stored and after a restart. A message that was not shown waits.
func TestWaiting(t *testing.T) {
	f := forumtest.New(t)
	f.As("Yoda")
	tell(t, f, "Luke", "Yoda", "one")
	tell(t, f, "Leia", "Yoda", "two")
	tell(t, f, "Luke", "Yoda", "three")
	first := arrive(t, f, "Yoda")
	got, more := waiting(t, first, 2)
	if diff := cmp.Diff([]string{"Luke: one", "Leia: two"}, got); diff != "" || more != 1 {
		t.Error(diff, more)
	}
	second := arrive(t, f, "Yoda")
	if got, more := waiting(t, second, 20); len(got) != 1 || got[0] != "Luke: three" || more != 0 {
		t.Errorf("the second session shows %q and %d", got, more)
	}
	if unread := must[[]rules.NamedConversation](t)(f.Service.Inbox(ctx, f.As("Yoda"))); unread[0].Unread+unread[1].Unread != 3 {
		t.Errorf("shown is not read: %+v", unread)
	}
	tell(t, f, "Leia", "Yoda", "four")
	leave(t, first)
	leave(t, second)
	f.Reopen()
	if got, _ := waiting(t, arrive(t, f, "Yoda"), 20); len(got) != 1 || got[0] != "Leia: four" {
		t.Errorf("after the restart: %q", got)
	}
	if got, _ := waiting(t, arrive(t, f, "Luke"), 20); len(got) != 0 {
		t.Errorf("the sender is shown %q", got)
	}
}

// An active session stores its marks at intervals, an exec session never.
func TestMarksAreCoalesced(t *testing.T) {
	f := forumtest.New(t)
	yoda := f.As("Yoda")
	d := tell(t, f, "Luke", "Yoda", "one")
	v := arrive(t, f, "Yoda")
	passing := must[*rules.Visit](t)(f.Service.Arrive(ctx, yoda, rules.Arrival{}))
	seq := lastSeq(t, f)
	passing.MarkConversation(d.Message.From, d.Message.Seq)
	for range 100 {
		v.MarkConversation(d.Message.From, d.Message.Seq)
		if err := v.NoteCommand(ctx); err != nil {
			t.Fatal(err)
		}
	}
	leave(t, passing)
	if got := lastSeq(t, f); got != seq {
		t.Errorf("%d changes in no time", got-seq)
	}
	f.Clock.Advance(5 * time.Second)
	for range 3 {
		if err := v.NoteCommand(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if got := lastSeq(t, f); got != seq+1 {
		t.Errorf("%d changes after a while", got-seq)
	}
}

// Messages to everyone have a lower limit, because the events keep them and no quota counts
// them.
func TestWhatIsSaidToAllIsShort(t *testing.T) {
	f := forumtest.New(t)
	must[rules.Said](t)(f.Service.Say(ctx, f.As("Luke"), strings.Repeat("x", 8192)))
	_, err := f.Service.Say(ctx, f.As("Luke"), strings.Repeat("x", 8193))
	wants(t, err, forum.Invalid, "The message has 8,193 bytes; at most 8,192 are allowed.")
}

func TestSay(t *testing.T) {
	f := forumtest.New(t)
	luke := f.As("Luke")
	if said := must[rules.Said](t)(f.Service.Say(ctx, luke, "hello?")); said != (rules.Said{}) {
		t.Errorf("to nobody: %+v", said)
	}
	for _, name := range []string{"Luke", "Yoda", "Yoda", "Leia", "Vader", "Han"} {
		arrive(t, f, name)
	}
	must[*rules.Visit](t)(f.Service.Arrive(ctx, by(f, "Lando", "exec"), rules.Arrival{}))
	if said := must[rules.Said](t)(f.Service.Say(ctx, luke, "hello")); said != (rules.Said{Reached: 4}) {
		t.Errorf("to all: %+v", said)
	}
	must[forum.User](t)(f.Service.Block(ctx, luke, "Vader"))
	must[forum.User](t)(f.Service.Block(ctx, f.As("Han"), "Luke"))
	if said := must[rules.Said](t)(f.Service.Say(ctx, luke, "hello")); said != (rules.Said{Reached: 2, Missed: true}) {
		t.Errorf("with blocks: %+v", said)
	}
}
