package rules_test

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// seenBy returns a thread as name reads it, with the hidden entries that name may see.
func seenBy(t *testing.T, f *forumtest.Forum, name, title string) (lines []string) {
	t.Helper()
	r := must[rules.Reading](t)(f.Service.Read(ctx, f.As(name), title, rules.Range{Hidden: true}))
	for e, err := range r.Entries {
		if err != nil {
			t.Fatal(err)
		}
		mark := ""
		if e.Message.Removed.Hidden {
			mark = fmt.Sprintf("%s hidden (%s) ", e.Message.ID, e.Message.Removed.Reason)
		}
		lines = append(lines, mark+line(e.Number, e.Author, e.Message.Text))
	}
	return lines
}

func titles(threads []forum.Thread) (titles []string) {
	for _, t := range threads {
		titles = append(titles, t.Title)
	}
	return titles
}

func TestHideMessage(t *testing.T) {
	f := thread3331(t)
	mace := f.AsRole("Mace", forum.Moderator)
	_, err := f.Service.HideMessage(ctx, f.As("Yoda"), number(2), "spam")
	wants(t, err, forum.Denied, "Only a moderator can hide what others wrote.")
	_, err = f.Service.HideMessage(ctx, mace, number(2), " ")
	wants(t, err, forum.Invalid, "The message is empty; write something.")
	id := must[rules.Posted](t)(f.Service.HideMessage(ctx, mace, number(2), "spam,\nagain")).Message.ID

	others := []string{"1 Yoda: one", "2 Yoda: three"}
	for _, name := range []string{"Yoda", "Luke"} {
		if diff := cmp.Diff(others, seenBy(t, f, name, "3331")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	marked := []string{"1 Yoda: one", "2.2 hidden (spam, again) 0 Obi-wan: two", "2 Yoda: three"}
	for _, name := range []string{"Obi-wan", "Mace"} {
		if diff := cmp.Diff(marked, seenBy(t, f, name, "3331")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if diff := cmp.Diff(others, texts(t, f, "3331", rules.Range{})); diff != "" {
		t.Error(diff)
	}

	target := rules.Target{Title: "3331", ID: id}
	const hidden = "A moderator has hidden the message; only moderators can show it again."
	for name, want := range map[string]struct {
		kind forum.Kind
		says string
	}{
		"Luke":    {forum.Conflict, "The message was deleted already; read Thread 3331 again."},
		"Obi-wan": {forum.Conflict, hidden},
		"Mace":    {forum.Conflict, hidden},
	} {
		_, err := f.Service.EditMessage(ctx, f.As(name), target, "changed")
		wants(t, err, want.kind, want.says)
		_, err = f.Service.DeleteMessage(ctx, f.As(name), target)
		wants(t, err, want.kind, want.says)
		_, err = f.Service.Reply(ctx, f.As(name), target, "yes")
		wants(t, err, want.kind, want.says)
		_, err = f.Service.HideMessage(ctx, f.As(name), target, "again")
		wants(t, err, want.kind, want.says)
	}
	_, err = f.Service.RestoreMessage(ctx, f.As("Luke"), target)
	wants(t, err, forum.Denied, "The message was deleted by another user and cannot be restored")
	for _, name := range []string{"Obi-wan", "Mace"} {
		_, err = f.Service.RestoreMessage(ctx, f.As(name), target)
		wants(t, err, forum.Conflict, hidden)
	}
	_, err = f.Service.History(ctx, f.As("Luke"), target)
	wants(t, err, forum.Conflict, "The message was deleted already; read Thread 3331 again.")
	for _, name := range []string{"Obi-wan", "Mace"} {
		if h := must[rules.History](t)(f.Service.History(ctx, f.As(name), target)); h.Message.Text != "two" || h.Number != 0 {
			t.Errorf("%s sees %+v", name, h)
		}
	}

	_, err = f.Service.UnhideMessage(ctx, f.As("Obi-wan"), target)
	wants(t, err, forum.Denied, "Only a moderator can show again what a moderator has hidden.")
	_, err = f.Service.UnhideMessage(ctx, f.As("Luke"), target)
	wants(t, err, forum.Conflict, "The message is not hidden.")
	if p := must[rules.Posted](t)(f.Service.UnhideMessage(ctx, mace, target)); p.Number != 2 {
		t.Errorf("shown again as number %d, want 2", p.Number)
	}
	_, err = f.Service.UnhideMessage(ctx, mace, target)
	wants(t, err, forum.Conflict, "The message is not hidden.")
	want := []string{"1 Yoda: one", "2 Obi-wan: two", "3 Yoda: three"}
	if diff := cmp.Diff(want, seenBy(t, f, "Luke", "3331")); diff != "" {
		t.Error(diff)
	}
}

func TestHideThread(t *testing.T) {
	f := thread3331(t)
	yoda, obi, mace := f.As("Yoda"), f.As("Obi-wan"), f.AsRole("Mace", forum.Moderator)
	_, err := f.Service.HideThread(ctx, obi, "3331", "spam")
	wants(t, err, forum.Denied, "Only a moderator can hide what others wrote.")
	_, err = f.Service.HideThread(ctx, mace, rules.Lobby, "spam")
	wants(t, err, forum.Denied, "Only a moderator can hide what others wrote.")
	must[forum.Thread](t)(f.Service.HideThread(ctx, mace, "3331", "spam"))

	for _, actor := range []rules.Actor{yoda, obi, mace} {
		if got := titles(must[[]forum.Thread](t)(f.Service.Threads(ctx, actor))); !slices.Equal(got, []string{rules.Lobby}) {
			t.Errorf("%s lists %q", actor.Name, got)
		}
		_, err := f.Service.Read(ctx, actor, "3331", rules.Range{})
		wants(t, err, forum.NotFound, "Thread 3331 does not exist")
		says, kind := "Thread 3331 does not exist", forum.NotFound
		if actor != obi {
			says, kind = "A moderator has hidden Thread 3331; only moderators can show it again.", forum.Conflict
		}
		_, err = f.Service.Post(ctx, actor, "3331", "late")
		wants(t, err, kind, says)
		_, err = f.Service.Upload(ctx, actor, in3331, "late.txt", rules.UploadOptions{})
		wants(t, err, kind, says)
		_, err = f.Service.DeleteMessage(ctx, actor, number(1))
		wants(t, err, kind, says)
		_, err = f.Service.RemoveThread(ctx, actor, "3331")
		wants(t, err, kind, says)
		all := must[[]string](t)(f.Service.Titles(actor, "33", 10))
		if seen := len(all) == 1; seen != (actor != obi) {
			t.Errorf("%s completes %q", actor.Name, all)
		}
	}
	_, err = f.Service.Read(ctx, obi, "3331", rules.Range{Hidden: true})
	wants(t, err, forum.NotFound, "Thread 3331 does not exist")
	_, err = f.Service.RestoreThread(ctx, obi, "3331", "")
	wants(t, err, forum.NotFound, "No thread 3331 was removed that could be restored.")
	_, err = f.Service.UnhideThread(ctx, obi, "3331", "")
	wants(t, err, forum.NotFound, "No thread 3331 is hidden.")
	_, err = f.Service.RestoreThread(ctx, yoda, "3331", "")
	wants(t, err, forum.Conflict, "A moderator has hidden Thread 3331; only moderators can show it again.")
	_, err = f.Service.UnhideThread(ctx, yoda, "3331", "")
	wants(t, err, forum.Denied, "Only a moderator can show again what a moderator has hidden.")
	for name, want := range map[string][]string{"Yoda": {"3331"}, "Mace": {"3331"}, "Obi-wan": nil} {
		if got := titles(must[[]forum.Thread](t)(f.Service.HiddenThreads(ctx, f.As(name)))); !slices.Equal(got, want) {
			t.Errorf("hidden threads for %s: %q", name, got)
		}
	}
	for _, name := range []string{"Yoda", "Mace"} {
		if got := seenBy(t, f, name, "3331"); len(got) != 3 {
			t.Errorf("%s reads %q", name, got)
		}
	}

	// The title is free, and a new thread with it can be read.
	must[forum.Thread](t)(f.Service.CreateThread(ctx, obi, "3331"))
	if got := seenBy(t, f, "Mace", "3331"); got != nil {
		t.Errorf("the new thread has %q", got)
	}
	_, err = f.Service.UnhideThread(ctx, mace, "3331", "")
	wants(t, err, forum.Conflict, "Thread 3331 exists")
	must[forum.Thread](t)(f.Service.UnhideThread(ctx, mace, "3331", "3331-old"))
	if got := seenBy(t, f, "Obi-wan", "3331-old"); len(got) != 3 {
		t.Errorf("shown again with %q", got)
	}
}

// Hidden messages are kept as long as the forum: no purge takes them.
func TestHiddenIsKept(t *testing.T) {
	f := thread3331(t)
	mace := f.AsRole("Mace", forum.Moderator)
	upload(t, f, "Yoda", rules.Place{Thread: "3331"}, "map.txt", "to Dagobah")
	hidden := must[rules.Posted](t)(f.Service.HideMessage(ctx, mace, number(2), "spam")).Message.ID
	must[forum.Thread](t)(f.Service.HideThread(ctx, mace, "3331", "spam"))
	used, _, err := f.Service.Quota(f.As("Yoda"))
	if err != nil || used != 10 {
		t.Errorf("the files of a hidden thread count as %d bytes, %v", used, err)
	}
	f.Clock.Advance(365 * 24 * time.Hour)
	if err := f.Service.Purge(ctx); err != nil {
		t.Fatal(err)
	}
	f.Reopen()
	must[forum.Thread](t)(f.Service.UnhideThread(ctx, mace, "3331", ""))
	must[rules.Posted](t)(f.Service.UnhideMessage(ctx, mace, rules.Target{Title: "3331", ID: hidden}))
	if got := seenBy(t, f, "Luke", "3331"); len(got) != 4 {
		t.Errorf("after a year there is %q", got)
	}
	if got := content(t, f, "Luke", rules.Place{Thread: "3331"}, "map.txt"); got != "to Dagobah" {
		t.Errorf("the file has %q", got)
	}
}

// The activity of a thread with hidden entries is that of the entries that everyone sees.
func TestHiddenActivity(t *testing.T) {
	f := forumtest.New(t)
	mace := f.AsRole("Mace", forum.Moderator)
	begin := f.Clock.Now()
	must[forum.Thread](t)(f.Service.CreateThread(ctx, f.As("Yoda"), "3331"))
	after := func(d time.Duration) { f.Clock.Advance(begin.Add(d).Sub(f.Clock.Now())) }
	after(time.Hour)
	post(t, f, "Yoda", "3331", "one")
	after(2 * time.Hour)
	post(t, f, "Yoda", "3331", "two")
	active := func(want time.Duration) {
		t.Helper()
		if got := must[forum.Thread](t)(f.Service.Thread(ctx, mace, "3331")).Active.Sub(begin); got != want {
			t.Errorf("active %v after the beginning, want %v", got, want)
		}
	}
	after(3 * time.Hour)
	second := must[rules.Posted](t)(f.Service.HideMessage(ctx, mace, number(2), "spam")).Message.ID
	active(time.Hour)
	must[rules.Posted](t)(f.Service.HideMessage(ctx, mace, number(1), "spam"))
	active(0)
	must[rules.Posted](t)(f.Service.UnhideMessage(ctx, mace, rules.Target{Title: "3331", ID: second}))
	active(2 * time.Hour)
	after(4 * time.Hour)
	upload(t, f, "Yoda", rules.Place{Thread: "3331"}, "map.txt", "to Dagobah")
	must[rules.Posted](t)(f.Service.HideMessage(ctx, mace, number(1), "spam"))
	active(4 * time.Hour)
}

// Events of hidden messages are shown nowhere: neither live, nor late, nor when read from the
// store.
func TestHiddenEvents(t *testing.T) {
	f := thread3331(t)
	mace, luke := f.AsRole("Mace", forum.Moderator), f.As("Luke")
	slow, stop := iter.Pull2(oneByOne(f.Service.Follow(ctx, luke, nil, 0, false)))
	defer stop()
	post(t, f, "Yoda", "3331", "four")
	must[forum.Thread](t)(f.Service.CreateThread(ctx, mace, "elsewhere"))
	begun, quiet := make(chan struct{}), make(chan struct{})
	go func() { // nothing is sent before it has begun to follow
		defer close(quiet)
		for n := 0; ; n++ {
			select {
			case <-begun:
				return
			default:
				post(t, f, "Mace", "elsewhere", fmt.Sprint("something ", n))
			}
		}
	}()
	next(t, slow, 1)
	close(begun)
	<-quiet // later events wait for it
	visit, err := f.Service.Arrive(ctx, luke, rules.Arrival{Stays: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := visit.Leave(ctx); err != nil {
			t.Error(err)
		}
	}()
	if told, err := visit.Take(); err != nil || len(told) > 0 {
		t.Errorf("notices before anything happened: %+v, %v", told, err)
	}

	post(t, f, "Yoda", "3331", "@Luke xyzzy")
	must[rules.Posted](t)(f.Service.HideMessage(ctx, mace, number(5), "spam"))
	must[forum.Thread](t)(f.Service.CreateThread(ctx, f.As("Yoda"), "plugh"))
	post(t, f, "Yoda", "plugh", "@Luke and more")
	must[forum.Thread](t)(f.Service.HideThread(ctx, mace, "plugh", "spam"))
	post(t, f, "Yoda", "3331", "@Luke the end")

	notices, err := visit.Take()
	if err != nil || len(notices) != 1 || notices[0].Text != "@Luke the end" {
		t.Errorf("notices %+v, %v", notices, err)
	}
	again, stopAgain := iter.Pull2(oneByOne(f.Service.Follow(ctx, luke, nil, 0, true)))
	defer stopAgain()
	for name, pull := range map[string]func() (forum.Event, error, bool){"slow": slow, "resumed": again} {
		var told []string
		for {
			e, err, ok := pull()
			if !ok || err != nil {
				t.Fatal(err)
			}
			if text := fmt.Sprintf("%+v", e); strings.Contains(text, "xyzzy") || strings.Contains(text, "plugh") || strings.Contains(text, "and more") {
				t.Errorf("%s is told %s", name, text)
			}
			told = append(told, string(e.Kind))
			if e.Text == "@Luke the end" {
				break
			}
		}
		if !slices.Contains(told, "message.hidden") || !slices.Contains(told, "thread.hidden") {
			t.Errorf("%s is told %q", name, told)
		}
	}
}

// Missed notices do not count hidden messages, and show none of them.
func TestMissedNotices(t *testing.T) {
	f := thread3331(t)
	mace := f.AsRole("Mace", forum.Moderator)
	visit := must[*rules.Visit](t)(f.Service.Arrive(ctx, f.As("Luke"), rules.Arrival{}))
	visit.Ready()
	for range 70 {
		post(t, f, "Yoda", "3331", "@Luke here")
	}
	for _, seq := range []uint64{10, 73} { // one that waits, and the last one, for which there was no room
		must[rules.Posted](t)(f.Service.HideMessage(ctx, mace, rules.Target{Title: "3331", ID: forum.MessageID{Thread: 2, Seq: seq}}, "spam"))
	}
	notices := must[[]rules.Notice](t)(visit.Take())
	if last := notices[len(notices)-1]; len(notices) != 64 || last.Why != rules.WhyMissed || last.Missed != 5 {
		t.Errorf("%d notices, the last of them %+v; want 63 and that 5 more were missed", len(notices), last)
	}
	if err := visit.Leave(ctx); err != nil {
		t.Error(err)
	}
}

// The audit log has the hiding and its reason, but not the hidden text.
func TestHidingIsAudited(t *testing.T) {
	f := thread3331(t)
	mace := f.AsRole("Mace", forum.Moderator)
	before := must[rules.AuditLog](t)(f.Service.Audit(mace, 100)).Head.N
	id := must[rules.Posted](t)(f.Service.HideMessage(ctx, mace, number(2), "rude")).Message.ID
	must[rules.Posted](t)(f.Service.UnhideMessage(ctx, mace, rules.Target{Title: "3331", ID: id}))
	must[forum.Thread](t)(f.Service.HideThread(ctx, mace, "3331", "spam"))
	must[forum.Thread](t)(f.Service.UnhideThread(ctx, mace, "3331", ""))
	var got []string
	for _, e := range must[rules.AuditLog](t)(f.Service.Audit(mace, 100)).Entries {
		if e.N > before {
			got = append(got, fmt.Sprintf("%s %s %s, of %s: %s", e.ByName, e.Act, e.Object, e.Name, e.Reason))
		}
	}
	want := []string{
		"Mace message.hide message 2.2, of Obi-wan: rude", "Mace message.unhide message 2.2, of Obi-wan: ",
		"Mace thread.hide thread 2, of 3331: spam", "Mace thread.unhide thread 2, of 3331: ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A moderator cannot restore a thing that an admin has hidden or deleted, not even the
// moderator's own message.
func TestModeratorsDoNotUndoWhatAdminsDo(t *testing.T) {
	f := forumtest.New(t)
	boss, mace := f.AsRole("Boss", forum.Admin), f.AsRole("Mace", forum.Moderator)
	s := f.Service
	for _, title := range []string{"3331", "open"} {
		must[forum.Thread](t)(s.CreateThread(ctx, mace, title))
	}
	hidden := must[rules.Posted](t)(s.Post(ctx, mace, "open", "hidden")).Message.ID
	deleted := must[rules.Posted](t)(s.Post(ctx, mace, "open", "deleted")).Message.ID
	of := func(id forum.MessageID) rules.Target { return rules.Target{Title: "open", ID: id} }
	deeds := []struct{ do, undo func(by rules.Actor) error }{
		{
			func(by rules.Actor) error { _, err := s.HideMessage(ctx, by, of(hidden), "spam"); return err },
			func(by rules.Actor) error { _, err := s.UnhideMessage(ctx, by, of(hidden)); return err },
		},
		{
			func(by rules.Actor) error { _, err := s.DeleteMessage(ctx, by, of(deleted)); return err },
			func(by rules.Actor) error { _, err := s.RestoreMessage(ctx, by, of(deleted)); return err },
		},
		{
			func(by rules.Actor) error { _, err := s.HideThread(ctx, by, "3331", "spam"); return err },
			func(by rules.Actor) error { _, err := s.UnhideThread(ctx, by, "3331", ""); return err },
		},
		{
			func(by rules.Actor) error { _, err := s.RemoveThread(ctx, by, "3331"); return err },
			func(by rules.Actor) error { _, err := s.RestoreThread(ctx, by, "3331", ""); return err },
		},
	}
	for i, d := range deeds {
		if err := d.do(boss); err != nil {
			t.Fatal(i, err)
		}
		wants(t, d.undo(mace), forum.Denied, "Boss has decided this; only an admin can change it.")
		if err := d.undo(boss); err != nil {
			t.Error(i, err)
		}
		if err := d.do(mace); err != nil {
			t.Error(i, err)
		}
		if err := d.undo(mace); err != nil {
			t.Errorf("%d: what a moderator has decided is not theirs to change: %v", i, err)
		}
	}
}
