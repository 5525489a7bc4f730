package rules_test

import (
	"fmt"
	"testing"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// show reads a part of a thread like a shell.
func show(t *testing.T, f *forumtest.Forum, seen *rules.Seen, title string, part rules.Range) {
	t.Helper()
	r := must[rules.Reading](t)(f.Service.Read(ctx, f.As("Yoda"), title, part))
	for e, err := range r.Entries {
		if err != nil {
			t.Fatal(err)
		}
		seen.Show(r.Thread, e.Number, e.Message.ID)
	}
}

// If somebody deletes message 2 while Yoda looks at the thread, Yoda's 3 is still the message
// shown as 3.
func TestNumbersAreThoseOnTheScreen(t *testing.T) {
	f := thread3331(t)
	var seen rules.Seen
	show(t, f, &seen, "3331", rules.Range{})
	must[rules.Posted](t)(f.Service.DeleteMessage(ctx, f.As("Obi-wan"), number(2)))
	p := must[rules.Posted](t)(f.Service.DeleteMessage(ctx, f.As("Yoda"), seen.Target("3331", 3)))
	if p.Message.Text != "three" {
		t.Errorf("deleted %q, want three", p.Message.Text)
	}
	_, err := f.Service.DeleteMessage(ctx, f.As("Yoda"), seen.Target("3331", 3))
	wants(t, err, forum.Conflict, "The message was deleted already; read Thread 3331 again.")
}

// At a door whose people expect numbers to move up at once, the number of a message that they
// have deleted themselves means the next message, until somebody else moves the numbers.
func TestNumbersAfterOnesOwnDeletions(t *testing.T) {
	f := thread3331(t)
	post(t, f, "Yoda", "3331", "four", "five", "six", "seven")
	var seen rules.Seen
	show(t, f, &seen, "3331", rules.Range{})
	deletes := func(n uint64, text string) {
		t.Helper()
		p := must[rules.Posted](t)(f.Service.DeleteMessage(ctx, f.As("Yoda"), seen.Target("3331", n)))
		if p.Message.Text != text {
			t.Errorf("%d deletes %q, want %q", n, p.Message.Text, text)
		}
		seen.Deleted(p.Thread, p.Message.ID)
	}
	deletes(3, "three")
	deletes(3, "four")
	deletes(5, "five") // still on the screen
	deletes(3, "six")
	must[rules.Posted](t)(f.Service.DeleteMessage(ctx, f.As("Obi-wan"), number(2)))
	_, err := f.Service.DeleteMessage(ctx, f.As("Yoda"), seen.Target("3331", 3))
	wants(t, err, forum.Conflict, "Thread 3331 changed since you read it; read it again.")
	deletes(7, "seven")
	post(t, f, "Yoda", "3331", "eight", "nine")
	show(t, f, &seen, "3331", rules.Range{})
	deletes(2, "eight")
	deletes(2, "nine")
}

// A part of the thread that is shown later says nothing about the numbers before it.
func TestNumbersAfterOnesOwnDeletionsElsewhere(t *testing.T) {
	f := thread3331(t)
	post(t, f, "Yoda", "3331", "four", "five", "six", "seven")
	var seen rules.Seen
	show(t, f, &seen, "3331", rules.Range{})
	must[rules.Posted](t)(f.Service.DeleteMessage(ctx, f.As("Yoda"), number(4)))
	show(t, f, &seen, "3331", rules.Range{Last: 2})
	p := must[rules.Posted](t)(f.Service.DeleteMessage(ctx, f.As("Yoda"), seen.Target("3331", 3)))
	seen.Deleted(p.Thread, p.Message.ID)
	_, err := f.Service.DeleteMessage(ctx, f.As("Yoda"), seen.Target("3331", 3))
	wants(t, err, forum.Conflict, "Thread 3331 changed since you read it; read it again.")
}

func TestNumbersNeverShown(t *testing.T) {
	f := thread3331(t)
	var seen rules.Seen
	if p := must[rules.Posted](t)(f.Service.EditMessage(ctx, f.As("Yoda"), seen.Target("3331", 3), "3")); p.Number != 3 {
		t.Errorf("in a thread not shown 3 means %+v", p)
	}
	show(t, f, &seen, "3331", rules.Range{Last: 1})
	if p := must[rules.Posted](t)(f.Service.EditMessage(ctx, f.As("Yoda"), seen.Target("3331", 1), "1")); p.Number != 1 {
		t.Errorf("with no number shifted 1 means %+v", p)
	}
	must[rules.Posted](t)(f.Service.DeleteMessage(ctx, f.As("Obi-wan"), number(2)))
	_, err := f.Service.EditMessage(ctx, f.As("Yoda"), seen.Target("3331", 1), "one")
	wants(t, err, forum.Conflict, "Thread 3331 changed since you read it; read it again.")
}

func TestNumbersOfAThreadThatWasReplaced(t *testing.T) {
	f := thread3331(t)
	var seen rules.Seen
	show(t, f, &seen, "3331", rules.Range{})
	must[forum.Thread](t)(f.Service.RemoveThread(ctx, f.As("Yoda"), "3331"))
	must[forum.Thread](t)(f.Service.CreateThread(ctx, f.As("Yoda"), "3331"))
	post(t, f, "Yoda", "3331", "new one")
	_, err := f.Service.DeleteMessage(ctx, f.As("Yoda"), seen.Target("3331", 1))
	wants(t, err, forum.Conflict, "Thread 3331 changed since you read it; read it again.")
}

func TestSeenForgetsIntoRefusal(t *testing.T) {
	var seen rules.Seen
	thread := forum.Thread{ID: 7, Title: "gaps"}
	for n := range uint64(10_000) { // every second entry, so that no two make a run
		seen.Show(thread, n+1, forum.MessageID{Thread: 7, Seq: 2*n + 1})
	}
	if got := seen.Target("gaps", 10_000).ID.Seq; got != 19_999 {
		t.Errorf("the last number shown means entry %d", got)
	}
	if got := seen.Target("gaps", 1); !got.Stale {
		t.Errorf("a number long forgotten means %+v, want it refused", got)
	}
	for i := range 1000 {
		seen.Show(forum.Thread{ID: forum.ThreadID(i + 10), Title: fmt.Sprint(i)}, 1, forum.MessageID{Thread: forum.ThreadID(i + 10), Seq: 1})
	}
	if got := seen.Target("gaps", 10_000); !got.Stale {
		t.Errorf("a thread long forgotten means %+v, want it refused", got)
	}
}

func TestParseTarget(t *testing.T) {
	for _, word := range []string{"0", "-1", "99999999999999999999", "x", "", "1.", ".5", "1.5.2", "#1", "+1", " 1"} {
		_, err := rules.ParseTarget("3331", word, nil)
		wants(t, err, forum.Invalid, "Invalid message number")
	}
	for _, word := range []string{"id:", "id:1", "id:0.1", "id:1.0", "id:1.2.3", "id:-1.2"} {
		_, err := rules.ParseTarget("3331", word, nil)
		wants(t, err, forum.Invalid, word+" is not a message id; ids look like id:12.7")
	}
	f := thread3331(t)
	posted := post(t, f, "Yoda", "3331", "four")[0]
	must[rules.Posted](t)(f.Service.DeleteMessage(ctx, f.As("Yoda"), number(1)))
	for _, prefix := range []string{"", "id:"} {
		target := must[rules.Target](t)(rules.ParseTarget("3331", prefix+posted.Message.ID.String(), nil))
		if p := must[rules.Posted](t)(f.Service.EditMessage(ctx, f.As("Yoda"), target, "vier")); p.Number != 3 {
			t.Errorf("the permanent id behind %q means %+v", prefix, p)
		}
	}
}
