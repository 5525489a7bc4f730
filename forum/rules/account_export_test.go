package rules_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// exported returns a line for each record of name's export: its kind and a summary of its value.
func exported(t testing.TB, f *forumtest.Forum, name string) (lines []string) {
	t.Helper()
	for r, err := range f.Service.Export(ctx, f.As(name)) {
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(r.Kind)+" "+gist(t, r.Value))
	}
	return lines
}

func gist(t testing.TB, value any) string {
	t.Helper()
	switch v := value.(type) {
	case rules.Account:
		return fmt.Sprint(v.Name, " ", v.Password, " ", v.Used)
	case forum.Key:
		return v.Comment
	case forum.Preferences:
		return v.Zone
	case string:
		return v
	case forum.User:
		return v.Name
	case forum.Invite:
		return fmt.Sprint(v.Number, " until ", v.Expires.Format(time.DateOnly))
	case forum.Report:
		return v.Object.String() + " " + v.Reason
	case forum.ReceiptID:
		return v.Key
	case forum.Thread:
		return v.Title
	case rules.ReadThread:
		return fmt.Sprint(v.Thread.ID, " ", v.Thread.Title, " ", v.Level)
	case rules.History:
		return fmt.Sprint(v.Message.ID, " ", v.Thread.Title, " ", v.Message.Text, " ", v.Message.Removed.Done(), " ", len(v.Earlier))
	case rules.NamedPrivateMessage:
		return v.FromName + " to " + v.ToName + ": " + v.Text
	case rules.Posted:
		return v.Author + " " + v.Message.ID.String() + v.Message.Text
	case rules.KeptFile:
		return fmt.Sprint(v.Name, " by ", v.Uploader, " ", v.Size, " ", v.Part, " ", v.Thread, v.To)
	case rules.NamedVisit:
		return v.Name + " " + v.Source
	case forum.Event:
		return v.Said()
	case int:
		return fmt.Sprint(v)
	}
	t.Fatalf("an unknown record %T", value)
	return ""
}

func TestExport(t *testing.T) {
	f := thread3331(t)
	s, luke := f.Service, f.As("Luke")
	f.As("Jarjar")
	_ = must[forum.Key](t)(s.AddKey(ctx, luke, forum.Key{Blob: []byte("k"), Comment: "luke@tatooine"}))
	_ = must[forum.Preferences](t)(s.SetPreferences(ctx, luke, forum.Preferences{Zone: "UTC"}))
	if err := s.AddCommandHistory(ctx, luke, []string{"LST"}); err != nil {
		t.Fatal(err)
	}
	_ = must[forum.Thread](t)(s.CreateThread(ctx, luke, "womp"))
	_ = must[forum.Thread](t)(s.CreateThread(ctx, f.As("Leia"), "secret-plans"))
	post(t, f, "Luke", "3331", "hello", "gone")
	_ = must[rules.Posted](t)(s.EditMessage(ctx, luke, rules.Target{Title: "3331", Number: 4}, "hello there"))
	_ = must[rules.Posted](t)(s.DeleteMessage(ctx, luke, rules.Target{Title: "3331", Number: 5}))
	post(t, f, "Luke", "secret-plans", "I know")
	post(t, f, "Leia", "3331", "only mine, @Luke")
	post(t, f, "Leia", "secret-plans", "not @Luke's any more")
	_ = must[forum.Thread](t)(s.RemoveThread(ctx, f.As("Leia"), "secret-plans"))
	_ = must[rules.Delivery](t)(s.SendPrivateMessage(ctx, luke, "Leia", "help", rules.Once("k-1")))
	_ = must[rules.Delivery](t)(s.SendPrivateMessage(ctx, f.As("Leia"), "Luke", "no"))
	_ = must[rules.Delivery](t)(s.SendPrivateMessage(ctx, f.As("Leia"), "Yoda", "a secret of two"))
	_ = must[rules.Said](t)(s.Say(ctx, luke, "hi all"))
	_ = must[rules.Said](t)(s.Say(ctx, f.As("Leia"), "hi Luke"))
	_ = must[forum.User](t)(s.Block(ctx, luke, "Jarjar"))
	_ = must[rules.Reported](t)(s.Report(ctx, luke, "3331", &rules.Target{Number: 1}, "spam"))
	_ = must[rules.Reported](t)(s.Report(ctx, f.As("Leia"), "3331", &rules.Target{Number: 1}, "hers"))
	upload(t, f, "Luke", in3331, "map.txt", "four")
	upload(t, f, "Leia", in3331, "hers.txt", "x")
	upload(t, f, "Luke", forPerson("Leia"), "for.txt", "to")
	upload(t, f, "Leia", forPerson("Luke"), "from.txt", "back")
	u := begin(t, f, "Luke", in3331, "cut.txt", "half", rules.UploadOptions{Declared: 8})
	if err := u.Leave(ctx, true); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Luke", "Leia"} {
		v := must[*rules.Visit](t)(s.Arrive(ctx, f.As(name), rules.Arrival{Stays: true}))
		if err := v.Leave(ctx); err != nil {
			t.Fatal(err)
		}
	}

	want := []string{
		"account Luke true 10", "key luke@tatooine", "settings UTC", "command LST", "block Jarjar", "receipt k-1", "report 2.1 spam",
		"level 2 3331 watch", "thread womp", "level 3 womp watch", "level 4  watch",
		"message 2.4 3331 hello there false 1", "message 2.5 3331 gone true 0", "message 4.1  I know false 0",
		"private_message Luke to Leia: help", "private_message Leia to Luke: no",
		"mention Leia 2.6",
		"file map.txt by Luke 4 false 3331", "file cut.txt by Luke 4 true 3331",
		"file Leia_from.txt by Leia 4 false Luke", "file Luke_for.txt by Luke 2 false Leia",
		"visit Luke 192.0.2.1", "said hi all",
	}
	want = append(want, fmt.Sprint("end ", len(want)))
	if diff := cmp.Diff(want, exported(t, f, "Luke")); diff != "" {
		t.Error(diff)
	}
}

