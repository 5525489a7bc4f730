package rules_test

import (
	"fmt"
	"iter"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// counted is a store that counts its views.
type counted struct {
	forum.Store
	views *atomic.Int64
}

func (c counted) View(fn func(forum.Reader) error) error {
	c.views.Add(1)
	return c.Store.View(fn)
}

// TestPagesOfLongTextsAreShort: what is read in one view is held in memory until it is shown,
// which are 5 texts of almost 64 KiB.
func TestPagesOfLongTextsAreShort(t *testing.T) {
	const all, aPage = 40, 5
	store := counted{views: new(atomic.Int64)}
	f := forumtest.New(t, func(c *rules.Config) {
		store.Store = c.Store
		c.Store = store
	})
	luke, s := f.As("Luke"), f.Service
	for n := range all {
		text := fmt.Sprint(n, " ", strings.Repeat("x", 65_000))
		post(t, f, "Yoda", rules.Lobby, text)
		must[rules.Delivery](t)(s.SendPrivateMessage(ctx, f.As("Yoda"), "Luke", text))
	}
	for name, read := range map[string]func() int{
		"a thread": func() int {
			return howMany(t, must[rules.Reading](t)(s.Read(ctx, luke, rules.Lobby, rules.Range{})).Entries)
		},
		"private messages": func() int {
			return howMany(t, must[rules.ConversationReading](t)(s.ReadConversation(ctx, luke, "Yoda", 0)).Messages)
		},
		"messages since": func() int {
			return howMany(t, must[iter.Seq2[rules.Posted, error]](t)(s.ReadSince(ctx, luke, time.Time{})))
		},
		"what followers missed": func() (n int) {
			for events, err := range s.Follow(ctx, luke, []string{rules.Lobby}, 1, true) {
				if n += len(events); err != nil || n == all {
					break
				}
			}
			return n
		},
	} {
		store.views.Store(0)
		if got, views := read(), store.views.Load(); got != all || views < all/aPage {
			t.Errorf("%s: %d texts in %d views", name, got, views)
		}
	}
}

func howMany[T any](t *testing.T, all iter.Seq2[T, error]) (n int) {
	t.Helper()
	for _, err := range all {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}
