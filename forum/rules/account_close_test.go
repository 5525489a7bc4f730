package rules_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
	"sshforum/forum/search"
	"sshforum/forum/storetest"
)

// settled gives Luke rows of every kind, more than one change drops.
func settled(t *testing.T) *forumtest.Forum {
	t.Helper()
	f := thread3331(t, func(c *rules.Config) {
		c.Registration, c.Inviters = rules.RegistrationInvite, rules.MembersInvite
	})
	s, luke := f.Service, f.As("Luke")
	f.As("Leia")
	_ = must[forum.Key](t)(s.AddKey(ctx, luke, forum.Key{Blob: []byte("k")}))
	_ = must[forum.Preferences](t)(s.SetPreferences(ctx, luke, forum.Preferences{Zone: "UTC"}))
	_ = must[rules.NewInvite](t)(s.Invite(ctx, luke, time.Hour))
	if err := s.AddCommandHistory(ctx, luke, []string{"LST"}); err != nil {
		t.Fatal(err)
	}
	post(t, f, "Luke", "3331", "I am here")
	for i := range 30 {
		name := fmt.Sprint("Clone", i)
		f.As(name)
		_ = must[forum.User](t)(s.Block(ctx, luke, name))
		_ = must[forum.Thread](t)(s.CreateThread(ctx, luke, name))
		_ = must[rules.Delivery](t)(s.SendPrivateMessage(ctx, luke, "Leia", fmt.Sprint("to Leia ", i)))
	}
	for i := range 60 {
		_ = must[rules.Delivery](t)(s.SendPrivateMessage(ctx, f.As("Leia"), "Luke", fmt.Sprint("to Luke ", i)))
		v := must[*rules.Visit](t)(s.Arrive(ctx, luke, rules.Arrival{Stays: true}))
		leave(t, v)
	}
	upload(t, f, "Leia", forPerson("Luke"), "hers.txt", "for Luke")
	upload(t, f, "Luke", in3331, "his.txt", "for all")
	post(t, f, "Leia", rules.Lobby, "So am I")
	settle(t, f, "Luke")
	u := begin(t, f, "Luke", in3331, "cut.txt", "half", rules.UploadOptions{Declared: 8})
	if err := u.Leave(ctx, true); err != nil {
		t.Fatal(err)
	}
	return f
}

// counts has the number of private rows of each kind that an account has.
type counts map[string]int

