package rules_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

func withoutDuplicates(c *rules.Config) {
	c.DuplicatesWithin, c.GuestThread = 10*time.Minute, rules.Lobby
}

func TestDuplicatesAreRefused(t *testing.T) {
	const (
		short = "It is a trap."
		long  = "A text of forty characters is not long, but this one is."
	)
	guest := rules.Actor{User: forum.Guests, Name: "Wanda"}
	f := forumtest.New(t, withoutDuplicates)
	yoda, luke := f.As("Yoda"), f.As("Luke")
	must[forum.Thread](t)(f.Service.CreateThread(ctx, yoda, "other"))
	for _, test := range []struct {
		name  string
		after time.Duration
		by    rules.Actor
		title string
		text  string
		how   []rules.SendOption
		says  string
	}{
		{"the first", 0, yoda, rules.Lobby, short, nil, ""},
		{"again", 0, yoda, rules.Lobby, short, nil, "You posted this just now."},
		{"spelled in another way", 0, yoda, rules.Lobby, short + " \r\n", nil, "You posted this just now."},
		{"a minute later", time.Minute, yoda, rules.Lobby, short, nil, "You posted this a minute ago."},
		{"after a refusal", 2 * time.Minute, yoda, rules.Lobby, short, nil, "You posted this 3 minutes ago."},
		{"by another", 0, luke, rules.Lobby, short, nil, ""},
		{"elsewhere", 0, yoda, "other", short, nil, ""},
		{"another text", 0, yoda, rules.Lobby, short + "!", nil, ""},
		{"before the other text", 0, yoda, rules.Lobby, short, nil, "You posted this 3 minutes ago."},
		{"on purpose", 0, yoda, rules.Lobby, short, []rules.SendOption{rules.Again()}, ""},
		{"by mistake behind it", 0, yoda, rules.Lobby, short, nil, "You posted this just now."},
		{"under a key", 0, yoda, rules.Lobby, short, []rules.SendOption{rules.Once("k")}, ""},
		{"under the same key", 0, yoda, rules.Lobby, short, []rules.SendOption{rules.Once("k")}, ""},
		{"just before the end", 10*time.Minute - 1, yoda, rules.Lobby, short, nil, "You posted this 9 minutes ago."},
		{"at the end", 1, yoda, rules.Lobby, short, nil, ""},
		{"in a chat", 0, yoda, rules.Lobby, short, []rules.SendOption{rules.Casual()}, ""},
		{"long in a chat", 0, yoda, rules.Lobby, long, []rules.SendOption{rules.Casual()}, ""},
		{"long in a chat again", 0, yoda, rules.Lobby, long, []rules.SendOption{rules.Casual()}, "You posted this just now."},
		{"of forty characters", 0, yoda, rules.Lobby, strings.Repeat("é", 40), []rules.SendOption{rules.Casual()}, ""},
		{"of forty characters again", 0, yoda, rules.Lobby, strings.Repeat("é", 40), []rules.SendOption{rules.Casual()}, ""},
		{"by a guest", 0, guest, rules.Lobby, long, []rules.SendOption{rules.Casual()}, ""},
		{"by the guest again", 0, guest, rules.Lobby, long, []rules.SendOption{rules.Casual()}, "You posted this just now."},
	} {
		f.Clock.Advance(test.after)
		_, err := f.Service.Post(ctx, test.by, test.title, test.text, test.how...)
		switch {
		case test.says == "" && err != nil:
			t.Errorf("%s: %v", test.name, err)
		case test.says != "":
			t.Log(test.name)
			wants(t, err, forum.Conflict, test.says)
		}
	}
}

func TestRepliesAreDuplicatesOfTheSameMessageAlone(t *testing.T) {
	f := forumtest.New(t, withoutDuplicates)
	post(t, f, "Luke", rules.Lobby, "one", "two")
	reply := func(number uint64) error {
		_, err := f.Service.Reply(ctx, f.As("Yoda"), rules.Target{Title: rules.Lobby, Number: number}, "Thanks.")
		return err
	}
	for _, number := range []uint64{1, 2} {
		if err := reply(number); err != nil {
			t.Error(err)
		}
	}
	wants(t, reply(1), forum.Conflict, "You posted this just now.")
}

// What was refused was not posted, and what its author deleted is there no more.
func TestWhatIsNotThereHasNoDuplicate(t *testing.T) {
	f := forumtest.New(t, withoutDuplicates)
	yoda, boss := f.As("Yoda"), f.AsRole("Boss", forum.Moderator)
	_, err := f.Service.Post(ctx, yoda, "later", "hello")
	wants(t, err, forum.NotFound, "Thread later does not exist")
	must[forum.Thread](t)(f.Service.CreateThread(ctx, yoda, "later"))
	post(t, f, "Yoda", "later", "hello")
	must[rules.Posted](t)(f.Service.DeleteMessage(ctx, yoda, rules.Target{Title: "later", Number: 1}))
	answer := func() rules.Posted {
		return must[rules.Posted](t)(f.Service.Reply(ctx, yoda, rules.Target{Title: "later", Number: 1}, "hello"))
	}
	post(t, f, "Yoda", "later", "hello")
	must[rules.Posted](t)(f.Service.EditMessage(ctx, yoda, rules.Target{Title: "later", ID: answer().Message.ID}, "hello there"))
	must[rules.Posted](t)(f.Service.DeleteMessage(ctx, yoda, rules.Target{Title: "later", Number: 2}))
	answer()
	must[rules.Posted](t)(f.Service.DeleteMessage(ctx, boss, rules.Target{Title: "later", Number: 1}))
	_, err = f.Service.Post(ctx, yoda, "later", "hello")
	wants(t, err, forum.Conflict, "You posted this just now.")
}

func TestOfTwoAtOnceOneIsTheDuplicate(t *testing.T) {
	f := forumtest.New(t, withoutDuplicates)
	yoda := f.As("Yoda")
	var group sync.WaitGroup
	var refused atomic.Int32
	for range 16 {
		group.Go(func() {
			if _, err := f.Service.Post(ctx, yoda, rules.Lobby, "hello"); forum.KindOf(err) == forum.Conflict && err != nil {
				refused.Add(1)
			}
		})
	}
	group.Wait()
	if got := texts(t, f, rules.Lobby, rules.Range{}); len(got) != 1 || refused.Load() != 15 {
		t.Errorf("%d messages, %d refused", len(got), refused.Load())
	}
}
