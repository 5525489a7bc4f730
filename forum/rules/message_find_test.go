package rules_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
	"sshforum/forum/search"
)

// find searches as somebody and returns the messages found as lines.
func find(t testing.TB, f *forumtest.Forum, who string, words ...string) (lines []string) {
	t.Helper()
	for _, h := range seek(t, f, who, rules.Page{Size: 20, Number: 1}, words...).Hits {
		lines = append(lines, fmt.Sprintf("%s %s", h.Thread.Title, line(h.Number, h.Author, h.Excerpt.Text)))
	}
	return lines
}

func seek(t testing.TB, f *forumtest.Forum, who string, page rules.Page, words ...string) rules.Found {
	t.Helper()
	q := must[search.Query](t)(search.Parse(words))
	return must[rules.Found](t)(f.Service.Find(ctx, f.As(who), rules.Query{Query: q}, page))
}

func wantLines(t testing.TB, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Messages are found by their present text only.
func TestFindFollowsMessages(t *testing.T) {
	f := forumtest.New(t)
	post(t, f, "yoda", rules.Lobby, "a light saber", "another saber")
	wantLines(t, find(t, f, "luke", "Saber"), "lobby 2 yoda: another saber", "lobby 1 yoda: a light saber")
	wantLines(t, find(t, f, "luke", "saber", "light"), "lobby 1 yoda: a light saber")
	first := rules.Target{Title: rules.Lobby, Number: 1}
	must[rules.Posted](t)(f.Service.EditMessage(ctx, f.As("yoda"), first, "a dark saber"))
	wantLines(t, find(t, f, "luke", "light"))
	wantLines(t, find(t, f, "luke", "dark"), "lobby 1 yoda: a dark saber")
	must[rules.Posted](t)(f.Service.DeleteMessage(ctx, f.As("yoda"), first))
	wantLines(t, find(t, f, "luke", "saber"), "lobby 1 yoda: another saber")
	must[rules.Posted](t)(f.Service.RestoreMessage(ctx, f.As("yoda"), rules.Target{Title: rules.Lobby, ID: forum.MessageID{Thread: 1, Seq: 1}}))
	wantLines(t, find(t, f, "luke", "saber", "dark"), "lobby 1 yoda: a dark saber")
}

// A message that somebody may not see is neither shown to them nor counted.
func TestFindHides(t *testing.T) {
	f := forumtest.New(t)
	must[forum.Thread](t)(f.Service.CreateThread(ctx, f.As("yoda"), "3331"))
	post(t, f, "yoda", "3331", "a saber")
	post(t, f, "vader", rules.Lobby, "my saber")
	must[forum.User](t)(f.Service.Block(ctx, f.As("luke"), "vader"))
	wantLines(t, find(t, f, "luke", "saber"), "3331 1 yoda: a saber")
	wantLines(t, find(t, f, "luke", "author:vader"))
	wantLines(t, find(t, f, "vader", "saber"), "lobby 1 vader: my saber", "3331 1 yoda: a saber")
	must[forum.Thread](t)(f.Service.RemoveThread(ctx, f.As("yoda"), "3331"))
	wantLines(t, find(t, f, "vader", "saber"), "lobby 1 vader: my saber")
	if got := seek(t, f, "luke", rules.Page{Size: 1, Number: 1}, "saber"); got.Total != 0 || len(got.Hits) != 0 {
		t.Errorf("%+v", got)
	}
	must[forum.Thread](t)(f.Service.RestoreThread(ctx, f.As("yoda"), "3331", "9331"))
	wantLines(t, find(t, f, "luke", "saber"), "9331 1 yoda: a saber")
}

// The line of an uploaded file is found by the file's name, also after a renaming.
func TestFindFiles(t *testing.T) {
	f := forumtest.New(t)
	post(t, f, "yoda", rules.Lobby, "see report.pdf")
	lobby := rules.Place{Thread: rules.Lobby}
	upload(t, f, "luke", lobby, "report.pdf", "content")
	wantLines(t, find(t, f, "yoda", "report", "has:file"), "lobby 0 luke: report.pdf")
	wantLines(t, find(t, f, "yoda", "report.pdf"), "lobby 0 luke: report.pdf", "lobby 1 yoda: see report.pdf")
	if err := f.Service.RenameFile(ctx, f.As("luke"), lobby, "report.pdf", "plan.pdf", false); err != nil {
		t.Fatal(err)
	}
	wantLines(t, find(t, f, "yoda", "report", "has:file"))
	wantLines(t, find(t, f, "yoda", "has:file"), "lobby 0 luke: plan.pdf")
	if err := f.Service.RemoveFile(ctx, f.As("luke"), lobby, "plan.pdf"); err != nil {
		t.Fatal(err)
	}
	wantLines(t, find(t, f, "yoda", "has:file"))
}

func TestFindPages(t *testing.T) {
	f := forumtest.New(t)
	for i := range 25 {
		post(t, f, "yoda", rules.Lobby, fmt.Sprint("a light saber n", i))
	}
	for _, words := range [][]string{{"saber"}, {"light saber"}} {
		for _, test := range []struct {
			page        rules.Page
			first, last string
			hits        int
		}{
			{rules.Page{Size: 10, Number: 1}, "n24", "n15", 10},
			{rules.Page{Size: 10, Number: 3}, "n4", "n0", 5},
			{rules.Page{Size: 10, Number: 4}, "", "", 0},
			{rules.Page{Size: rules.MaxPage, Number: 1}, "n24", "n0", 25},
			{rules.Page{Size: rules.MaxPage, Number: 1<<31 - 1}, "", "", 0},
		} {
			got := seek(t, f, "luke", test.page, words...)
			if got.Total != 25 || got.More || len(got.Hits) != test.hits {
				t.Errorf("%q, %+v: %d of %d, more: %v", words, test.page, len(got.Hits), got.Total, got.More)
			} else if n := len(got.Hits); n > 0 && (!strings.HasSuffix(got.Hits[0].Message.Text, test.first) || !strings.HasSuffix(got.Hits[n-1].Message.Text, test.last)) {
				t.Errorf("%q, %+v: from %q to %q", words, test.page, got.Hits[0].Message.Text, got.Hits[n-1].Message.Text)
			}
		}
	}
}

// If very many messages may have a phrase, only some are read, and the result says so.
func TestFindLooksAtEnough(t *testing.T) {
	f := forumtest.New(t)
	for i := range 2003 {
		post(t, f, "yoda", rules.Lobby, []string{"saber light", "light saber"}[min(1, i%1000)])
	}
	got := seek(t, f, "luke", rules.Page{Size: 20, Number: 1}, "saber light")
	if !got.More || got.Total != 2 || len(got.Hits) != 2 {
		t.Errorf("%d found, more: %v", got.Total, got.More)
	}
}

func TestFindTimes(t *testing.T) {
	f := forumtest.New(t)
	for i := range 5 {
		f.Clock.Advance(time.Hour)
		post(t, f, "yoda", rules.Lobby, fmt.Sprint("saber ", i))
	}
	q := rules.Query{Query: must[search.Query](t)(search.Parse([]string{"saber"}))}
	q.After, q.Before = f.Clock.Now().Add(-3*time.Hour), f.Clock.Now()
	got := must[rules.Found](t)(f.Service.Find(ctx, f.As("luke"), q, rules.Page{Size: 20, Number: 1}))
	if got.Total != 3 || got.Hits[0].Message.Text != "saber 3" || got.Hits[2].Message.Text != "saber 1" {
		t.Errorf("%+v", got)
	}
}

func TestFindRefuses(t *testing.T) {
	f := forumtest.New(t)
	f.As("yoda")
	for says, words := range map[string][]string{
		"There is no account nobody2.": {"author:nobody2"},
		"Thread 9331 does not exist":   {"in:9331", "saber"},
	} {
		q := must[search.Query](t)(search.Parse(words))
		_, err := f.Service.Find(ctx, f.As("yoda"), rules.Query{Query: q}, rules.Page{Size: 20, Number: 1})
		wants(t, err, forum.NotFound, says)
	}
	for _, page := range []rules.Page{{}, {Size: 1}, {Number: 1}, {Size: rules.MaxPage + 1, Number: 1}, {Size: 1, Number: 1 << 31}} {
		_, err := f.Service.Find(ctx, f.As("yoda"), rules.Query{}, page)
		wants(t, err, forum.Invalid, "A page has 1 to 1,000 messages, and the first is number 1.")
	}
	_, err := f.Service.Reindex(ctx, f.AsRole("windu", forum.Moderator), 0)
	wants(t, err, forum.Denied, "Only an admin can make the search index anew.")
}

// A search that takes too long ends early with its results so far, and says so.
func TestASearchThatTakesLongEndsEarly(t *testing.T) {
	for name, words := range map[string][]string{"words": {"hello"}, "a phrase": {"hello to all"}} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int64 // how often the time was asked for
			f := forumtest.New(t, func(c *rules.Config) {
				c.Steady = func() time.Time { return time.Unix(0, 0).Add(time.Duration(asked.Add(1)) * 100 * time.Millisecond) }
			})
			for range 30 {
				post(t, f, "yoda", rules.Lobby, "hello to all")
			}
			got := seek(t, f, "luke", rules.Page{Size: 1000, Number: 1}, words...)
			if !got.Early || !got.More || len(got.Hits) == 0 || len(got.Hits) > 10 {
				t.Errorf("%d hits, early %v, more %v", len(got.Hits), got.Early, got.More)
			}
			asked.Store(0)
			if got := seek(t, f, "luke", rules.Page{Size: 2, Number: 1}, "hello"); got.Early || got.More || got.Total != 30 || len(got.Hits) != 2 {
				t.Errorf("of a short one %d hits of %d, early %v, more %v", len(got.Hits), got.Total, got.Early, got.More)
			}
		})
	}
}

