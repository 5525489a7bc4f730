package storage

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/forum/search"
	"sshforum/forum/storetest"
)

// smallSegments are closed after a few short messages.
var smallSegments = indexOptions{documents: 3, bytes: 40}

// The index finds the same messages as a search through every message, after any changes of
// messages, threads and the index. The same changes make the same index.
func TestFindAgreesWithTheMessages(t *testing.T) {
	root := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		first, second := newFindModel(t, rt, root), newFindModel(t, rt, root)
		defer first.close()
		defer second.close()
		for n := range rapid.IntRange(1, 60).Draw(rt, "steps") {
			c := drawFindStep(rt, n)
			_, err := first.db.Submit(t.Context(), c)
			if _, again := second.db.Submit(t.Context(), c); (err == nil) != (again == nil) || forum.KindOf(err) == forum.Internal && err != nil {
				rt.Fatalf("step %d, %s: %v, again: %v", n, c.Kind(), err, again)
			}
			if rapid.IntRange(0, 9).Draw(rt, "then") == 0 {
				first.compare(drawQuery(rt))
			}
		}
		for range 5 {
			first.compare(drawQuery(rt))
		}
		if hash(t, first.db) != hash(t, second.db) {
			rt.Error("the same changes made another store")
		}
		first.rebuild()
		for range 3 {
			first.compare(drawQuery(rt))
		}
	})
}

type findModel struct {
	tb      testing.TB
	t       *rapid.T
	dir     string
	db      *DB
	service *rules.Service
}

func newFindModel(tb testing.TB, t *rapid.T, root string) *findModel {
	dir, err := os.MkdirTemp(root, "")
	if err != nil {
		t.Fatal(err)
	}
	m := &findModel{tb: tb, t: t, dir: dir}
	m.open()
	for _, c := range []forum.Change{
		storetest.AddUser("yoda"), storetest.AddUser("luke"), storetest.AddUser("vader"), storetest.AddThread("a"), storetest.AddThread("b"),
	} {
		if _, err := m.db.Submit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.service.Block(t.Context(), rules.Actor{User: 1}, "vader"); err != nil {
		t.Fatal(err)
	}
	return m
}

func (m *findModel) open() {
	db := openOrMake(m.t, m.dir, Options{index: smallSegments})
	m.db = db
	m.service = rules.New(rules.Config{Store: db, Journal: db, Hub: forum.NewHub(), Passwords: noPasswords{}, Clock: func() time.Time { return time.Unix(0, 0) }})
}

func (m *findModel) close() { storetest.CheckAndClose(m.tb, m.db) }

// rebuild lets the store open with an index of another version.
func (m *findModel) rebuild() {
	_, err := m.db.Submit(m.t.Context(), storetest.Write(func(tx forum.Tx) {
		tx.(interface{ spoilIndex() }).spoilIndex()
	}))
	if err != nil {
		m.t.Fatal(err)
	}
	if err := m.db.Close(); err != nil {
		m.t.Fatal(err)
	}
	m.open()
}

// spoilIndex reduces the index to what an older program might leave.
func (t *tx) spoilIndex() {
	t.putUint(metaBucket, []byte(indexVersionKey), indexVersion+1)
	t.put(indexBucket, []byte("no block"), []byte{1})
}

var (
	findWords   = rapid.SampledFrom([]string{"light", "saber", "dark", "side", "x"})
	findThreads = rapid.SampledFrom([]forum.ThreadID{1, 2, 3})
)

// purgeWhole purges a removed thread, a few rows at a time.
func purgeWhole(id forum.ThreadID) storetest.Change {
	return storetest.Write(func(tx forum.Tx) {
		if t, ok := tx.Thread(id); ok && t.Removed.Done() {
			for done := false; !done; {
				done = tx.PurgeThread(id, 2)
			}
		}
	})
}

func drawFindStep(t *rapid.T, n int) forum.Change {
	text := strings.Join(rapid.SliceOfN(findWords, 1, 5).Draw(t, "text"), " ")
	thread := findThreads.Draw(t, "thread")
	id := forum.MessageID{Thread: thread, Seq: rapid.Uint64Range(1, 10).Draw(t, "seq")}
	title := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "title")
	post := storetest.Post(thread, forum.UserID(rapid.IntRange(1, 3).Draw(t, "author")), text)
	c := rapid.SampledFrom([]storetest.Change{
		post, post, post, post, storetest.Edit(id, text), storetest.Edit(id, strings.Repeat(text+" ", 9)), storetest.Delete(id), storetest.Restore(id), storetest.PurgeMessage(id),
		storetest.AddThread(title), storetest.RemoveThread(thread), storetest.RestoreThread(thread, title), purgeWhole(thread),
		storetest.Write(func(tx forum.Tx) { tx.Reindex(uint64(n % 4)) }),
	}).Draw(t, "change")
	return c.Later(time.Duration(n) * time.Minute)
}

// drawQuery draws the words of a query.
func drawQuery(t *rapid.T) []string {
	words := rapid.SliceOfN(findWords, 0, 2).Draw(t, "words")
	if rapid.Bool().Draw(t, "phrase") {
		words = []string{strings.Join(rapid.SliceOfN(findWords, 2, 3).Draw(t, "phrase"), " ")}
	}
	filter := rapid.SampledFrom([]string{"", "author:yoda", "author:luke", "author:vader", "in:a"}).Draw(t, "filter")
	if filter != "" || len(words) == 0 {
		words = append(words, cmp.Or(filter, "author:luke"))
	}
	return words
}