func privateRows(t *testing.T, f *forumtest.Forum, id forum.UserID) counts {
	t.Helper()
	n := make(counts)
	err := f.Store.View(func(r forum.Reader) error {
		n["keys"], n["history"] = len(r.Keys(id)), len(r.CommandHistory(id))
		if r.Password(id) != "" {
			n["password"]++
		}
		if r.Preferences(id) != (forum.Preferences{}) {
			n["settings"]++
		}
		n["invites"] = len(slices.Collect(r.Invites(id)))
		n["blocks"] = len(slices.Collect(r.Blocks(id)))
		n["conversations"] = len(slices.Collect(r.Conversations(id)))
		n["inbox"] = len(slices.Collect(r.Files(forum.Folder{Inbox: id})))
		for range r.Interests(id) {
			n["interests"]++
		}
		n["levels"] = len(slices.Collect(r.Levels(id)))
		n["backlog"] = len(slices.Collect(r.Backlog(id)))
		if !r.Horizon(id).IsZero() {
			n["horizon"]++
		}
		for p := range r.Parts(forum.Folder{}) {
			if p.Owner == id {
				n["parts"]++
			}
		}
		for v := range r.VisitsBefore(0) {
			if v.User == id {
				n["visits"]++
			}
		}
		n["erasures"] = len(slices.Collect(r.Erasures()))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for kind, rows := range n {
		if rows == 0 {
			delete(n, kind)
		}
	}
	return n
}

func TestCloseOwn(t *testing.T) {
	f := settled(t)
	s, luke := f.Service, f.As("Luke")
	begin := auditHead(t, f)
	before := privateRows(t, f, luke.User)
	if len(before) != 14 {
		t.Errorf("Luke has %v, and not of every kind", before)
	}
	_, err := s.CloseOwn(ctx, luke, "guess", false)
	wants(t, err, forum.Denied, "Invalid password")
	if diff := cmp.Diff(before, privateRows(t, f, luke.User)); diff != "" {
		t.Error(diff)
	}
	var ended error
	v := must[*rules.Visit](t)(s.Arrive(ctx, luke, rules.Arrival{Stays: true, End: func(cause error) { ended = cause }}))
	u := must[forum.User](t)(s.CloseOwn(ctx, luke, forumtest.Password("Luke"), false))
	wants(t, ended, forum.Denied, "Your account has been closed.")
	leave(t, v)
	wantAudited(t, f, begin)
	if u.Name != "Luke" || u.Closed.IsZero() {
		t.Errorf("closed is %+v", u)
	}
	if left := privateRows(t, f, u.ID); len(left) != 0 {
		t.Errorf("of Luke there is still %v", left)
	}
	_, err = s.PasswordLogin(ctx, "Luke", forumtest.Password("Luke"), "192.0.2.1")
	wants(t, err, forum.Denied, "Invalid password")
	_, err = s.KeyLogin("Luke", []byte("k"))
	wants(t, err, forum.Denied, "This key does not belong to the account.")
	if taken := must[bool](t)(s.Taken("luke")); !taken {
		t.Error("the name is free")
	}
	if lines := texts(t, f, "3331", rules.Range{Last: 1}); lines[0] != line(4, "Luke", "I am here") {
		t.Errorf("of his messages there is %q", lines)
	}
	if got := content(t, f, "Leia", in3331, "his.txt"); got != "for all" {
		t.Errorf("of his file there is %q", got)
	}
	sweep(t, f)
	if n := blobCount(t, f); n != 1 {
		t.Errorf("%d contents are kept", n)
	}
}

// The private messages of two people are dropped with the second account that is erased.
func TestLettersGoWithTheSecond(t *testing.T) {
	f := settled(t)
	s, luke, leia := f.Service, f.As("Luke"), f.As("Leia")
	messages := func() (n int) {
		t.Helper()
		err := f.Store.View(func(r forum.Reader) error {
			n = len(slices.Collect(r.PrivateMessages(luke.User, leia.User, 0)))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	_ = must[forum.User](t)(s.CloseOwn(ctx, luke, forumtest.Password("Luke"), true))
	inbox := must[[]rules.NamedConversation](t)(s.Inbox(ctx, leia))
	if len(inbox) != 1 || inbox[0].Name != fmt.Sprint("former member ", luke.User) {
		t.Fatalf("Leia's inbox is %+v", inbox)
	}
	x := must[rules.ConversationReading](t)(s.ReadConversation(ctx, leia, inbox[0].Name, 0))
	n := 0
	for _, err := range x.Messages {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 90 || messages() != 90 {
		t.Errorf("Leia reads %d letters of %d", n, messages())
	}
	_ = must[forum.User](t)(s.CloseOwn(ctx, leia, forumtest.Password("Leia"), false))
	if left := messages(); left != 0 {
		t.Errorf("%d letters are nobody's", left)
	}
}

func TestAnonymise(t *testing.T) {
	f := settled(t)
	s, luke := f.Service, f.As("Luke")
	former := fmt.Sprint("former member ", luke.User)
	_ = must[forum.User](t)(s.CloseOwn(ctx, luke, forumtest.Password("Luke"), true))

	if lines := texts(t, f, "3331", rules.Range{Last: 1}); lines[0] != line(4, former, "I am here") {
		t.Errorf("of his messages there is %q", lines)
	}
	by := rules.Query{Query: search.Query{Author: former}}
	found := must[rules.Found](t)(s.Find(ctx, f.As("Leia"), by, rules.Page{Size: 20, Number: 1}))
	if found.Total != 2 || found.Hits[0].Author != former {
		t.Errorf("found %+v", found)
	}
	for _, files := range must[[]rules.FileInfo](t)(s.Files(ctx, f.As("Leia"), in3331)) {
		if files.Uploader != former {
			t.Errorf("%s is by %s", files.Name, files.Uploader)
		}
	}
	told := 0
	for events, err := range s.Follow(ctx, f.As("Leia"), nil, 0, true) {
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if e.Name == "Luke" || e.ToName == "Luke" {
				t.Errorf("FOLLOW tells of %+v", e)
			}
			if e.Actor == luke.User {
				told++
			}
		}
		if events[len(events)-1].Seq > 200 {
			break
		}
	}
	if told == 0 {
		t.Error("FOLLOW tells of nothing he did")
	}

	for _, name := range []string{"Luke", "LUKE", "ｌｕｋｅ"} {
		_, err := s.AddUser(ctx, rules.Operator(), name, "a password", forum.Member)
		if forum.KindOf(err) != forum.Conflict {
			t.Errorf("%s can be taken: %v", name, err)
		}
	}
	if _, err := s.AddUser(ctx, rules.Operator(), former, "a password", forum.Member); forum.KindOf(err) != forum.Invalid {
		t.Errorf("%s can be taken: %v", former, err)
	}
	rules.Reconfigure(s, func(c *rules.Config) { c.GuestThread = "3331" })
	_, err := s.Guest("luke")
	wants(t, err, forum.Conflict, "The name luke is taken; choose another.")
	err = f.Store.View(func(r forum.Reader) error {
		if _, ok := r.UserByName("luke"); ok {
			t.Error("the name leads to an account")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestTheOnlyAdminStays(t *testing.T) {
	f := thread3331(t)
	s, leia := f.Service, f.AsRole("Leia", forum.Admin)
	f.AsRole("Mace", forum.Moderator)
	_, err := s.CloseOwn(ctx, leia, forumtest.Password("Leia"), false)
	wants(t, err, forum.Conflict, "You are the only admin; the operator can make somebody else one first.")
	f.AsRole("Rey", forum.Admin)
	_ = must[forum.User](t)(s.CloseAccount(ctx, rules.Operator(), "Rey"))
	_, err = s.CloseOwn(ctx, leia, forumtest.Password("Leia"), false)
	wants(t, err, forum.Conflict, "You are the only admin; the operator can make somebody else one first.")
	f.AsRole("Poe", forum.Admin)
	_ = must[forum.User](t)(s.CloseOwn(ctx, leia, forumtest.Password("Leia"), false))
}

func TestCloseWithoutAPassword(t *testing.T) {
	f := thread3331(t)
	s, yoda := f.Service, f.As("Yoda")
	_ = must[forum.Key](t)(s.AddKey(ctx, yoda, forum.Key{Blob: []byte("k")}))
	_ = must[any](t)(f.Store.Submit(ctx, storetest.Write(func(tx forum.Tx) { tx.SetPassword(yoda.User, "") })))
	_, err := s.CloseOwn(ctx, yoda, "luke", false)
	wants(t, err, forum.Invalid, "That is not your name; your account was not closed.")
	_ = must[forum.User](t)(s.CloseOwn(ctx, yoda, "yoda", false))
}

// The operator closes accounts and keeps their data, or anonymises them, at once or later.
func TestOperatorAnonymises(t *testing.T) {
	f := settled(t)
	s, luke := f.Service, f.As("Luke")
	begin := auditHead(t, f)
	before := privateRows(t, f, luke.User)
	_ = must[forum.User](t)(s.CloseAccount(ctx, rules.Operator(), "Luke"))
	for _, kind := range []string{"keys", "password", "invites"} {
		delete(before, kind)
	}
	if diff := cmp.Diff(before, privateRows(t, f, luke.User)); diff != "" {
		t.Error(diff)
	}
	_, err := s.Anonymise(ctx, f.As("Leia"), "Luke")
	wants(t, err, forum.Denied, "Only an admin can change another account.")
	_, err = s.Anonymise(ctx, rules.Operator(), "nobody")
	wants(t, err, forum.NotFound, "There is no account nobody.")
	u := must[forum.User](t)(s.Anonymise(ctx, rules.Operator(), "luke"))
	if left := privateRows(t, f, u.ID); len(left) != 0 {
		t.Errorf("of Luke there is still %v", left)
	}
	wantAudited(t, f, begin,
		fmt.Sprintf("operator user.close user %d, Luke", u.ID),
		fmt.Sprintf("operator user.anonymise user %d, %s", u.ID, u.Name))
	_, err = s.CloseAccount(ctx, rules.Operator(), u.Name)
	wants(t, err, forum.NotFound, fmt.Sprintf("There is no account %s.", u.Name))
}

// failing is a journal that takes a number of changes of one kind, and then no more of it.
type failing struct {
	forum.Journal
	kind string
	left int
}

var errFailing = errors.New("the power is out")

func (j *failing) Submit(ctx context.Context, c forum.Change) (any, error) {
	if c.Kind() == j.kind {
		if j.left--; j.left < 0 {
			return nil, errFailing
		}
	}
	return j.Journal.Submit(ctx, c)
}

// The next purge continues an erasure that was cut short, wherever it stopped.
func TestErasureGoesOn(t *testing.T) {
	for _, taken := range []int{0, 1, 2} {
		t.Run(fmt.Sprint(taken), func(t *testing.T) {
			f := settled(t)
			luke := f.As("Luke")
			rules.Reconfigure(f.Service, func(c *rules.Config) { c.Journal = &failing{Journal: f.Store, kind: "user.erase", left: taken} })
			_ = must[forum.User](t)(f.Service.CloseOwn(ctx, luke, forumtest.Password("Luke"), true))
			if left := privateRows(t, f, luke.User); left["erasures"] != 1 || left["password"] != 0 {
				t.Fatalf("after %d changes there is %v", taken, left)
			}
			f.Reopen()
			if err := f.Service.Purge(ctx); err != nil {
				t.Fatal(err)
			}
			if left := privateRows(t, f, luke.User); len(left) != 0 {
				t.Errorf("of Luke there is still %v", left)
			}
		})
	}
}

// An upload under way when the account is closed ends without a trace.
func TestCloseDuringAnUpload(t *testing.T) {
	for _, test := range []struct {
		name string
		at   rules.Place
		who  string // whose upload it is
		end  func(u *rules.Upload) error
	}{
		{"own, completed", in3331, "Luke", func(u *rules.Upload) error { _, err := u.Complete(ctx); return err }},
		{"own, left", in3331, "Luke", func(u *rules.Upload) error { return u.Leave(ctx, true) }},
		{"to the inbox, completed", forPerson("Luke"), "Leia", func(u *rules.Upload) error { _, err := u.Complete(ctx); return err }},
		{"to the inbox, given up", forPerson("Luke"), "Leia", func(u *rules.Upload) error { return u.Leave(ctx, false) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := thread3331(t)
			luke := f.As("Luke")
			u := begin(t, f, test.who, test.at, "x.bin", "half", rules.UploadOptions{})
			_ = must[forum.User](t)(f.Service.CloseOwn(ctx, luke, forumtest.Password("Luke"), false))
			_, written := u.WriteAt([]byte("more"), 4)
			if err := test.end(u); forum.KindOf(err) == forum.Internal && err != nil {
				t.Errorf("after %v: %v", written, err)
			}
			sweep(t, f)
			if n := blobCount(t, f); n != 0 {
				t.Errorf("%d contents are kept", n)
			}
			if left := privateRows(t, f, luke.User); len(left) != 0 {
				t.Errorf("there is still %v", left)
			}
		})
	}
}

// The login history has the visits of all people: an erasure reads it in steps, and drops only
// the lines of its own account.
func TestErasurePassesOverOthers(t *testing.T) {
	f := thread3331(t)
	luke, leia := f.As("Luke"), f.As("Leia")
	_ = must[any](t)(f.Store.Submit(ctx, storetest.Write(func(tx forum.Tx) {
		for i := range 2500 {
			v := forum.VisitRecord{ID: tx.NewVisitID(), User: leia.User, Began: tx.Time(), Ended: tx.Time()}
			if i%1200 == 0 {
				v.User = luke.User
			}
			tx.PutVisit(v)
		}
	})))
	_ = must[forum.User](t)(f.Service.CloseOwn(ctx, luke, forumtest.Password("Luke"), false))
	if left := privateRows(t, f, luke.User); len(left) != 0 {
		t.Errorf("there is still %v", left)
	}
	if n := privateRows(t, f, leia.User)["visits"]; n != 2497 {
		t.Errorf("of others there are %d visits", n)
	}
}