// An export of more rows than one transaction reads is complete, in order and without repeats.
func TestExportReadsOn(t *testing.T) {
	f := thread3331(t)
	luke := f.As("Luke")
	want := 1
	for i := range 300 {
		post(t, f, "Luke", "3331", fmt.Sprint("message ", i))
		_ = must[rules.Delivery](t)(f.Service.SendPrivateMessage(ctx, luke, "Yoda", fmt.Sprint("letter ", i)))
		if i%7 == 0 {
			f.Clock.Advance(time.Second)
		}
		want += 2
	}
	lines := exported(t, f, "Luke")
	message, letter := 0, 0
	for _, line := range lines {
		switch {
		case strings.HasPrefix(line, "message "):
			if !strings.Contains(line, fmt.Sprintf("message %d false", message)) {
				t.Fatalf("%q is not message %d", line, message)
			}
			message++
		case strings.HasPrefix(line, "private_message "):
			if !strings.HasSuffix(line, fmt.Sprint("letter ", letter)) {
				t.Fatalf("%q is not letter %d", line, letter)
			}
			letter++
		}
	}
	if message != 300 || letter != 300 {
		t.Errorf("%d messages and %d letters", message, letter)
	}
}

func TestExportEnds(t *testing.T) {
	f := thread3331(t)
	post(t, f, "Luke", "3331", "hello")
	canceled, cancel := context.WithCancel(ctx)
	defer cancel()
	var last error
	for r, err := range f.Service.Export(canceled, f.As("Luke")) {
		if r.Kind == rules.EndRecord {
			t.Error("an export that was cut off says that it is whole")
		}
		last = err
		cancel()
	}
	if last == nil {
		t.Error("an export that was cut off ends without an error")
	}
	for r := range f.Service.Export(ctx, f.As("Luke")) {
		if r.Kind != rules.AccountRecord {
			t.Errorf("the first record is of kind %s", r.Kind)
		}
		break
	}
	for _, actor := range []rules.Actor{{User: forum.Guests, Name: "Wanda"}, rules.Operator(), {}} {
		for r, err := range f.Service.Export(ctx, actor) {
			if err == nil {
				t.Errorf("%q exports %+v", actor.Name, r)
			}
			wants(t, err, forum.Denied, forum.Explain(err))
			break
		}
	}
}