// viewed is a store that counts the views under way at once.
type viewed struct {
	forum.Store
	now, most *atomic.Int64
}

func (v viewed) View(fn func(forum.Reader) error) error {
	n := v.now.Add(1)
	defer v.now.Add(-1)
	for most := v.most.Load(); n > most && !v.most.CompareAndSwap(most, n); most = v.most.Load() {
	}
	return v.Store.View(fn)
}

// Searches wait for each other, so that many searches leave processors to other requests.
func TestSearchesWaitForEachOther(t *testing.T) {
	store := viewed{now: new(atomic.Int64), most: new(atomic.Int64)}
	f := forumtest.New(t, func(c *rules.Config) {
		store.Store = c.Store
		c.Store = store
	})
	post(t, f, "yoda", rules.Lobby, slices.Repeat([]string{"hello"}, 100)...)
	luke := f.As("luke")
	q := must[search.Query](t)(search.Parse([]string{"hello"}))
	store.most.Store(0)
	var searches sync.WaitGroup
	for range 40 {
		searches.Go(func() {
			_, err := f.Service.Find(ctx, luke, rules.Query{Query: q}, rules.Page{Size: 100, Number: 1})
			if err != nil {
				t.Error(err)
			}
		})
	}
	searches.Wait()
	if most, want := store.most.Load(), int64(max(1, runtime.GOMAXPROCS(0)/2)); most > want {
		t.Errorf("%d searches at once, want %d at most", most, want)
	}
	stopped, stop := context.WithCancel(ctx)
	stop()
	if _, err := f.Service.Find(stopped, luke, rules.Query{Query: q}, rules.Page{Size: 1, Number: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("one that is given up is answered %v", err)
	}
}
