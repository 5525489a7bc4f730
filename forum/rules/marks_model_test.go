package rules_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// unreadModel counts what is unread the slow way: by a list of messages, each with who
// has read it.
type unreadModel struct {
	f       *forumtest.Forum
	visits  map[string]*rules.Visit
	threads map[string][]modelMessage
}

type modelMessage struct {
	author    string
	deleted   bool
	read      map[string]bool
	mentioned string // the only other one
}

func (m *unreadModel) unread(title, name string) (n uint64) {
	for _, message := range m.threads[title] {
		if !message.deleted && !message.read[name] {
			n++
		}
	}
	return n
}

// Counts are those of a naive count, whatever is posted, edited, deleted, restored and read,
// and what was read stays read, unless an edit mentions its reader anew; on a disk that is full now and then, and over a restart when it
// is no longer.
func TestUnreadCountsAreNaiveCounts(t *testing.T) {
	people := []string{"yoda", "luke"}
	rapid.Check(t, func(rt *rapid.T) {
		f := forumtest.New(t)
		m := &unreadModel{f: f, visits: make(map[string]*rules.Visit), threads: make(map[string][]modelMessage)}
		for _, name := range people {
			m.visits[name] = must[*rules.Visit](rt)(f.Service.Arrive(ctx, f.As(name), rules.Arrival{Reads: true}))
		}
		f.Clock.Advance(time.Second)
		titles := []string{"a", "b"}
		for _, title := range titles {
			must[forum.Thread](rt)(f.Service.CreateThread(ctx, f.As("leia"), title))
		}
		title, name := rapid.SampledFrom(titles), rapid.SampledFrom(people)
		seq := rapid.Uint64Range(1, 20)
		thread := func(title string) forum.ThreadID {
			return must[forum.Thread](rt)(f.Service.Thread(ctx, f.As("leia"), title)).ID
		}
		target := func(rt *rapid.T) (string, uint64, rules.Target) {
			in, at := title.Draw(rt, "title"), seq.Draw(rt, "seq")
			return in, at, rules.Target{Title: in, ID: forum.MessageID{Thread: thread(in), Seq: at}}
		}
		mod := f.AsRole("mace", forum.Moderator)
		full := false
		rt.Repeat(map[string]func(*rapid.T){
			"post": func(rt *rapid.T) {
				in, by := title.Draw(rt, "title"), name.Draw(rt, "by")
				if _, err := f.Service.Post(ctx, f.As(by), in, "text"); full != (err != nil) {
					rt.Fatalf("the disk is full: %v; %v", full, err)
				} else if full {
					return
				}
				m.threads[in] = append(m.threads[in], modelMessage{author: by, read: map[string]bool{by: true}})
			},
			"edit": func(rt *rapid.T) {
				in, at, what := target(rt)
				if at > uint64(len(m.threads[in])) {
					return
				}
				message := &m.threads[in][at-1]
				mentioned := rapid.SampledFrom([]string{"", people[0], people[1]}).Draw(rt, "mentioned")
				if _, err := f.Service.EditMessage(ctx, f.As(message.author), what, "to @"+mentioned); err != nil {
					return
				}
				if mentioned == message.author {
					mentioned = ""
				}
				if mentioned != message.mentioned {
					message.read[mentioned] = false
				}
				message.mentioned = mentioned
			},
			"delete": func(rt *rapid.T) {
				in, at, what := target(rt)
				if _, err := f.Service.DeleteMessage(ctx, mod, what); err == nil {
					m.threads[in][at-1].deleted = true
				}
			},
			"restore": func(rt *rapid.T) {
				in, at, what := target(rt)
				if _, err := f.Service.RestoreMessage(ctx, mod, what); err == nil {
					m.threads[in][at-1].deleted = false
				}
			},
			"read": func(rt *rapid.T) {
				in, by := title.Draw(rt, "title"), name.Draw(rt, "by")
				from := seq.Draw(rt, "from")
				to := min(from+rapid.Uint64Range(0, 3).Draw(rt, "more"), uint64(len(m.threads[in])))
				m.visits[by].MarkEntries(thread(in), from, to)
				m.read(in, by, from, to)
				if rapid.Bool().Draw(rt, "leaves") {
					if err := m.visits[by].Leave(ctx); err != nil {
						rt.Fatal(err)
					}
					m.visits[by] = must[*rules.Visit](rt)(f.Service.Arrive(ctx, f.As(by), rules.Arrival{Reads: true}))
				}
			},
			"catch up": func(rt *rapid.T) {
				in, by := title.Draw(rt, "title"), name.Draw(rt, "by")
				if _, err := f.Service.CatchUp(ctx, f.As(by), in); err == nil {
					m.read(in, by, 1, 1<<40)
				} else if !full {
					rt.Fatal(err)
				}
			},
			"fill or free the disk": func(*rapid.T) {
				full = !full
				f.SetFull(full)
			},
			"store what waits": func(rt *rapid.T) {
				if err := f.Service.StoreDeferred(ctx); err != nil && !full {
					rt.Fatal(err)
				}
			},
			"": m.compare,
		})
		f.SetFull(false)
		for _, v := range m.visits {
			if err := v.Leave(ctx); err != nil {
				rt.Fatal(err)
			}
		}
		if err := f.Service.StoreDeferred(ctx); err != nil {
			rt.Fatal(err)
		}
		f.Reopen()
		m.compare(rt)
	})
}

// read notes what somebody has seen.
func (m *unreadModel) read(title, name string, from, to uint64) {
	for i, message := range m.threads[title] {
		if seq := uint64(i) + 1; from <= seq && seq <= to {
			message.read[name] = true
		}
	}
}

func (m *unreadModel) compare(t *rapid.T) {
	for name := range m.visits {
		got := make(map[string]uint64)
		for _, u := range must[rules.News](t)(m.f.Service.News(ctx, m.f.As(name))).Threads {
			got[u.Thread.Title] = u.Messages
		}
		for title := range m.threads {
			if want := m.unread(title, name); got[title] != want {
				t.Fatalf("%s has %d unread in %s, want %d", name, got[title], title, want)
			}
		}
	}
}
