package storage

import (
	"bytes"
	"encoding/hex"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sshforum/forum"
	"sshforum/forum/storetest"
)

// TestRowBytes pins the form of every row: files written today are read for ever.
func TestRowBytes(t *testing.T) {
	at := time.Unix(1_700_000_000, 7)
	removed := forum.Removal{By: 3, At: at}
	for name, test := range map[string]struct {
		row  any
		want string
	}{
		"user":        {newUserRow(forum.User{Name: "Yoda", Role: forum.Admin, Created: at, Closed: at}), "a40164596f64610202031b17979cfe362a0007041b17979cfe362a0007"},
		"key":         {[]keyRow{newKeyRow(forum.Key{Blob: []byte{1, 2}, Comment: "laptop", Added: at})}, "81a30142010202666c6170746f70031b17979cfe362a0007"},
		"preferences": {newPreferencesRow(forum.Preferences{Plain: true, Color: "off", Bell: "all", NoPresence: true, Zone: "UTC"}), "a501f502636f66660363616c6c04f50563555443"},
		"history":     {[]string{"LST", "XIT"}, "82634c535463584954"},
		"thread": {newThreadRow(forum.Thread{
			Title: "3331", Creator: 1, Created: at, Active: at, Messages: 2, Last: 300, Shifts: 4, Removed: removed,
		}), "a90164333333310201031b17979cfe362a0007041b17979cfe362a000705020619012c07040803091b17979cfe362a0007"},
		"message": {newMessageRow(forum.Message{Author: 1, Text: "hi", Posted: at, Edited: at, Edits: 2, Removed: removed}), "a7010102626869031b17979cfe362a0007041b17979cfe362a000705020603071b17979cfe362a0007"},
		"edit":    {newEditRow(forum.Edit{Text: "hi", Until: at}), "a201626869021b17979cfe362a0007"},
		"event": {newEventRow(forum.Event{
			At: at, Kind: forum.MessagePosted, Actor: 1, Name: "Yoda", Thread: 2, Title: "3331",
			Message: forum.MessageID{Thread: 2, Seq: 9}, Number: 5, Text: "left out",
		}), "a9011b17979cfe362a0007026e6d6573736167652e706f7374656403010464596f64610502066433333331070208090905"},
		"audit": {newAuditRow(forum.AuditEntry{
			At: at, By: 1, ByName: "mace", Act: "user.silence", Object: "user 4", Name: "luke", Value: "v", Reason: "loud", Until: at,
			Previous: forum.AuditHash{1}, Hash: forum.AuditHash{2},
		}), "ab011b17979cfe362a0007020103646d616365046c757365722e73696c656e6365056675736572203406646c756b6507617608646c6f7564091b17979cfe362a00070a582001000000000000000000000000000000000000000000000000000000000000000b58200200000000000000000000000000000000000000000000000000000000000000"},
		"empty": {newMessageRow(forum.Message{}), "a0"},
	} {
		got, err := encoder.Marshal(test.row)
		if err != nil || hex.EncodeToString(got) != test.want {
			t.Errorf("%s: %x, %v, want %s", name, got, err, test.want)
		}
	}
}

// moment draws the times a row can hold: any but the instant that stands for none.
func moment() *rapid.Generator[time.Time] {
	return rapid.Map(rapid.Int64(), fromNanos)
}

// foreignMoment draws the times that a row of a file can hold: any, and none.
func foreignMoment() *rapid.Generator[time.Time] {
	return rapid.OneOf(moment(), rapid.SampledFrom([]time.Time{{}, time.Unix(0, 0).UTC()}))
}

func TestTimesThatNanosecondsCannotCount(t *testing.T) {
	for at, want := range map[time.Time]int64{
		{}: 0, time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC): math.MinInt64, time.Date(1500, 1, 1, 0, 0, 0, 0, time.UTC): math.MinInt64,
		time.Unix(0, math.MinInt64): math.MinInt64, time.Unix(0, -1): -1, time.Unix(0, math.MaxInt64): math.MaxInt64,
		time.Date(2500, 1, 1, 0, 0, 0, 0, time.UTC): math.MaxInt64, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC): math.MaxInt64,
	} {
		if got := toNanos(at); got != want {
			t.Errorf("%v is %d, want %d", at, got, want)
		}
	}
}

func there[V any, Row any](t *rapid.T, v V, row Row, back func(Row) V) {
	t.Helper()
	b, err := encoder.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	var read Row
	if err := decoder.Unmarshal(b, &read); err != nil {
		t.Fatal(err)
	}
	again, _ := encoder.Marshal(read)
	if !bytes.Equal(b, again) {
		t.Fatalf("%x was written again as %x", b, again)
	}
	clear(b) // the file's memory is not the row's
	if diff := cmp.Diff(v, back(read)); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
}

