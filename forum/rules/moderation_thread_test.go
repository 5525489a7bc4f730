package rules_test

import (
	"strings"
	"testing"
	"time"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// writes returns all ways to add something to thread 3331, or to change something in it.
func writes(t *testing.T, f *forumtest.Forum, name string) map[string]func() error {
	s, actor := f.Service, f.As(name)
	at := rules.Place{Thread: "3331"}
	return map[string]func() error{
		"post":  func() error { _, err := s.Post(ctx, actor, "3331", "x"); return err },
		"reply": func() error { _, err := s.Reply(ctx, actor, number(2), "x"); return err },
		"edit":  func() error { _, err := s.EditMessage(ctx, actor, number(1), "x"); return err },
		"restore": func() error {
			_, err := s.RestoreMessage(ctx, actor, rules.Target{Title: "3331", ID: forum.MessageID{Thread: 2, Seq: 3}})
			return err
		},
		"upload": func() error { _, err := s.Upload(ctx, actor, at, "new.txt", rules.UploadOptions{}); return err },
		"rename": func() error { return s.RenameFile(ctx, actor, at, "holocron.txt", "other.txt", false) },
		"touch":  func() error { return s.SetModified(ctx, actor, at, "holocron.txt", f.Clock.Now()) },
	}
}

// withOwn returns a forum whose thread 3331 has an entry and a file of Yoda's of every kind.
func withOwn(t *testing.T) (f *forumtest.Forum, mace rules.Actor) {
	t.Helper()
	f = thread3331(t)
	upload(t, f, "Yoda", rules.Place{Thread: "3331"}, "holocron.txt", "light")
	must[rules.Posted](t)(f.Service.DeleteMessage(ctx, f.As("Yoda"), number(3)))
	return f, f.AsRole("Mace", forum.Moderator)
}

func TestLockedThreadIsForModerators(t *testing.T) {
	f, mace := withOwn(t)
	s := f.Service
	_, err := s.LockThread(ctx, f.As("Yoda"), "3331", "mine")
	wants(t, err, forum.Denied, "Only a moderator can do this.")
	must[forum.Thread](t)(s.LockThread(ctx, mace, "3331", "it is\nover"))
	removeFile := func() error { return s.RemoveFile(ctx, f.As("Yoda"), rules.Place{Thread: "3331"}, "holocron.txt") }
	for name, write := range writes(t, f, "Yoda") {
		if err := write(); forum.KindOf(err) != forum.Denied || forum.Explain(err) != "Thread 3331 is locked (it is over); you can read it." {
			t.Errorf("%s: %v", name, err)
		}
	}
	wants(t, removeFile(), forum.Denied, "Thread 3331 is locked (it is over); you can read it.")
	_, err = s.RemoveThread(ctx, f.As("Yoda"), "3331")
	wants(t, err, forum.Denied, "Thread 3331 is locked (it is over); you can read it.")
	post(t, f, "Mace", "3331", "the last word")
	must[rules.Posted](t)(s.EditMessage(ctx, mace, number(3), "the very last word"))
	upload(t, f, "Mace", rules.Place{Thread: "3331"}, "rules.txt", "rules")
	must[rules.Posted](t)(s.DeleteMessage(ctx, f.As("Yoda"), number(1)))

	f.Reopen()
	s = f.Service
	_, err = s.LockThread(ctx, mace, "3331", "")
	wants(t, err, forum.Conflict, "Thread 3331 is locked already.")
	must[forum.Thread](t)(s.UnlockThread(ctx, mace, "3331"))
	_, err = s.UnlockThread(ctx, mace, "3331")
	wants(t, err, forum.Conflict, "Thread 3331 is not locked.")
	if err := removeFile(); err != nil {
		t.Error(err)
	}
}

// An upload that was begun earlier does not get into a thread that has been locked since, nor
// does that of a person who has been silenced since.
func TestUploadUnderWayEndsAtTheLock(t *testing.T) {
	f, mace := withOwn(t)
	at := rules.Place{Thread: "3331"}
	locked := begin(t, f, "Yoda", at, "a.txt", "a", rules.UploadOptions{})
	must[forum.Thread](t)(f.Service.LockThread(ctx, mace, "3331", ""))
	_, err := locked.Complete(ctx)
	wants(t, err, forum.Denied, "Thread 3331 is locked; you can read it.")
	must[forum.Thread](t)(f.Service.UnlockThread(ctx, mace, "3331"))
	silenced := begin(t, f, "Yoda", at, "b.txt", "b", rules.UploadOptions{})
	must[forum.User](t)(f.Service.Silence(ctx, mace, "Yoda", time.Time{}, "loud"))
	_, err = silenced.Complete(ctx)
	wants(t, err, forum.Denied, "You are silenced (loud); you can read, and write to moderators.")
	if files := must[[]rules.FileInfo](t)(f.Service.Files(ctx, mace, at)); len(files) != 1 {
		t.Errorf("files: %+v", files)
	}
}

func TestSilence(t *testing.T) {
	f, mace := withOwn(t)
	f.As("Obi-wan")
	end := f.Clock.Now().Add(time.Hour)
	if u := must[forum.User](t)(f.Service.Silence(ctx, mace, "yoda", end, "loud")); !u.Silenced.Until.Equal(end) {
		t.Errorf("silenced until %s, want %s", u.Silenced.Until, end)
	}
	f.Reopen()
	s, yoda := f.Service, f.As("Yoda")
	all := writes(t, f, "Yoda")
	all["create"] = func() error { _, err := s.CreateThread(ctx, yoda, "9331"); return err }
	all["say"] = func() error { _, err := s.Say(ctx, yoda, "x"); return err }
	all["tell"] = func() error { _, err := s.SendPrivateMessage(ctx, yoda, "Obi-wan", "x"); return err }
	all["introduce"] = func() error { _, err := s.Introduce(yoda, "Obi-wan"); return err }
	all["drop"] = func() error {
		_, err := s.Upload(ctx, yoda, rules.Place{Person: "Obi-wan"}, "x.txt", rules.UploadOptions{})
		return err
	}
	f.Clock.Advance(time.Hour - 1)
	for name, write := range all {
		if err := write(); forum.KindOf(err) != forum.Denied || forum.Explain(err) != "You are silenced until 2026-06-01 13:00 UTC (loud); you can read, and write to moderators." {
			t.Errorf("%s: %v", name, err)
		}
	}
	must[rules.Delivery](t)(s.SendPrivateMessage(ctx, yoda, "Mace", "why?"))
	upload(t, f, "Yoda", rules.Place{Person: "Mace"}, "why.txt", "why?")
	if _, err := s.Threads(ctx, yoda); err != nil {
		t.Error(err)
	}
	f.Clock.Advance(1)
	post(t, f, "Yoda", "3331", "in time")
	_, err := s.Unsilence(ctx, mace, "Yoda")
	wants(t, err, forum.Conflict, "Yoda is not silenced.")
}

// A moderator cannot undo a silence by an admin or the operator.
func TestSilenceByAnAdminStays(t *testing.T) {
	f, mace := withOwn(t)
	s := f.Service
	must[forum.User](t)(s.Silence(ctx, rules.Operator(), "Yoda", time.Time{}, "loud"))
	_, err := s.Unsilence(ctx, mace, "Yoda")
	wants(t, err, forum.Denied, "operator has decided this; only an admin can change it.")
	_, err = s.Silence(ctx, mace, "Yoda", f.Clock.Now().Add(1), "loud")
	wants(t, err, forum.Denied, "operator has decided this; only an admin can change it.")
	must[forum.User](t)(s.Unsilence(ctx, f.AsRole("Padme", forum.Admin), "Yoda"))
}

func TestSilencedTalk(t *testing.T) {
	f := forumtest.New(t)
	mace := f.AsRole("Mace", forum.Moderator)
	quietly(t, f, "Yoda", "Luke", "Mace")
	yoda, luke := listen(t, f, "Yoda"), listen(t, f, "Luke")
	ask(t, luke.v, "Yoda", false)
	ask(t, yoda.v, "Luke", true)
	must[forum.User](t)(f.Service.Silence(ctx, mace, "Luke", time.Time{}, "loud"))
	_, err := luke.v.TalkLine("", "psst")
	wants(t, err, forum.Denied, "You are silenced (loud); you can read, and write to moderators.")
	say(t, yoda.v, "what?")
	stops(t, luke.v, "", "Yoda", forum.TalkEnded)
	_, _, err = luke.v.AskTalk(ctx, "Yoda")
	wants(t, err, forum.Denied, "You are silenced (loud); you can read, and write to moderators.")
	listen(t, f, "Mace")
	ask(t, luke.v, "Mace", false)
}

// Nobody acts on themselves, on an equal or on somebody above them; the operator acts on all.
func TestModeratorsActOnThoseBelow(t *testing.T) {
	f := forumtest.New(t)
	people := map[string]rules.Actor{"operator": rules.Operator(), "guest": {User: forum.Guests, Name: "Wanda"}}
	for name, role := range map[string]forum.Role{
		"member": forum.Member, "member2": forum.Member, "mace": forum.Moderator, "kit": forum.Moderator, "chief": forum.Admin, "chief2": forum.Admin,
	} {
		people[name] = f.AsRole(name, role)
	}
	may := map[string]string{
		"mace": "member member2", "kit": "member member2",
		"chief": "member member2 mace kit", "chief2": "member member2 mace kit",
		"operator": "member member2 mace kit chief chief2",
	}
	for by, actor := range people {
		for on := range people {
			if on == "operator" || on == "guest" {
				continue
			}
			_, err := f.Service.Silence(ctx, actor, on, time.Time{}, "loud")
			if allowed := strings.Contains(" "+may[by]+" ", " "+on+" "); allowed != (err == nil) || !allowed && forum.KindOf(err) != forum.Denied {
				t.Errorf("%s silences %s: %v, want allowed %v", by, on, err, allowed)
			}
			if err == nil {
				must[forum.User](t)(f.Service.Unsilence(ctx, rules.Operator(), on))
			}
		}
	}
	_, err := f.Service.Silence(ctx, people["chief"], "chief", time.Time{}, "loud")
	wants(t, err, forum.Denied, "You cannot do this to yourself.")
	_, err = f.Service.Silence(ctx, people["chief"], "nobody", time.Time{}, "loud")
	wants(t, err, forum.NotFound, "There is no account nobody.")
	_, err = f.Service.Silence(ctx, people["chief"], "mace", time.Time{}, " ")
	if forum.KindOf(err) != forum.Invalid {
		t.Errorf("without a reason: %v", err)
	}
	_, err = f.Service.Silence(ctx, people["chief"], "mace", f.Clock.Now(), "loud")
	wants(t, err, forum.Invalid, "The end is in the past.")
	_, err = f.Service.Silence(ctx, people["chief"], "mace", f.Clock.Now().AddDate(200, 0, 0), "loud")
	wants(t, err, forum.Invalid, "The end is too far away; leave it out for none.")
}

func TestSlowThread(t *testing.T) {
	f, mace := withOwn(t)
	s := f.Service
	must[forum.Thread](t)(s.SlowThread(ctx, mace, "3331", 30*time.Second))
	tooFast := "Thread 3331 takes one message in 30 s from each person; try again in %s."
	f.Clock.Advance(time.Minute)
	post(t, f, "Yoda", "3331", "four")
	must[rules.Posted](t)(s.DeleteMessage(ctx, f.As("Yoda"), number(3)))
	f.Clock.Advance(12*time.Second + time.Millisecond)
	_, err := s.Post(ctx, f.As("Yoda"), "3331", "five")
	wants(t, err, forum.Limited, strings.Replace(tooFast, "%s", "18 s", 1))
	_, err = s.Upload(ctx, f.As("Yoda"), rules.Place{Thread: "3331"}, "x.txt", rules.UploadOptions{})
	wants(t, err, forum.Limited, strings.Replace(tooFast, "%s", "18 s", 1))
	must[rules.Posted](t)(s.EditMessage(ctx, f.As("Yoda"), number(1), "uno"))
	if err := s.RenameFile(ctx, f.As("Yoda"), rules.Place{Thread: "3331"}, "holocron.txt", "other.txt", false); err != nil {
		t.Error(err)
	}
	post(t, f, "Obi-wan", "3331", "mine")
	post(t, f, "Mace", "3331", "one", "two")
	post(t, f, "Yoda", rules.Lobby, "elsewhere", "again")
	must[rules.ThreadInterest](t)(s.SetLevel(ctx, f.As("Yoda"), "3331", forum.Muted))
	f.Reopen()
	s = f.Service
	f.Clock.Advance(18*time.Second - time.Millisecond - 1)
	_, err = s.Post(ctx, f.As("Yoda"), "3331", "five")
	wants(t, err, forum.Limited, strings.Replace(tooFast, "%s", "1 s", 1))
	f.Clock.Advance(1)
	post(t, f, "Yoda", "3331", "five")
	must[forum.Thread](t)(s.SlowThread(ctx, mace, "3331", 0))
	post(t, f, "Yoda", "3331", "six")
	for _, d := range []time.Duration{-time.Second, time.Millisecond, rules.MaxSlow + time.Second} {
		_, err = s.SlowThread(ctx, mace, "3331", d)
		wants(t, err, forum.Invalid, "The time between two messages is from 1 s to 1 d, or off.")
	}
	_, err = s.SlowThread(ctx, mace, "3331", 0)
	wants(t, err, forum.Conflict, "Thread 3331 is not slow.")
}

// If two uploads run at the same time, a slow thread takes one.
func TestSlowThreadTakesOneUpload(t *testing.T) {
	f, mace := withOwn(t)
	at := rules.Place{Thread: "3331"}
	f.Clock.Advance(time.Minute)
	must[forum.Thread](t)(f.Service.SlowThread(ctx, mace, "3331", time.Minute))
	a := begin(t, f, "Yoda", at, "a.txt", "a", rules.UploadOptions{})
	b := begin(t, f, "Yoda", at, "b.txt", "b", rules.UploadOptions{})
	must[rules.Uploaded](t)(a.Complete(ctx))
	_, err := b.Complete(ctx)
	wants(t, err, forum.Limited, "Thread 3331 takes one message in 1 min from each person; try again in 1 min.")
}

// All guests are one person to a slow thread, because any of them can take another name.
func TestGuestsInAModeratedThread(t *testing.T) {
	f, wanda := withGuests(t)
	pietro := must[rules.Actor](t)(f.Service.Guest("Pietro"))
	mace := f.AsRole("Mace", forum.Moderator)
	must[forum.Thread](t)(f.Service.SlowThread(ctx, mace, rules.Lobby, time.Minute))
	must[rules.Posted](t)(f.Service.Post(ctx, wanda, rules.Lobby, "one"))
	_, err := f.Service.Post(ctx, pietro, rules.Lobby, "two")
	wants(t, err, forum.Limited, "Thread lobby takes one message in 1 min from each person; try again in 1 min.")
	f.Clock.Advance(time.Minute)
	must[rules.Posted](t)(f.Service.Post(ctx, pietro, rules.Lobby, "two"))
	must[forum.Thread](t)(f.Service.LockThread(ctx, mace, rules.Lobby, ""))
	f.Clock.Advance(time.Minute)
	_, err = f.Service.Post(ctx, wanda, rules.Lobby, "three")
	wants(t, err, forum.Denied, "Thread lobby is locked; you can read it.")
}

func TestPinnedThreadsComeFirst(t *testing.T) {
	f := thread3331(t)
	mace := f.AsRole("Mace", forum.Moderator)
	must[forum.Thread](t)(f.Service.PinThread(ctx, mace, rules.Lobby, true))
	first := func() string { return must[[]forum.Thread](t)(f.Service.Threads(ctx, mace))[0].Title }
	if got := first(); got != rules.Lobby {
		t.Errorf("%s is the first, want the pinned lobby", got)
	}
	_, err := f.Service.PinThread(ctx, mace, rules.Lobby, true)
	wants(t, err, forum.Conflict, "Thread lobby is pinned already.")
	must[forum.Thread](t)(f.Service.PinThread(ctx, mace, rules.Lobby, false))
	if got := first(); got != "3331" {
		t.Errorf("%s is the first, want the last active", got)
	}
	_, err = f.Service.PinThread(ctx, mace, rules.Lobby, false)
	wants(t, err, forum.Conflict, "Thread lobby is not pinned.")
}

func TestModerationIsAudited(t *testing.T) {
	f := thread3331(t)
	s, mace := f.Service, f.AsRole("Mace", forum.Moderator)
	begin := auditHead(t, f)
	must[forum.Thread](t)(s.LockThread(ctx, mace, "3331", "over"))
	must[forum.Thread](t)(s.UnlockThread(ctx, mace, "3331"))
	must[forum.Thread](t)(s.PinThread(ctx, mace, "3331", true))
	must[forum.Thread](t)(s.PinThread(ctx, mace, "3331", false))
	must[forum.Thread](t)(s.SlowThread(ctx, mace, "3331", 90*time.Second))
	must[forum.Thread](t)(s.SlowThread(ctx, mace, "3331", 0))
	must[forum.User](t)(s.Silence(ctx, mace, "Yoda", f.Clock.Now().Add(time.Hour), "loud"))
	must[forum.User](t)(s.Unsilence(ctx, mace, "Yoda"))
	wantAudited(t, f, begin,
		"Mace thread.lock thread 2, 3331, over",
		"Mace thread.unlock thread 2, 3331",
		"Mace thread.pin thread 2, 3331",
		"Mace thread.unpin thread 2, 3331",
		"Mace thread.slow thread 2, 3331, 1 min 30 s",
		"Mace thread.slow thread 2, 3331, off",
		"Mace user.silence user 1, Yoda, loud, until 2026-06-01 13:00:00",
		"Mace user.unsilence user 1, Yoda",
	)
}

func TestDurationText(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", 1: "1 s", time.Second: "1 s", time.Second + 1: "2 s", 59*time.Second + 1: "1 min", 90 * time.Second: "1 min 30 s",
		time.Hour + time.Second: "1 h 1 s", 25*time.Hour + time.Minute + time.Second: "1 d 1 h",
	} {
		if got := forum.DurationText(d); got != want {
			t.Errorf("%d: %q, want %q", d, got, want)
		}
	}
}
