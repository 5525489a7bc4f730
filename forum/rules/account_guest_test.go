package rules_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// withGuests is a forum that lets guests in, with one of them.
func withGuests(t *testing.T) (*forumtest.Forum, rules.Actor) {
	t.Helper()
	f := forumtest.New(t, func(c *rules.Config) { c.GuestThread = rules.Lobby })
	guest, err := f.Service.Guest("Wanda")
	if err != nil {
		t.Fatal(err)
	}
	return f, guest
}

func TestGuestNames(t *testing.T) {
	f, _ := withGuests(t)
	f.As("yoda")
	closed := f.As("luke")
	if _, err := f.Service.CloseAccount(ctx, rules.Operator(), closed.Name); err != nil {
		t.Fatal(err)
	}
	for name, kind := range map[string]forum.Kind{
		"YODA": forum.Conflict, "ｙｏｄａ": forum.Conflict, "luke": forum.Conflict,
		"operator": forum.Invalid, "guest": forum.Invalid, "Wanda (guest)": forum.Invalid, "": forum.Invalid, "\x1b[2J": forum.Invalid,
	} {
		if guest, err := f.Service.Guest(name); err == nil || forum.KindOf(err) != kind {
			t.Errorf("the guest %q is %+v, %v; want an error of kind %v", name, guest, err, kind)
		}
	}
	if _, err := forumtest.New(t).Service.Guest("Wanda"); forum.KindOf(err) != forum.Denied {
		t.Errorf("where guests are switched off: %v", err)
	}
}

// TestGuestsPost has a guest's message seen by everything that shows messages.
func TestGuestsPost(t *testing.T) {
	f, guest := withGuests(t)
	s, yoda := f.Service, f.As("yoda")
	follow, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	var event forum.Event
	for e, err := range oneByOne(s.Follow(follow, guest, []string{rules.Lobby}, 0, true)) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Kind == forum.MessagePosted {
			event = e
			break
		}
		if _, err := s.Post(ctx, guest, rules.Lobby, "hello, @yoda"); err != nil {
			t.Fatal(err)
		}
	}
	const shown = "Wanda (guest)"
	if event.Name != shown || event.Actor != forum.Guests {
		t.Errorf("the event is %+v", event)
	}
	f.Reopen()
	s = f.Service
	if _, err := s.Post(ctx, rules.Actor{User: forum.Guests, Name: "Pietro"}, rules.Lobby, "me too"); err != nil {
		t.Fatal(err)
	}
	reply, err := s.Reply(ctx, yoda, rules.Target{Title: rules.Lobby, Number: 1}, "welcome")
	if err != nil {
		t.Fatal(err)
	}
	if reply.Quote.Author != shown || len(reply.Message.Mentions) > 0 {
		t.Errorf("the reply quotes %+v and mentions %v", reply.Quote, reply.Message.Mentions)
	}
	reading, err := s.Read(ctx, yoda, rules.Lobby, rules.Range{})
	if err != nil {
		t.Fatal(err)
	}
	var authors []string
	for e, err := range reading.Entries {
		if err != nil {
			t.Fatal(err)
		}
		authors = append(authors, e.Author)
	}
	if got := strings.Join(authors, ", "); got != shown+", Pietro (guest), yoda" {
		t.Errorf("the authors are %s", got)
	}
	news, err := s.News(ctx, yoda)
	if err != nil || news.Mentions != 1 {
		t.Errorf("the news is %+v, %v", news, err)
	}
}

