package rules_test

import (
	"context"
	"iter"
	"log/slog"
	"maps"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
	"sshforum/storage"
	"sshforum/storage/boltfile"
)

// recorder is a journal that keeps what passes through it in its encoded form, and
// checks that a refused change leaves no trace.
type recorder struct {
	*storage.DB
	t       *rapid.T
	changes [][]byte
}

func (r *recorder) Submit(ctx context.Context, c forum.Change) (any, error) {
	encoded, err := rules.EncodeChange(c)
	if err != nil {
		r.t.Fatal(err)
	}
	r.changes = append(r.changes, encoded)
	before := stateHash(r.t, r.DB)
	result, err := r.DB.Submit(ctx, c)
	if err != nil && stateHash(r.t, r.DB) != before {
		r.t.Fatalf("%s was refused (%v) and left a trace", c.Kind(), err)
	}
	return result, err
}

func stateHash(t rapid.TB, db *storage.DB) [32]byte {
	t.Helper()
	hash, err := db.Hash()
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

// Any sequence of changes, encoded and decoded, gives the same state from scratch.
func TestReplayGivesTheSameState(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := forumtest.New(t, func(c *rules.Config) {
			c.Quotas = rules.Quotas{File: 40, Thread: 70, Person: 100, Total: 150, Texts: 200}
			c.MaxInline = rapid.SampledFrom([]int64{0, 10, forum.MaxInline}).Draw(rt, "most inline")
			c.GuestThread = "a"
			c.Registration, c.Inviters = rules.RegistrationInvite, rules.MembersInvite
		})
		rec := &recorder{DB: f.Store, t: rt}
		rules.Reconfigure(f.Service, func(c *rules.Config) { c.Journal = rec })
		f.Time = rules.NewClock(f.Clock.Machine, f.Store, rec, slog.New(slog.DiscardHandler))
		rules.Reconfigure(f.Service, func(c *rules.Config) { c.Clock, c.Steady = f.Time.Now, f.Time.Steady })
		people := []string{"Yoda", "Luke", "Leia"}
		actors := make([]rules.Actor, len(people))
		for i, name := range people {
			actors[i] = f.AsRole(name, forum.Role(i))
		}
		rapidActions{f: f, people: people, actors: actors}.run(rt)
		sweep(rt, f)
		checkContents(rt, f)

		dir := t.TempDir()
		if err := storage.Make(filepath.Join(dir, storage.FileName), boltfile.Mark{}); err != nil {
			rt.Fatal(err)
		}
		again, err := storage.Open(dir, storage.Options{EventsKept: 1000})
		if err != nil {
			rt.Fatal(err)
		}
		defer again.Close()
		replay(rt, again, rec.changes)
		if stateHash(rt, again) != stateHash(rt, f.Store) {
			rt.Errorf("replaying %d changes gave another state", len(rec.changes))
		}
		if err := again.Check(); err != nil {
			rt.Error(err)
		}
	})
}

