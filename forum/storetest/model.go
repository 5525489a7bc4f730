package storetest

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sshforum/forum"
)

// model is the forum as plain slices. Index i of a slice has the id i+1.
type model struct {
	threads  []modelThread
	removals []forum.MessageID // in the order they were made
}

type modelThread struct {
	title         string
	removed, gone bool
	entries       []modelEntry
}

type modelEntry struct {
	versions      []string
	deleted, gone bool
}

// step is one drawn change.
type step struct {
	act    string
	thread int
	entry  int
	title  string
}

var acts = []string{
	"thread", "post", "post", "post", "post", "edit", "delete", "delete", "restore",
	"remove thread", "restore thread", "purge", "purge thread",
}

func drawStep(t *rapid.T) step {
	return step{
		act:    rapid.SampledFrom(acts).Draw(t, "act"),
		thread: rapid.IntRange(1, 4).Draw(t, "thread"),
		entry:  rapid.IntRange(1, 8).Draw(t, "entry"),
		title:  rapid.SampledFrom([]string{"a", "ab", "b"}).Draw(t, "title"),
	}
}

func (s step) id() forum.MessageID {
	return forum.MessageID{Thread: forum.ThreadID(s.thread), Seq: uint64(s.entry)}
}

func (s step) change(n int) Change {
	id, text := s.id(), fmt.Sprint("text ", n)
	changes := map[string]Change{
		"thread":         AddThread(s.title),
		"post":           Post(id.Thread, 1, text),
		"edit":           Edit(id, text),
		"delete":         Delete(id),
		"restore":        Restore(id),
		"remove thread":  RemoveThread(id.Thread),
		"restore thread": RestoreThread(id.Thread, s.title),
		"purge":          PurgeMessage(id),
		"purge thread":   PurgeThread(id.Thread, 1000),
	}
	return changes[s.act].Later(time.Duration(n) * time.Second)
}

// apply does to the model what step n does, and reports whether it happens.
func (m *model) apply(s step, n int) bool {
	if s.act == "thread" {
		if m.taken(s.title) {
			return false
		}
		m.threads = append(m.threads, modelThread{title: s.title})
		return true
	}
	if s.thread > len(m.threads) || m.threads[s.thread-1].gone {
		return false
	}
	t := &m.threads[s.thread-1]
	switch s.act {
	case "post":
		if t.removed {
			return false
		}
		t.entries = append(t.entries, modelEntry{versions: []string{fmt.Sprint("text ", n)}})
	case "remove thread":
		if t.removed {
			return false
		}
		t.removed = true
		m.removals = append(m.removals, forum.MessageID{Thread: forum.ThreadID(s.thread)})
	case "restore thread":
		if !t.removed || m.taken(s.title) {
			return false
		}
		t.title, t.removed = s.title, false
		m.forget(forum.MessageID{Thread: forum.ThreadID(s.thread)})
	case "purge thread":
		if !t.removed {
			return false
		}
		*t = modelThread{gone: true}
		m.removals = slices.DeleteFunc(m.removals, func(id forum.MessageID) bool { return int(id.Thread) == s.thread })
	default:
		return m.applyToEntry(t, s, n)
	}
	return true
}

func (m *model) applyToEntry(t *modelThread, s step, n int) bool {
	if s.entry > len(t.entries) || t.removed && s.act != "purge" {
		return false
	}
	e := &t.entries[s.entry-1]
	if e.gone || e.deleted != (s.act == "restore" || s.act == "purge") {
		return false
	}
	switch s.act {
	case "edit":
		e.versions = append(e.versions, fmt.Sprint("text ", n))
	case "delete":
		e.deleted = true
		m.removals = append(m.removals, s.id())
	case "restore":
		e.deleted = false
		m.forget(s.id())
	case "purge":
		*e = modelEntry{gone: true}
		m.forget(s.id())
	}
	return true
}

func (m *model) taken(title string) bool {
	return slices.ContainsFunc(m.threads, func(t modelThread) bool { return !t.gone && !t.removed && t.title == title })
}

func (m *model) forget(id forum.MessageID) {
	m.removals = slices.DeleteFunc(m.removals, func(r forum.MessageID) bool { return r == id })
}