// TestRowsComeBack writes and reads rows of any values, among them text that is not
// UTF-8, which is not the store's to refuse.
func TestRowsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })
		id := rapid.Uint64()
		draw := func(g *rapid.Generator[uint64], name string) uint64 { return g.Draw(t, name) }
		removal := forum.Removal{By: forum.UserID(draw(id, "by")), At: moment().Draw(t, "removed")}
		u := forum.User{
			ID: 1, Name: text.Draw(t, "name"), Role: forum.Role(rapid.Uint8().Draw(t, "role")),
			Created: moment().Draw(t, "created"), Closed: moment().Draw(t, "closed"),
			Silenced: forum.Sanction{By: removal.By, Since: removal.At, Until: moment().Draw(t, "until"), Reason: text.Draw(t, "reason")},
		}
		there(t, u, newUserRow(u), func(r userRow) forum.User { return r.user(1) })
		k := forum.Key{Blob: []byte(text.Draw(t, "blob") + "x"), Comment: u.Name, Added: u.Created}
		there(t, k, newKeyRow(k), keyRow.key)
		p := forum.Preferences{
			Plain: rapid.Bool().Draw(t, "plain"), Color: u.Name, Bell: text.Draw(t, "bell"),
			NoPresence: rapid.Bool().Draw(t, "no presence"), Zone: text.Draw(t, "zone"),
		}
		there(t, p, newPreferencesRow(p), preferencesRow.preferences)
		th := forum.Thread{
			ID: 2, Title: u.Name, Creator: removal.By, Created: u.Created, Active: u.Closed,
			Messages: draw(id, "messages"), Last: draw(id, "last"), Shifts: draw(id, "shifts"), Removed: removal,
			Pinned: p.Plain, Locked: p.NoPresence, LockReason: p.Bell, Slow: time.Duration(rapid.Int64().Draw(t, "slow")), GuestPosted: u.Created,
		}
		there(t, th, newThreadRow(th), func(r threadRow) forum.Thread { return r.thread(2) })
		m := forum.Message{
			ID: forum.MessageID{Thread: 2, Seq: 3}, Author: removal.By, Text: text.Draw(t, "text"),
			Posted: u.Created, Edited: u.Closed, Edits: rapid.Uint32().Draw(t, "edits"), Removed: removal,
		}
		there(t, m, newMessageRow(m), func(r messageRow) forum.Message { return r.message(m.ID) })
		e := forum.Edit{Text: m.Text, Until: m.Posted}
		there(t, e, newEditRow(e), editRow.edit)
		ev := forum.Event{
			Seq: 4, At: m.Posted, Kind: forum.EventKind(u.Name), Actor: m.Author, Name: m.Text, Thread: 9, Title: u.Name,
			Message: forum.MessageID{Thread: forum.ThreadID(draw(id, "in")), Seq: draw(id, "seq")}, Number: draw(id, "number"),
		}
		there(t, ev, newEventRow(ev), func(r eventRow) forum.Event { return r.event(4) })
		a := forum.AuditEntry{
			N: 5, At: u.Created, By: m.Author, ByName: u.Name, Act: forum.AuditAct(p.Bell), Object: m.Text, Name: p.Zone,
			Value: p.Color, Reason: u.Silenced.Reason, Until: u.Closed, Previous: forum.AuditHash{1},
		}
		a.Hash = a.Sum()
		there(t, a, newAuditRow(a), func(r auditRow) forum.AuditEntry { return r.entry(5) })
		if read := newAuditRow(a).entry(5); read.Sum() != a.Hash {
			t.Fatalf("%+v has another hash once it was stored", a)
		}
	})
}

// TestFileRowsComeBack is the same of files and of uploads that are not complete.
func TestFileRowsComeBack(t *testing.T) {
	in := forum.Folder{Thread: 2}
	rapid.Check(t, func(t *rapid.T) {
		blob := func(name string) (id forum.BlobID) {
			copy(id[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, name))
			return id
		}
		f := forum.File{
			Folder: in, Name: "a", Line: rapid.Uint64().Draw(t, "line"), From: forum.UserID(rapid.Uint64().Draw(t, "from")),
			Blob: blob("blob"), Size: rapid.Int64().Draw(t, "size"), SHA256: [32]byte(bytes.Repeat([]byte{7}, 32)),
			Uploaded: moment().Draw(t, "uploaded"), Modified: foreignMoment().Draw(t, "modified"), Placeholder: rapid.Bool().Draw(t, "placeholder"),
		}
		f.Origin = rapid.SampledFrom([]forum.BlobID{f.Blob, blob("origin")}).Draw(t, "which origin")
		there(t, f, newFileRow(f), func(r fileRow) forum.File { return r.file(filePlace{in, "a"}) })
		p := forum.Part{
			Folder: in, Name: "a", Owner: 3, Blob: f.Blob, Size: f.Size, Whole: rapid.Bool().Draw(t, "whole"),
			SHA256:   rapid.SampledFrom([][32]byte{{}, f.SHA256}).Draw(t, "hash"),
			Modified: foreignMoment().Draw(t, "modified"), Touched: f.Uploaded, Writer: blob("writer"), Placeholder: f.Placeholder,
		}
		there(t, p, newPartRow(p), func(r partRow) forum.Part { return r.part(partPlace{in, 3, "a"}) })
	})
}