// checkContents fails the test unless what the forum names of contents is there, whole,
// and nothing else is.
func checkContents(t *rapid.T, f *forumtest.Forum) {
	kept := make(map[forum.BlobID]bool)
	if err := f.Blobs.All(func(id forum.BlobID) bool { kept[id] = true; return true }); err != nil {
		t.Fatal(err)
	}
	err := f.Store.View(func(r forum.Reader) error {
		for folder := range folders() {
			for file := range r.Files(folder) {
				if size, err := size(f, r, file.Blob); err != nil || size != file.Size {
					t.Errorf("%s has %d bytes, want %d: %v", file.Name, size, file.Size, err)
				}
			}
		}
		for p := range r.Parts(forum.Folder{}) {
			if size, err := size(f, r, p.Blob); p.Whole && (err != nil || size != p.Size) {
				t.Errorf("%s of %d has %d bytes, want %d: %v", p.Name, p.Owner, size, p.Size, err)
			}
		}
		for id := range kept {
			if !r.BlobNamed(id) {
				t.Errorf("the content %s has no name", id)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// size returns the size of a content, in a blob or inline.
func size(f *forumtest.Forum, r forum.Reader, id forum.BlobID) (int64, error) {
	if content, ok := r.Inline(id); ok {
		return int64(len(content)), nil
	}
	return f.Blobs.Size(id)
}

// folders yields more folders than the test can have made.
func folders() iter.Seq[forum.Folder] {
	return func(yield func(forum.Folder) bool) {
		for id := range 100 {
			if !yield(forum.Folder{Thread: forum.ThreadID(id + 1)}) || !yield(forum.Folder{Inbox: forum.UserID(id + 1)}) {
				return
			}
		}
	}
}

// replay founds a forum and applies the encoded changes to it.
func replay(t *rapid.T, db *storage.DB, changes [][]byte) {
	clock := forumtest.NewClock()
	s := rules.New(rules.Config{Store: db, Journal: db, Hub: forum.NewHub(), Clock: clock.Now})
	if err := s.Found(ctx); err != nil {
		t.Fatal(err)
	}
	for _, encoded := range changes {
		c, err := rules.DecodeChange(encoded)
		if err != nil {
			t.Fatal(err)
		}
		_, err = db.Submit(ctx, c)
		if forum.KindOf(err) == forum.Internal && err != nil {
			t.Fatal(err)
		}
	}
}

// rapidActions does what people do, at random: much of it is refused.
type rapidActions struct {
	f      *forumtest.Forum
	people []string
	actors []rules.Actor // they, also once their accounts are closed
}

func (a rapidActions) run(t *rapid.T) { t.Repeat(a.all()) }

func (a rapidActions) all() map[string]func(*rapid.T) {
	s := a.f.Service
	titles := rapid.SampledFrom([]string{"a", "b", rules.Lobby})
	actor := func(t *rapid.T) rules.Actor {
		return rapid.SampledFrom(a.actors).Draw(t, "who")
	}
	target := func(t *rapid.T) rules.Target {
		if rapid.Bool().Draw(t, "by id") {
			id := forum.MessageID{
				Thread: forum.ThreadID(rapid.Uint64Range(1, 4).Draw(t, "thread id")),
				Seq:    rapid.Uint64Range(1, 6).Draw(t, "seq"),
			}
			return rules.Target{Title: titles.Draw(t, "title"), ID: id}
		}
		return rules.Target{Title: titles.Draw(t, "title"), Number: rapid.Uint64Range(1, 6).Draw(t, "number")}
	}
	text := rapid.SampledFrom([]string{"hello", "a longer\ntext", "日本語", "@Luke and @leia"})
	actions := map[string]func(*rapid.T){
		"create": func(t *rapid.T) { _, _ = s.CreateThread(ctx, actor(t), titles.Draw(t, "title")) },
		"remove": func(t *rapid.T) { _, _ = s.RemoveThread(ctx, actor(t), titles.Draw(t, "title")) },
		"revive": func(t *rapid.T) { _, _ = s.RestoreThread(ctx, actor(t), titles.Draw(t, "title"), "") },
		"post":   func(t *rapid.T) { _, _ = s.Post(ctx, actor(t), titles.Draw(t, "title"), text.Draw(t, "text")) },
		"post2":  func(t *rapid.T) { _, _ = s.Post(ctx, actor(t), titles.Draw(t, "title"), text.Draw(t, "text")) },
		"guest": func(t *rapid.T) {
			guest := rules.Actor{User: forum.Guests, Name: rapid.SampledFrom([]string{"Wanda", "luke"}).Draw(t, "guest")}
			_, _ = s.Post(ctx, guest, titles.Draw(t, "title"), text.Draw(t, "text"))
		},
		"once": func(t *rapid.T) {
			once := rules.Once(rapid.SampledFrom([]string{"k", "l"}).Draw(t, "key"))
			_, _ = s.Post(ctx, actor(t), titles.Draw(t, "title"), text.Draw(t, "text"), once)
			_, _ = s.CreateThread(ctx, actor(t), titles.Draw(t, "title"), once)
			_, _ = s.SendPrivateMessage(ctx, actor(t), "luke", text.Draw(t, "text"), once)
		},
		"edit":    func(t *rapid.T) { _, _ = s.EditMessage(ctx, actor(t), target(t), text.Draw(t, "text")) },
		"delete":  func(t *rapid.T) { _, _ = s.DeleteMessage(ctx, actor(t), target(t)) },
		"restore": func(t *rapid.T) { _, _ = s.RestoreMessage(ctx, actor(t), target(t)) },
		"role": func(t *rapid.T) {
			_, _ = s.SetRole(ctx, rules.Operator(), rapid.SampledFrom(a.people).Draw(t, "whom"), forum.Role(rapid.IntRange(0, 2).Draw(t, "role")))
		},
		"set": func(t *rapid.T) {
			_, _ = s.SetPreferences(ctx, actor(t), forum.Preferences{
				Plain: rapid.Bool().Draw(t, "plain"), Bell: rapid.SampledFrom([]string{"", "never"}).Draw(t, "bell"),
				NoPresence: rapid.Bool().Draw(t, "no presence"), Zone: rapid.SampledFrom([]string{"", "Asia/Tokyo"}).Draw(t, "zone"),
			})
		},
		"history": func(t *rapid.T) { _ = s.AddCommandHistory(ctx, actor(t), []string{"LST", "XIT"}) },
		"time": func(t *rapid.T) {
			a.f.Clock.Set(time.Duration(rapid.IntRange(-30*24*60, 40*24*60).Draw(t, "minutes")) * time.Minute)
			if err := a.f.Time.Start(ctx); err != nil {
				t.Fatal(err)
			}
		},
		"tick": func(t *rapid.T) {
			a.f.Clock.Set(10 * time.Minute)
			if err := a.f.Time.Keep(ctx); err != nil {
				t.Fatal(err)
			}
		},
		"set time": func(t *rapid.T) {
			if _, err := a.f.Time.Set(ctx, rules.Operator(), rapid.Bool().Draw(t, "anyway")); err != nil && forum.KindOf(err) != forum.Conflict {
				t.Fatal(err)
			}
		},
		"purge":   func(*rapid.T) { _ = s.Purge(ctx) },
		"reindex": func(*rapid.T) { _, _ = s.Reindex(ctx, rules.Operator(), 0) },
	}
	maps.Copy(actions, rapidModeration{s: s, actor: actor, title: titles, people: a.people}.actions())
	maps.Copy(actions, rapidFiles{s: s, actor: actor}.actions())
	maps.Copy(actions, rapidReading{s: s, actor: actor, target: target, title: titles}.actions())
	maps.Copy(actions, rapidHiding{s: s, actor: actor, target: target, title: titles}.actions())
	maps.Copy(actions, rapidPeople{s: s, actor: actor, target: target, visits: new([]*rules.Visit), codes: new([]string)}.actions())
	return actions
}

// rapidFiles does what people do with files. Contents themselves are no part of the
// state; what is known of them is.
type rapidFiles struct {
	s     *rules.Service
	actor func(*rapid.T) rules.Actor
}

func (a rapidFiles) actions() map[string]func(*rapid.T) {
	places := rapid.SampledFrom([]rules.Place{{Thread: "a"}, {Thread: "a"}, {Thread: rules.Lobby}, {Person: "Luke"}, {Own: true}})
	names := rapid.SampledFrom([]string{"x", "y", "x.filepart", ".x", "Yoda_x", "Luke_x"})
	return map[string]func(*rapid.T){
		"upload":     func(t *rapid.T) { a.upload(t, places.Draw(t, "place"), names.Draw(t, "name")) },
		"upload too": func(t *rapid.T) { a.upload(t, places.Draw(t, "place"), names.Draw(t, "name")) },
		"placeholder": func(t *rapid.T) {
			_, _ = a.s.Placeholder(ctx, a.actor(t), "a", names.Draw(t, "name"))
		},
		"remove file": func(t *rapid.T) {
			_ = a.s.RemoveFile(ctx, a.actor(t), places.Draw(t, "place"), names.Draw(t, "name"))
		},
		"rename file": func(t *rapid.T) {
			_ = a.s.RenameFile(ctx, a.actor(t), places.Draw(t, "place"), names.Draw(t, "name"), names.Draw(t, "to"), rapid.Bool().Draw(t, "replace"))
		},
		"touch file": func(t *rapid.T) {
			_ = a.s.SetModified(ctx, a.actor(t), places.Draw(t, "place"), names.Draw(t, "name"), time.Unix(rapid.Int64Range(0, 1<<32).Draw(t, "modified"), 0))
		},
		"remove empty": func(t *rapid.T) { _, _ = a.s.RemoveEmptyThread(ctx, a.actor(t), "a") },
		"sweep": func(t *rapid.T) {
			_ = a.s.Sweep(ctx, time.Duration(rapid.IntRange(0, 30).Draw(t, "hours"))*time.Hour)
		},
	}
}

// upload sends a file, which ends well, is cut off or is given up.
func (a rapidFiles) upload(t *rapid.T, at rules.Place, name string) {
	u, err := a.s.Upload(ctx, a.actor(t), at, name, rules.UploadOptions{
		Declared: rapid.Int64Range(0, 50).Draw(t, "declared"), Replace: rapid.Bool().Draw(t, "replace"),
		Keep: rapid.Bool().Draw(t, "keep"), Resume: rapid.Bool().Draw(t, "resume"),
	})
	if err != nil {
		return
	}
	content := rapid.SampledFrom([]string{"", "short", "as long as many are"}).Draw(t, "content")
	_, _ = u.WriteAt([]byte(content), rapid.Int64Range(0, 20).Draw(t, "offset"))
	if end := rapid.SampledFrom([]string{"complete", "complete", "cut", "give up"}).Draw(t, "end"); end == "complete" {
		_, _ = u.Complete(ctx)
	} else {
		_ = u.Leave(ctx, end == "cut")
	}
}

// rapidReading does what people do who read.
type rapidReading struct {
	s      *rules.Service
	actor  func(*rapid.T) rules.Actor
	target func(*rapid.T) rules.Target
	title  *rapid.Generator[string]
}

func (a rapidReading) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"level": func(t *rapid.T) {
			level := rapid.SampledFrom([]forum.Level{forum.Normal, forum.Watched, forum.Muted}).Draw(t, "level")
			_, _ = a.s.SetLevel(ctx, a.actor(t), a.title.Draw(t, "title"), level)
		},
		"reply":    func(t *rapid.T) { _, _ = a.s.Reply(ctx, a.actor(t), a.target(t), "yes, @yoda") },
		"catch up": func(t *rapid.T) { _, _ = a.s.CatchUp(ctx, a.actor(t), a.title.Draw(t, "title")) },
		"see": func(t *rapid.T) {
			v, err := a.s.Arrive(ctx, a.actor(t), rules.Arrival{Reads: true})
			if err != nil {
				return
			}
			from := rapid.Uint64Range(1, 9).Draw(t, "from")
			v.MarkEntries(forum.ThreadID(rapid.IntRange(1, 4).Draw(t, "thread")), from, from+rapid.Uint64Range(0, 2).Draw(t, "more"))
			if err := v.Leave(ctx); err != nil {
				t.Fatal(err)
			}
		},
	}
}

func TestDecodeChangeRefuses(t *testing.T) {
	for _, text := range []string{
		"", "null", "[]", `{"kind":"message.post","v":2,"fields":{}}`, `{"kind":"message.burn","v":1,"fields":{}}`,
		`{"kind":"message.post","v":1,"fields":[]}`, `{"kind":"message.post","v":1}`,
	} {
		if c, err := rules.DecodeChange([]byte(text)); err == nil {
			t.Errorf("%s was read as %+v", text, c)
		}
	}
}