// TestGuestsDoNothingElse asks for all that an actor can ask for.
func TestGuestsDoNothingElse(t *testing.T) {
	f, guest := withGuests(t)
	s := f.Service
	f.As("yoda")
	if _, err := s.CreateThread(ctx, f.As("yoda"), "t1"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Post(ctx, guest, rules.Lobby, "hello"); err != nil {
		t.Fatal(err)
	}
	u, err := s.Upload(ctx, f.As("yoda"), rules.Place{Thread: rules.Lobby}, "a.txt", rules.UploadOptions{})
	if err == nil {
		_, err = u.Complete(ctx)
	}
	if err != nil {
		t.Fatal(err)
	}
	own := rules.Target{Title: rules.Lobby, Number: 1}
	for name, do := range map[string]func() error{
		"remove a file": func() error { return s.RemoveFile(ctx, guest, rules.Place{Thread: rules.Lobby}, "a.txt") },
		"rename a file": func() error {
			return s.RenameFile(ctx, guest, rules.Place{Thread: rules.Lobby}, "a.txt", "b.txt", false)
		},
		"date a file": func() error {
			return s.SetModified(ctx, guest, rules.Place{Thread: rules.Lobby}, "a.txt", time.Unix(0, 0))
		},
		"post elsewhere":   func() error { _, err := s.Post(ctx, guest, "t1", "hello"); return err },
		"post unsigned":    func() error { _, err := s.Post(ctx, rules.Actor{User: forum.Guests}, rules.Lobby, "x"); return err },
		"reply":            func() error { _, err := s.Reply(ctx, guest, own, "x"); return err },
		"edit":             func() error { _, err := s.EditMessage(ctx, guest, own, "x"); return err },
		"delete":           func() error { _, err := s.DeleteMessage(ctx, guest, own); return err },
		"see versions":     func() error { _, err := s.History(ctx, guest, own); return err },
		"create":           func() error { _, err := s.CreateThread(ctx, guest, "t2"); return err },
		"remove":           func() error { _, err := s.RemoveThread(ctx, guest, "t1"); return err },
		"tell":             func() error { _, err := s.SendPrivateMessage(ctx, guest, "yoda", "psst"); return err },
		"say":              func() error { _, err := s.Say(ctx, guest, "all"); return err },
		"block":            func() error { _, err := s.Block(ctx, guest, "yoda"); return err },
		"watch":            func() error { _, err := s.SetLevel(ctx, guest, "t1", forum.Watched); return err },
		"settings":         func() error { _, err := s.SetPreferences(ctx, guest, forum.Preferences{}); return err },
		"password":         func() error { return s.ChangePassword(ctx, guest, "", "a long secret") },
		"password of yoda": func() error { return s.SetPasswordOf(ctx, guest, "yoda", "a long secret") },
		"add a key":        func() error { _, err := s.AddKey(ctx, guest, forum.Key{Blob: []byte("k")}); return err },
		"add an account":   func() error { _, err := s.AddUser(ctx, guest, "x", "a long secret", forum.Admin); return err },
		"role":             func() error { _, err := s.SetRole(ctx, guest, "yoda", forum.Admin); return err },
		"close":            func() error { _, err := s.CloseAccount(ctx, guest, "yoda"); return err },
		"users":            func() error { _, err := s.Users(ctx, guest); return err },
		"visits":           func() error { _, err := s.Visits(ctx, guest); return err },
		"stop":             func() error { return s.StopServer(guest) },
		"reindex":          func() error { _, err := s.Reindex(ctx, guest, 0); return err },
		"arrive":           func() error { _, err := s.Arrive(ctx, guest, rules.Arrival{Stays: true}); return err },
		"upload": func() error {
			_, err := s.Upload(ctx, guest, rules.Place{Thread: rules.Lobby}, "x", rules.UploadOptions{})
			return err
		},
	} {
		if err := do(); forum.KindOf(err) != forum.Denied {
			t.Errorf("%s: %v; want it denied", name, err)
		}
	}
}

// TestRegisteredNameEndsTheGuest has an account made under the name of a guest.
func TestRegisteredNameEndsTheGuest(t *testing.T) {
	f, guest := withGuests(t)
	f.As("wanda")
	if _, err := f.Service.Post(ctx, guest, rules.Lobby, "I am the real one"); forum.KindOf(err) != forum.Conflict {
		t.Errorf("the guest's post: %v; want a conflict", err)
	}
}

// TestModeratorsDeleteWhatGuestsWrote: a guest's message does not count as one of nobody, which
// only admins may act on.
func TestModeratorsDeleteWhatGuestsWrote(t *testing.T) {
	f, guest := withGuests(t)
	if _, err := f.Service.Post(ctx, guest, rules.Lobby, "spam"); err != nil {
		t.Fatal(err)
	}
	first := rules.Target{Title: rules.Lobby, Number: 1}
	if _, err := f.Service.DeleteMessage(ctx, f.As("yoda"), first); forum.KindOf(err) != forum.Denied {
		t.Errorf("a member: %v; want it denied", err)
	}
	if _, err := f.Service.DeleteMessage(ctx, f.AsRole("mara", forum.Moderator), first); err != nil {
		t.Error(err)
	}
}

// TestNobodyHasNoPowers has an actor whose User was left unset.
func TestNobodyHasNoPowers(t *testing.T) {
	f, _ := withGuests(t)
	s, nobody := f.Service, rules.Actor{Name: "operator", Door: "control"}
	_, read := s.Read(ctx, nobody, rules.Lobby, rules.Range{})
	_, post := s.Post(ctx, nobody, rules.Lobby, "hello")
	_, add := s.AddUser(ctx, nobody, "yoda", "a long secret", forum.Admin)
	_, arrive := s.Arrive(ctx, nobody, rules.Arrival{})
	for i, err := range []error{read, post, add, arrive, s.StopServer(nobody)} {
		if forum.KindOf(err) != forum.Denied {
			t.Errorf("%d: %v; want it denied", i, err)
		}
	}
}
