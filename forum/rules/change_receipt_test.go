package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// onceRequest has all requests that can be made with a key. Each returns the message it made.
var onceRequest = map[string]func(f *forumtest.Forum, by rules.Actor, text string, how ...rules.SendOption) (string, error){
	"post": func(f *forumtest.Forum, by rules.Actor, text string, how ...rules.SendOption) (string, error) {
		p, err := f.Service.Post(ctx, by, rules.Lobby, text, how...)
		return fmt.Sprint(p.Message.ID, p.Thread.Title, p.Author, p.Message.Text, p.Message.Posted, p.Number), err
	},
	"reply": func(f *forumtest.Forum, by rules.Actor, text string, how ...rules.SendOption) (string, error) {
		p, err := f.Service.Reply(ctx, by, rules.Target{Title: rules.Lobby, Number: 1}, text, how...)
		if err != nil {
			return "", err
		}
		return fmt.Sprint(p.Message.ID, p.Message.Text, p.Number, *p.Quote), nil
	},
	"create": func(f *forumtest.Forum, by rules.Actor, text string, how ...rules.SendOption) (string, error) {
		t, err := f.Service.CreateThread(ctx, by, text, how...)
		return fmt.Sprint(t.ID, t.Title, t.Created), err
	},
	"tell": func(f *forumtest.Forum, by rules.Actor, text string, how ...rules.SendOption) (string, error) {
		d, err := f.Service.SendPrivateMessage(ctx, by, "Luke", text, how...)
		return fmt.Sprint(d.Message, d.To), err
	},
}

func TestOnce(t *testing.T) {
	for name, ask := range onceRequest {
		t.Run(name, func(t *testing.T) {
			f := forumtest.New(t)
			yoda, leia := f.As("Yoda"), f.As("Leia")
			post(t, f, "Luke", rules.Lobby, "the first")
			first := must[string](t)(ask(f, yoda, "one", rules.Once("k")))
			before := len(happened(t, f, 0))
			for range 2 {
				f.Reopen()
				f.Clock.Advance(11 * time.Hour)
				if again := must[string](t)(ask(f, yoda, "one", rules.Once("k"))); again != first {
					t.Errorf("the answer is %s, the first was %s", again, first)
				}
			}
			if after := len(happened(t, f, 0)); after != before {
				t.Errorf("%d events more", after-before)
			}
			_, err := ask(f, yoda, "two", rules.Once("k"))
			wants(t, err, forum.Conflict, "You have used the key k for something else; choose another.")
			for other, ask := range onceRequest {
				if _, err := ask(f, yoda, "one", rules.Once("k")); other != name && forum.KindOf(err) != forum.Conflict {
					t.Errorf("%s under the same key: %v", other, err)
				}
			}
			if other := must[string](t)(ask(f, leia, "three", rules.Once("k"))); other == first {
				t.Error("the key is another person's, too")
			}
			f.Clock.Advance(2 * time.Hour)
			if later := must[string](t)(ask(f, yoda, "two", rules.Once("k"))); later == first {
				t.Error("the key still stands after a day")
			}
		})
	}
}

// Requests at the same time with one key make one message.
func TestOnceAtOnce(t *testing.T) {
	f := forumtest.New(t)
	yoda := f.As("Yoda")
	var group sync.WaitGroup
	for range 32 {
		group.Go(func() {
			p, err := f.Service.Post(ctx, yoda, rules.Lobby, "hello", rules.Once("k"))
			if err != nil || p.Message.ID != (forum.MessageID{Thread: 1, Seq: 1}) {
				t.Errorf("%s, %v", p.Message.ID, err)
			}
		})
	}
	group.Wait()
	if got := texts(t, f, rules.Lobby, rules.Range{}); len(got) != 1 {
		t.Errorf("%q", got)
	}
}

// A refused request has no receipt: its key can be used again.
func TestOnceRefused(t *testing.T) {
	f := forumtest.New(t)
	yoda := f.As("Yoda")
	_, err := f.Service.Post(ctx, yoda, "later", "hello", rules.Once("k"))
	wants(t, err, forum.NotFound, "Thread later does not exist")
	must[forum.Thread](t)(f.Service.CreateThread(ctx, yoda, "later"))
	must[rules.Posted](t)(f.Service.Post(ctx, yoda, "later", "hello", rules.Once("k")))
}

// The answer has the message in its present state, so that its number can be used.
func TestOnceAnswersWhatIsThereByNow(t *testing.T) {
	f := forumtest.New(t, func(c *rules.Config) { c.RestoreWindow = time.Hour })
	yoda := f.As("Yoda")
	ask := func() rules.Posted {
		return must[rules.Posted](t)(f.Service.Post(ctx, yoda, "a", "hello", rules.Once("k")))
	}
	must[forum.Thread](t)(f.Service.CreateThread(ctx, yoda, "a"))
	post(t, f, "Yoda", "a", "before")
	first := ask()
	must[rules.Posted](t)(f.Service.DeleteMessage(ctx, yoda, rules.Target{Title: "a", Number: 1}))
	if p := ask(); first.Number != 2 || p.Number != 1 || p.Message.ID != first.Message.ID {
		t.Errorf("number %d, then %d of %s", first.Number, p.Number, p.Message.ID)
	}
	must[rules.Posted](t)(f.Service.DeleteMessage(ctx, yoda, rules.Target{Title: "a", Number: 1}))
	if p := ask(); p.Number != 0 || !p.Message.Removed.Done() {
		t.Errorf("deleted: %+v", p)
	}
	purge := func() {
		t.Helper()
		f.Clock.Advance(2 * time.Hour)
		if err := f.Service.Purge(ctx); err != nil {
			t.Fatal(err)
		}
	}
	purge()
	if p := ask(); p.Number != 0 || p.Message.ID != first.Message.ID || p.Message.Text != "hello" || p.Thread.Title != "a" {
		t.Errorf("purged: %+v", p)
	}
	must[forum.Thread](t)(f.Service.RemoveThread(ctx, yoda, "a"))
	purge()
	if p := ask(); p.Number != 0 || p.Message.ID != first.Message.ID || p.Author != "Yoda" || p.Thread.Title != "a" {
		t.Errorf("purged with its thread: %+v", p)
	}
}