// compare seeks by the index and by reading everything.
func (m *findModel) compare(words []string) {
	parsed, err := search.Parse(words)
	if err != nil {
		m.t.Fatal(err)
	}
	q := rules.Query{Query: parsed}
	start := time.Date(2024, 5, 17, 12, 0, 0, 0, time.UTC)
	if rapid.Bool().Draw(m.t, "timed") {
		q.After = start.Add(time.Duration(rapid.IntRange(0, 30).Draw(m.t, "after")) * time.Minute)
		q.Before = start.Add(time.Duration(rapid.IntRange(20, 60).Draw(m.t, "before")) * time.Minute)
	}
	want := m.naive(q, words)
	page := rules.Page{Size: rapid.IntRange(1, 5).Draw(m.t, "size"), Number: rapid.IntRange(1, 3).Draw(m.t, "page")}
	got, err := m.service.Find(m.t.Context(), rules.Actor{User: 1}, q, page)
	if forum.KindOf(err) == forum.NotFound { // the thread is removed
		return
	}
	if err != nil || got.Total != uint64(len(want)) || got.More {
		m.t.Fatalf("%q: %d found, %v, want %d", words, got.Total, err, len(want))
	}
	from := min(len(want), (page.Number-1)*page.Size)
	to := min(len(want), from+page.Size)
	ids := make([]forum.MessageID, len(got.Hits))
	for i, hit := range got.Hits {
		ids[i] = hit.Message.ID
	}
	if !slices.Equal(ids, want[from:to]) {
		m.t.Fatalf("%q, page %+v: %v, want %v", words, page, ids, want[from:to])
	}
}

// naive reads all messages that yoda may see, the last posted first.
func (m *findModel) naive(q rules.Query, words []string) (ids []forum.MessageID) {
	var all []forum.Message
	view(m.tb, m.db, func(r forum.Reader) {
		for thread := range r.Threads() {
			for message := range r.Entries(thread.ID, 0) {
				if (q.Thread == "" || q.Thread == thread.Title) && m.fits(r, message, q, words) {
					all = append(all, message)
				}
			}
		}
	})
	slices.SortFunc(all, func(a, b forum.Message) int {
		return cmp.Or(b.Posted.Compare(a.Posted), cmp.Compare(b.ID.Thread, a.ID.Thread), cmp.Compare(b.ID.Seq, a.ID.Seq))
	})
	for _, message := range all {
		ids = append(ids, message.ID)
	}
	return ids
}

func (m *findModel) fits(r forum.Reader, message forum.Message, q rules.Query, words []string) bool {
	author, _ := r.User(message.Author)
	if author.Name == "vader" || q.Author != "" && q.Author != author.Name ||
		!q.After.IsZero() && (message.Posted.Before(q.After) || !message.Posted.Before(q.Before)) {
		return false
	}
	for _, word := range words {
		if !strings.Contains(word, ":") && !strings.Contains(" "+message.Text+" ", " "+word+" ") {
			return false
		}
	}
	return true
}

// A segment is closed by the message that fills it, by number or by size, and the messages in
// it and around it are found.
func TestFullSegments(t *testing.T) {
	for name, test := range map[string]struct {
		messages, bytes, segments int
	}{
		"one less":          {1023, 10, 0},
		"by number":         {1024, 10, 1},
		"and one more":      {1025, 10, 1},
		"two":               {2048, 10, 2},
		"by size":           {17, 60_000, 0},
		"by size, one more": {18, 60_000, 1},
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t, t.TempDir(), Options{})
			do(t, db, storetest.AddThread("3331"))
			do(t, db, storetest.Write(func(tx forum.Tx) {
				for i := range test.messages {
					words := fmt.Sprint("all n", i, " ")
					text := words + strings.Repeat("y", max(0, test.bytes-len(words)))
					post := storetest.Post(1, 1, text)
					if _, err := post.Apply(silent{tx}); err != nil {
						t.Error(err)
					}
				}
			}))
			view(t, db, func(r forum.Reader) {
				if got := r.(*reader).openSegment() - firstSegment; got != uint64(test.segments) {
					t.Errorf("%d segments are closed, want %d", got, test.segments)
				}
				for word, want := range map[string]int{"all": test.messages, "n0": 1, fmt.Sprint("n", test.messages-1): 1, "nothing": 0} {
					n := 0
					for m := range r.Matches(forum.Sought{Terms: search.Terms(nil, word)}) {
						n += m.Count
					}
					if n != want {
						t.Errorf("%s is found %d times, want %d", word, n, want)
					}
				}
			})
		})
	}
}

// Errors in the index are found, and repaired by rebuilding it.
func TestReindex(t *testing.T) {
	db := openOrMake(t, t.TempDir(), Options{index: smallSegments})
	defer storetest.CheckAndClose(t, db)
	do(t, db, storetest.AddThread("3331"))
	for range 10 {
		do(t, db, storetest.Post(1, 1, "light saber"))
	}
	sound := hash(t, db)
	damage(t, db, func(tx *tx) {
		for _, k := range tx.keysWithPrefix(indexBucket, uintKey(firstSegment), 3) {
			tx.drop(indexBucket, k)
		}
		tx.put(indexBucket, indexKey(firstSegment+1, 5), []byte("no block"))
	})
	if err := db.Check(); err == nil || !strings.Contains(err.Error(), "run sshforum reindex to repair it") {
		t.Errorf("Check found %v", err)
	}
	mended := 0
	for part, parts := uint64(0), uint64(1); part < parts; part++ {
		do(t, db, storetest.Write(func(tx forum.Tx) {
			var wrong bool
			if wrong, parts = tx.Reindex(part); wrong {
				mended++
			}
		}))
	}
	if mended != 2 || hash(t, db) == sound {
		t.Errorf("%d parts were mended", mended) // the journal's number is another
	}
}

// silent is a Tx for many changes in one, which drops their events.
type silent struct{ forum.Tx }

func (silent) Publish(forum.Event) {}
