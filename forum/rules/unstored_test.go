package rules_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/password"
	"sshforum/forum/rules"
)

const (
	diskFull = "The server's disk is full; nothing more can be stored until space is freed."
	readOn   = diskFull + " Reading goes on."
)

// storeOverdue stores what waits, of which there must be something.
func storeOverdue(t *testing.T, f *forumtest.Forum) {
	t.Helper()
	select {
	case <-f.Service.Deferred():
	default:
		t.Error("nothing waits to be stored")
	}
	if err := f.Service.StoreDeferred(ctx); err != nil {
		t.Error(err)
	}
}

// Whoever may come in comes in while nothing can be stored: their password is hashed anew at
// another login, and a ban that has run out is forgotten.
func TestLoginOnAFullDisk(t *testing.T) {
	params := password.Params{MemoryKiB: 64, Time: 1, Threads: 1, Concurrent: 2}
	f := forumtest.New(t, func(c *rules.Config) {
		hasher, err := password.New(params)
		if err != nil {
			t.Fatal(err)
		}
		c.Passwords = hasher
	})
	yoda := f.As("Yoda")
	key := forum.Key{Blob: []byte("a key")}
	must[forum.Key](t)(f.Service.AddKey(ctx, yoda, key))
	ban(t, f, f.AsRole("Mace", forum.Moderator), "Yoda", time.Hour)
	params.Time = 2
	f.Reopen()
	f.SetFull(true)
	u, _, err := f.Service.Lookup("Yoda")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Service.TrackConnection(u, "192.0.2.1", func(error) {}); forum.KindOf(err) != forum.Denied {
		t.Errorf("whoever is banned: %v", err)
	}
	f.Clock.Advance(time.Hour)
	for range rules.ConfigOf(f.Service).Lockout.Attempts + 1 {
		must[forum.User](t)(f.Service.PasswordLogin(ctx, "Yoda", forumtest.Password("Yoda"), "192.0.2.1"))
	}
	must[forum.User](t)(f.Service.KeyLogin("Yoda", key.Blob))
	must[func()](t)(f.Service.TrackConnection(u, "192.0.2.1", func(error) {}))()
	must[rules.Reading](t)(f.Service.Read(ctx, yoda, rules.Lobby, rules.Range{}))
	_, err = f.Service.Register(ctx, rules.Newcomer{Name: "Luke", Password: "a password", Source: "192.0.2.1"})
	wants(t, err, forum.Unavailable, diskFull)

	hash := func() (phc string) {
		_ = f.Store.View(func(r forum.Reader) error {
			phc = r.Password(u.ID)
			return nil
		})
		return phc
	}
	before := hash()
	f.SetFull(false)
	if err := f.Time.Keep(ctx); err != nil { // as once a minute
		t.Fatal(err)
	}
	must[forum.User](t)(f.Service.PasswordLogin(ctx, "Yoda", forumtest.Password("Yoda"), "192.0.2.1"))
	if hash() == before {
		t.Error("the password was not hashed anew when that could be stored")
	}
}

// A session begins and ends while nothing can be stored, and reads what there is; what it has
// shown is not new to the next one. It is all stored when there is space again.
func TestSessionOnAFullDisk(t *testing.T) {
	f := forumtest.New(t)
	yoda, admin := f.As("Yoda"), f.AsRole("Leia", forum.Admin)
	f.Clock.Advance(time.Second)
	id := post(t, f, "Luke", rules.Lobby, "one", "two", "three")[0].Message.ID
	letter := tell(t, f, "Luke", "Yoda", "psst", "hey").Message
	han := arrive(t, f, "Han")
	start := lastSeq(t, f)
	f.SetFull(true)

	first := arrive(t, f, "Yoda")
	if got := first.Unstored(); got != readOn {
		t.Errorf("the session is told %q", got)
	}
	if got := han.Unstored(); got != "" {
		t.Errorf("a session that was stored is told %q", got)
	}
	if got := names(must[[]rules.Presence](t)(f.Service.Who(ctx, yoda))); !slices.Equal(got, []string{"Han", "Yoda"}) {
		t.Errorf("here are %q", got)
	}
	was := must[[]rules.LastSeen](t)(f.Service.WhoSince(ctx, yoda, f.Clock.Now()))
	if len(was) != 2 || was[1].Name != "Yoda" || !was[1].Left.IsZero() {
		t.Errorf("were here: %+v", was)
	}
	if got, _ := waiting(t, first, 20); len(got) != 2 {
		t.Errorf("waiting are %q", got)
	}
	wantNews(t, f, "Yoda", "lobby 3, Luke wrote 2")
	first.MarkEntries(id.Thread, 1, 2)
	f.Clock.Advance(time.Minute)
	if err := first.NoteCommand(ctx); err != nil {
		t.Error(err)
	}
	next := must[rules.Next](t)(f.Service.Next(ctx, yoda))
	if next.Private == nil || next.Private.Messages != 2 {
		t.Errorf("next is %+v", next)
	}
	first.MarkConversation(letter.From, letter.Seq)
	next = must[rules.Next](t)(f.Service.Next(ctx, yoda))
	if next.Reading == nil || next.Unread != 1 || next.Reading.After != 2 {
		t.Errorf("next is %+v", next)
	}
	leave(t, first)
	leave(t, han)
	leave(t, arrive(t, f, "Luke"))

	second := arrive(t, f, "Yoda")
	if got, _ := waiting(t, second, 20); len(got) != 0 {
		t.Errorf("shown again are %q", got)
	}
	wantNews(t, f, "Yoda", "lobby 1")
	if inbox := must[[]rules.NamedConversation](t)(f.Service.Inbox(ctx, yoda)); len(inbox) != 1 || inbox[0].Unread != 0 {
		t.Errorf("the inbox is %+v", inbox)
	}
	if got := lastSeq(t, f); got != start {
		t.Errorf("%d changes on a full disk", got-start)
	}
	if err := f.Service.StoreDeferred(ctx); forum.KindOf(err) != forum.Unavailable {
		t.Errorf("stored on a full disk: %v", err)
	}
	ear := listenTo(t, second)

	f.SetFull(false)
	storeOverdue(t, f)
	ear.hears("presence Han ", "storable  Everything can be stored again.")
	if second.Unstored() != "" {
		t.Error("the session is still not stored")
	}
	if diff := cmp.Diff([]string{"user.went Han", "user.came Yoda"}, happened(t, f, start)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Yoda shell 192.0.2.1 here", "Han shell 192.0.2.1 1m0s"}, history(t, f, admin)); diff != "" {
		t.Error(diff)
	}
	leave(t, second)
	f.Reopen()
	wantNews(t, f, "Yoda", "lobby 1")
	if got, _ := waiting(t, arrive(t, f, "Yoda"), 20); len(got) != 0 {
		t.Errorf("shown again after the restart are %q", got)
	}
}