// compare reports where a reader disagrees with the model.
func (m *model) compare(r forum.Reader, fail func(format string, args ...any)) {
	for _, title := range []string{"a", "ab", "b"} {
		if got, ok := r.ThreadByTitle(title); ok != m.taken(title) || ok && got.Title != title {
			fail("ThreadByTitle(%q): %+v, %v", title, got, ok)
		}
	}
	removals := slices.Collect(r.Removals(noon.Add(time.Hour)))
	if !slices.Equal(removals, m.removals) {
		fail("Removals: %v, want %v", removals, m.removals)
	}
	for i, t := range m.threads {
		id := forum.ThreadID(i + 1)
		got, ok := r.Thread(id)
		if ok == t.gone || got.Removed.Done() != t.removed || got.Title != t.title || got.Last != uint64(len(t.entries)) {
			fail("Thread %d: %+v, %v, want %+v", id, got, ok, t)
		}
		t.compare(r, id, fail)
	}
}

func (t modelThread) compare(r forum.Reader, thread forum.ThreadID, fail func(format string, args ...any)) {
	var live []forum.MessageID
	for i, e := range t.entries {
		id := forum.MessageID{Thread: thread, Seq: uint64(i) + 1}
		m, ok := r.Message(id)
		if ok == e.gone || m.Removed.Done() != e.deleted || ok && m.Text != e.versions[len(e.versions)-1] {
			fail("Message %s: %+v, %v, want %+v", id, m, ok, e)
		}
		if edits := r.Edits(id); len(edits) != max(0, len(e.versions)-1) {
			fail("Edits %s: %v, want %+v", id, edits, e)
		}
		if e.gone || e.deleted {
			if n, ok := r.Number(id); ok {
				fail("Number of %s, which is deleted: %d", id, n)
			}
			continue
		}
		live = append(live, id)
		if n, ok := r.Number(id); !ok || n != uint64(len(live)) {
			fail("Number of %s: %d, %v, want %d", id, n, ok, len(live))
		}
	}
	t.compareRanks(r, thread, fail)
	for i, id := range live {
		if got, ok := r.MessageAt(thread, uint64(i)+1); !ok || got != id {
			fail("MessageAt %d: %s, %v, want %s", i+1, got, ok, id)
		}
	}
	if got, ok := r.MessageAt(thread, uint64(len(live))+1); ok {
		fail("MessageAt behind the last: %s", got)
	}
	entries := slices.Collect(r.Entries(thread, 0))
	if !slices.EqualFunc(entries, live, func(m forum.Message, id forum.MessageID) bool { return m.ID == id }) {
		fail("Entries of %d: %v, want %v", thread, entries, live)
	}
}

// testModel gives any sequence of changes to the store and to a model of it, and what
// happened of it to a second store, which must come to the same hash.
func testModel(t *testing.T, open Open) {
	root := t.TempDir()
	fresh := func(rt *rapid.T) Store {
		dir, err := os.MkdirTemp(root, "")
		if err != nil {
			rt.Fatal(err)
		}
		return open(t, dir, Options{EventsKept: 5})
	}
	rapid.Check(t, func(rt *rapid.T) {
		first, second := fresh(rt), fresh(rt)
		defer CheckAndClose(t, first)
		defer CheckAndClose(t, second)
		var m model
		for n, s := range rapid.SliceOfN(rapid.Custom(drawStep), 1, 40).Draw(rt, "steps") {
			want := m.apply(s, n)
			before, _ := first.Hash()
			_, err := first.Submit(t.Context(), s.change(n))
			if (err == nil) != want {
				rt.Fatalf("step %d, %+v: %v, want it to happen: %v", n, s, err, want)
			}
			if after, _ := first.Hash(); err != nil && after != before {
				rt.Fatalf("step %d, %+v was refused and left a trace", n, s)
			}
			if err == nil {
				if _, err := second.Submit(t.Context(), s.change(n)); err != nil {
					rt.Fatalf("step %d, %+v, done again: %v", n, s, err)
				}
			}
			err = first.View(func(r forum.Reader) error {
				m.compare(r, rt.Errorf)
				return nil
			})
			if err != nil {
				rt.Fatal(err)
			}
		}
		a, errA := first.Hash()
		b, errB := second.Hash()
		if a != b || errA != nil || errB != nil {
			rt.Fatalf("the same changes gave two states: %x, %v and %x, %v", a, errA, b, errB)
		}
	})
}