// TestKeysSortAsTheirMeaning compares the order of keys with that of their values.
func TestKeysSortAsTheirMeaning(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type removal struct {
			at time.Time
			id forum.MessageID
		}
		draw := func(name string) removal {
			return removal{
				time.Unix(0, rapid.Int64().Draw(t, name+" at")),
				forum.MessageID{
					Thread: forum.ThreadID(rapid.Uint64().Draw(t, name+" thread")),
					Seq:    rapid.Uint64().Draw(t, name+" seq"),
				},
			}
		}
		a, b := draw("a"), draw("b")
		want := slices.CompareFunc([]removal{a}, []removal{b}, func(a, b removal) int {
			if c := a.at.Compare(b.at); c != 0 {
				return c
			}
			return bytes.Compare(messageKey(a.id), messageKey(b.id))
		})
		if got := bytes.Compare(removalKey(a.at, a.id), removalKey(b.at, b.id)); got != want {
			t.Errorf("%v and %v compare as %d, want %d", a, b, got, want)
		}
		at, id, ok := parseRemovalKey(removalKey(a.at, a.id))
		if !ok || id != a.id || toNanos(at) != toNanos(a.at) {
			t.Errorf("%v comes back as %s, %s, %v", a, at, id, ok)
		}
	})
}

// TestUnreadableRow damages one thread's row: calls that read it return a fault, and all others
// continue.
func TestUnreadableRow(t *testing.T) {
	dir := t.TempDir()
	prepare(t, dir)
	db := openOrMake(t, dir, Options{})
	defer db.Close()
	do(t, db, storetest.AddThread("9331"))
	damage(t, db, func(tx *tx) { tx.put(threadsBucket, threadKey(1), []byte("\xff\xff")) })

	err := db.View(func(r forum.Reader) error {
		if _, ok := r.Thread(1); ok {
			t.Error("an unreadable thread was read")
		}
		if _, ok := r.Thread(2); ok || r.Seq() != 0 || r.Keys(1) == nil && r.Password(1) != "" {
			t.Error("look-ups after a fault found something")
		}
		for range r.Threads() {
			t.Error("a scan after a fault found something")
		}
		for range r.RemovedThreads("x") {
			t.Error("a backward scan after a fault found something")
		}
		return forum.Errorf(forum.NotFound, "No such thread.")
	})
	if err == nil || forum.KindOf(err) != forum.Internal || !strings.Contains(err.Error(), "threads 0000000000000001") {
		t.Errorf("View: %v", err)
	}
	if _, err := db.Submit(t.Context(), storetest.Post(1, 1, "text")); err == nil || forum.KindOf(err) != forum.Internal {
		t.Errorf("Submit: %v", err)
	}
	do(t, db, storetest.Post(2, 1, "text"))
	if err := db.Check(); err == nil {
		t.Error("Check found nothing")
	}
}

// TestUnreadableJournal: without the last number nothing can be taken.
func TestUnreadableJournal(t *testing.T) {
	db := openOrMake(t, t.TempDir(), Options{})
	defer db.Close()
	damage(t, db, func(tx *tx) { tx.put(metaBucket, []byte(journalKey), []byte("short")) })
	for range 2 {
		if _, err := db.Submit(t.Context(), addUser(1)); err == nil || forum.KindOf(err) != forum.Internal {
			t.Errorf("Submit: %v", err)
		}
	}
	if err := db.View(func(r forum.Reader) error { _, _ = r.Seq(), r.Time(); return nil }); err == nil {
		t.Error("View told no fault")
	}
}

// TestUnreadableBookkeeping: a fault in a row that is written once for a batch fails only the
// batch.
func TestUnreadableBookkeeping(t *testing.T) {
	db := open(t, t.TempDir(), Options{EventsKept: 1})
	do(t, db, addUser(1), addUser(2))
	damage(t, db, func(tx *tx) { tx.put(metaBucket, []byte(eventsFromKey), []byte("short")) })
	before := hash(t, db)
	if _, err := db.Submit(t.Context(), addUser(3)); err == nil || forum.KindOf(err) != forum.Internal {
		t.Errorf("Submit: %v", err)
	}
	if hash(t, db) != before {
		t.Error("a batch that failed left a trace")
	}
	damage(t, db, func(tx *tx) { tx.putUint(metaBucket, []byte(eventsFromKey), 2) })
	do(t, db, addUser(3))
}

// damage writes to the store past its rules.
func damage(t *testing.T, db *DB, fn func(tx *tx)) {
	t.Helper()
	tx, err := begin(db.file)
	if err != nil {
		t.Fatal(err)
	}
	fn(tx)
	if err := db.file.Commit(tx.bolt); err != nil || tx.fault != nil {
		t.Fatal(err, tx.fault)
	}
}