func names(here []rules.Presence) (names []string) {
	for _, h := range here {
		names = append(names, h.Name)
	}
	return names
}

// What a person asks to be stored is refused in one sentence, and can be asked for again.
func TestWritesOnAFullDisk(t *testing.T) {
	f, mace := withOwn(t)
	arrive(t, f, "Mace")
	asked := writes(t, f, "Yoda")
	asked["upload"] = func() error {
		u, err := f.Service.Upload(ctx, f.As("Yoda"), in3331, "new.txt", rules.UploadOptions{})
		if err == nil {
			_, err = u.Complete(ctx)
		}
		return err
	}
	asked["create"] = func() error { _, err := f.Service.CreateThread(ctx, f.As("Yoda"), "new"); return err }
	asked["tell"] = func() error { _, err := f.Service.SendPrivateMessage(ctx, f.As("Yoda"), "Mace", "psst"); return err }
	asked["say"] = func() error { _, err := f.Service.Say(ctx, f.As("Yoda"), "all"); return err }
	asked["catch up"] = func() error { _, err := f.Service.CatchUp(ctx, mace, "3331"); return err }
	asked["password"] = func() error {
		return f.Service.ChangePassword(ctx, f.As("Mace"), forumtest.Password("Mace"), "another")
	}
	f.SetFull(true)
	for name, ask := range asked {
		for range 2 {
			if err := ask(); err == nil || forum.KindOf(err) != forum.Unavailable || forum.Explain(err) != diskFull {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	f.SetFull(false)
	delete(asked, "rename") // others are about a file of that name
	for name, ask := range asked {
		if err := ask(); err != nil {
			t.Errorf("%s, when there is space: %v", name, err)
		}
	}
}

// A private talk is in no store.
func TestPrivateTalkOnAFullDisk(t *testing.T) {
	f := forumtest.New(t)
	quietly(t, f, "Yoda", "Luke")
	f.SetFull(true)
	yoda, luke := listen(t, f, "Yoda"), listen(t, f, "Luke")
	ask(t, yoda.v, "Luke", false)
	ask(t, luke.v, "Yoda", true)
	say(t, yoda.v, "hello")
	luke.hears("asked Yoda ", "line Yoda hello")
}

// The lines of a session that ended, a text that was refused among them, are there in the next.
func TestLinesOnAFullDisk(t *testing.T) {
	f := forumtest.New(t, func(c *rules.Config) { c.HistoryLines = 3 })
	yoda := f.As("Yoda")
	add := func(lines ...string) {
		t.Helper()
		if err := f.Service.AddCommandHistory(ctx, yoda, lines); err != nil {
			t.Error(err)
		}
	}
	want := func(lines ...string) {
		t.Helper()
		if diff := cmp.Diff(lines, must[[]string](t)(f.Service.CommandHistory(yoda))); diff != "" {
			t.Error(diff)
		}
	}
	add("1", "2")
	f.SetFull(true)
	add("3")
	want("1", "2", "3")
	add("MSG lobby hello")
	want("2", "3", "MSG lobby hello")
	f.SetFull(false)
	storeOverdue(t, f)
	f.Reopen()
	want("2", "3", "MSG lobby hello")
}

// A start on a full disk leaves the visits that a crash left open for later, and does not
// end those that have begun since.
func TestStartOnAFullDisk(t *testing.T) {
	f := forumtest.New(t)
	admin := f.AsRole("Leia", forum.Admin)
	arrive(t, f, "Yoda")
	f.As("reader")
	f.Clock.Advance(time.Minute)
	post(t, f, "Luke", rules.Lobby, "last words")
	f.SetFull(true)
	f.Clock.Advance(time.Hour)
	f.Reopen()
	if got := texts(t, f, rules.Lobby, rules.Range{}); len(got) != 1 {
		t.Errorf("the lobby has %q", got)
	}
	luke := arrive(t, f, "Luke")
	f.SetFull(false)
	again := arrive(t, f, "Yoda")
	storeOverdue(t, f)
	want := []string{"Luke shell 192.0.2.1 here", "Yoda shell 192.0.2.1 here", "Yoda shell 192.0.2.1 1m0s"}
	if diff := cmp.Diff(want, history(t, f, admin)); diff != "" {
		t.Error(diff)
	}
	leave(t, luke)
	leave(t, again)
}

// A visit that ends while those before it are stored is not stored, as it would never end.
func TestVisitEndsBeforeItIsStored(t *testing.T) {
	f := forumtest.New(t)
	admin := f.AsRole("Leia", forum.Admin)
	yoda := arrive(t, f, "Yoda")
	f.As("Luke")
	f.SetFull(true)
	leave(t, yoda)
	luke := arrive(t, f, "Luke")
	f.SetFull(false)
	rules.Reconfigure(f.Service, func(c *rules.Config) {
		c.Journal = &before{Journal: c.Journal, kind: "visit.end", do: func() { leave(t, luke) }}
	})
	storeOverdue(t, f)
	rules.Reconfigure(f.Service, func(c *rules.Config) { c.Journal = f.Store })
	if diff := cmp.Diff([]string{"Yoda shell 192.0.2.1 0s"}, history(t, f, admin)); diff != "" {
		t.Error(diff)
	}
}

// What waits for an account that is closed meanwhile is given up.
func TestNothingWaitsForAClosedAccount(t *testing.T) {
	f := forumtest.New(t)
	yoda := f.As("Yoda")
	letter := tell(t, f, "Luke", "Yoda", "psst").Message
	f.SetFull(true)
	v := arrive(t, f, "Yoda")
	v.MarkConversation(letter.From, letter.Seq)
	if err := f.Service.AddCommandHistory(ctx, yoda, []string{"LST"}); err != nil {
		t.Error(err)
	}
	leave(t, v)
	f.SetFull(false)
	must[forum.User](t)(f.Service.CloseAccount(ctx, rules.Operator(), "Yoda"))
	storeOverdue(t, f)
	if err := f.Service.StoreDeferred(ctx); err != nil {
		t.Error(err)
	}
}

// People come and go and read while the disk fills and is freed: in the end every visit that
// began has ended, and all that was shown is read.
func TestCrowdOnADiskThatFills(t *testing.T) {
	f := forumtest.New(t)
	admin := f.AsRole("Leia", forum.Admin)
	people := make([]rules.Actor, 8)
	for i := range people {
		people[i] = by(f, fmt.Sprint("p", i), "shell")
	}
	f.Clock.Advance(time.Second)
	const messages = 100
	thread := post(t, f, "Leia", rules.Lobby, numbered(messages)...)[0].Thread.ID
	ctx, stop := context.WithCancel(ctx)
	var disk, crowd sync.WaitGroup
	f.SetFull(true)
	disk.Go(func() {
		for full := false; ctx.Err() == nil; full = !full {
			f.SetFull(full)
			if err := f.Service.StoreDeferred(ctx); err != nil && forum.KindOf(err) != forum.Unavailable {
				t.Error(err)
			}
		}
	})
	for _, actor := range people {
		var seq atomic.Uint64
		for range 2 {
			crowd.Go(func() {
				for seq.Load() < messages {
					v, err := f.Service.Arrive(t.Context(), actor, rules.Arrival{Stays: true, Reads: true})
					if err != nil {
						t.Error(err)
						return
					}
					n := seq.Add(1)
					v.MarkEntries(thread, n, n)
					if _, err := f.Service.News(t.Context(), actor); err != nil {
						t.Error(err)
					}
					if err := v.Leave(t.Context()); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	crowd.Wait()
	stop()
	disk.Wait()
	f.SetFull(false)
	if err := f.Service.StoreDeferred(t.Context()); err != nil {
		t.Error(err)
	}
	f.Reopen()
	for _, actor := range people {
		wantNews(t, f, actor.Name, "")
	}
	for _, line := range history(t, f, admin) {
		if strings.HasSuffix(line, "here") {
			t.Errorf("a visit has not ended: %s", line)
		}
	}
}

func numbered(n int) (texts []string) {
	for i := range n {
		texts = append(texts, fmt.Sprint("message ", i))
	}
	return texts
}
