package rules_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
	"sshforum/forum/rules"
)

// What a moderator does to a person, or to what is theirs, is told to that person alone;
// a moderator's own things are no news to them.
func TestModeratedPeopleAreTold(t *testing.T) {
	f := thread3331(t)
	mace, yoda := f.AsRole("Mace", forum.Moderator), f.As("Yoda")
	s := f.Service
	v := must[*rules.Visit](t)(s.Arrive(ctx, yoda, rules.Arrival{Stays: true}))
	defer leave(t, v)
	must[[]rules.Notice](t)(v.Take())

	must[forum.User](t)(s.Silence(ctx, mace, "yoda", f.Clock.Now().Add(time.Hour), "loud"))
	must[forum.User](t)(s.Unsilence(ctx, mace, "yoda"))
	var heard []string
	for _, n := range must[[]rules.Notice](t)(v.Take()) {
		heard = append(heard, n.Name+": "+n.Text)
	}
	told := []string{
		"operator: You are silenced until 2026-06-01 13:00 UTC (loud); you can read, and write to moderators.",
		"operator: You are no longer silenced.",
	}
	if diff := cmp.Diff(told, heard); diff != "" {
		t.Errorf("heard at once (-want +got):\n%s", diff)
	}

	id := must[rules.Posted](t)(s.HideMessage(ctx, mace, number(1), "spam")).Message.ID
	must[rules.Posted](t)(s.UnhideMessage(ctx, mace, rules.Target{Title: "3331", ID: id}))
	must[forum.Thread](t)(s.HideThread(ctx, mace, "3331", "off topic"))
	must[forum.Thread](t)(s.UnhideThread(ctx, mace, "3331", ""))
	own := post(t, f, "Mace", "3331", "mine")[0].Message.ID
	must[rules.Posted](t)(s.HideMessage(ctx, mace, rules.Target{Title: "3331", ID: own}, "mine"))

	var messages []string
	for l, err := range must[rules.ConversationReading](t)(s.ReadConversation(ctx, yoda, "operator", 100)).Messages {
		if err != nil {
			t.Fatal(err)
		}
		messages = append(messages, "operator: "+l.Text)
	}
	told = append(told,
		"operator: A moderator has hidden your message 2.1 in Thread 3331: spam",
		"operator: Your message 2.1 in Thread 3331 is shown to everyone again.",
		"operator: A moderator has hidden your Thread 3331: off topic",
		"operator: Your Thread 3331 is shown to everyone again.",
	)
	if diff := cmp.Diff(told, messages); diff != "" {
		t.Errorf("in the inbox (-want +got):\n%s", diff)
	}
	for _, name := range []string{"Mace", "Obi-wan"} {
		if inbox := must[[]rules.NamedConversation](t)(s.Inbox(ctx, f.As(name))); len(inbox) > 0 {
			t.Errorf("%s is told too: %+v", name, inbox)
		}
	}
}