// A key used before a block does not tell whether the other person is online.
func TestOnceTellsNothingAcrossABlock(t *testing.T) {
	f := forumtest.New(t)
	yoda, luke := f.As("Yoda"), f.As("Luke")
	here := func() bool {
		return must[rules.Delivery](t)(f.Service.SendPrivateMessage(ctx, yoda, "Luke", "psst", rules.Once("k"))).Here
	}
	v := must[*rules.Visit](t)(f.Service.Arrive(ctx, luke, rules.Arrival{Stays: true}))
	defer leave(t, v)
	first, again := here(), here()
	if !first || !again {
		t.Error("Luke is here")
	}
	must[forum.User](t)(f.Service.Block(ctx, luke, "Yoda"))
	if here() {
		t.Error("Yoda is told that Luke is here")
	}
}

func TestKeysOfOnce(t *testing.T) {
	f := forumtest.New(t, func(c *rules.Config) { c.GuestThread = rules.Lobby })
	for _, key := range []string{"", strings.Repeat("k", 65), "a\n", "\x7f", "é", "\xff"} {
		_, err := f.Service.Post(ctx, f.As("Yoda"), rules.Lobby, "hello", rules.Once(key))
		wants(t, err, forum.Invalid, "A key has 1 to 64 printable characters of ASCII; choose another.")
	}
	for _, key := range []string{"a b", strings.Repeat("~", 64)} {
		must[rules.Posted](t)(f.Service.Post(ctx, f.As("Yoda"), rules.Lobby, "hello", rules.Once(key)))
	}
	for _, nobody := range []rules.Actor{{User: forum.Guests, Name: "Wanda"}, rules.Operator()} {
		_, err := f.Service.Post(ctx, nobody, rules.Lobby, "hello", rules.Once("k"))
		wants(t, err, forum.Denied, "Only somebody with an account can do that.")
	}
}

// A person can use a bounded number of keys within a day.
func TestKeysOfOnceAreLimited(t *testing.T) {
	f := forumtest.New(t)
	yoda := f.As("Yoda")
	var group sync.WaitGroup
	for n := range 1000 {
		group.Go(func() {
			if _, err := f.Service.Post(ctx, yoda, rules.Lobby, "hello", rules.Once(fmt.Sprint(n))); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	f.Clock.Advance(time.Hour)
	_, err := f.Service.Post(ctx, yoda, rules.Lobby, "hello", rules.Once("one more"))
	wants(t, err, forum.Limited, "You have used 1,000 keys within a day, which is the most; try again in 23 h.")
	must[rules.Posted](t)(f.Service.Post(ctx, yoda, rules.Lobby, "hello", rules.Once("7")))
	must[rules.Posted](t)(f.Service.Post(ctx, yoda, rules.Lobby, "without"))
	f.Clock.Advance(23 * time.Hour)
	must[rules.Posted](t)(f.Service.Post(ctx, yoda, rules.Lobby, "hello", rules.Once("one more")))
	if got := receipts(t, f, yoda); !slices.Equal(got, []string{"one more"}) {
		t.Errorf("%d receipts are kept: %.3q", len(got), got)
	}
}

func TestReceiptsArePurged(t *testing.T) {
	f := forumtest.New(t)
	yoda, luke := f.As("Yoda"), f.As("Luke")
	for n := range 120 {
		must[rules.Delivery](t)(f.Service.SendPrivateMessage(ctx, yoda, "Luke", "hello", rules.Once(fmt.Sprint(n))))
	}
	f.Clock.Advance(time.Hour)
	must[rules.Delivery](t)(f.Service.SendPrivateMessage(ctx, luke, "Yoda", "hello", rules.Once("k")))
	f.Clock.Advance(23*time.Hour + time.Second)
	if err := f.Service.Purge(ctx); err != nil {
		t.Fatal(err)
	}
	if got := receipts(t, f, yoda); len(got) > 0 {
		t.Errorf("%d receipts are kept", len(got))
	}
	if got := receipts(t, f, luke); len(got) != 1 {
		t.Errorf("receipts that should be kept: %q", got)
	}
}

// receipts returns the keys of a person, oldest first.
func receipts(t testing.TB, f *forumtest.Forum, of rules.Actor) (keys []string) {
	t.Helper()
	err := f.Store.View(func(r forum.Reader) error {
		for id := range r.Receipts(of.User) {
			keys = append(keys, id.Key)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}
