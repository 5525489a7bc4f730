package rules_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"
	"pgregory.net/rapid"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
	"sshforum/storage"
	"sshforum/storage/boltfile"
)

// A forum whose clock was wrong for a while, and is set right, is what it would be if the
// clock had been right, but for the audit log and for what people were told in words.
func TestSetTimeLeavesNothingWrong(t *testing.T) {
	const (
		stop  = 50 * day // in which all ends that came before it are reached
		wrong = 100 * day
	)
	rapid.Check(t, func(rt *rapid.T) {
		f := forumtest.New(t, func(c *rules.Config) {
			c.GuestThread = "a"
			c.Registration, c.Inviters = rules.RegistrationInvite, rules.MembersInvite
		})
		rec := &recorder{DB: f.Store, t: rt}
		rules.Reconfigure(f.Service, func(c *rules.Config) { c.Journal = rec })
		people := []string{"Yoda", "Luke", "Leia"}
		actors := make([]rules.Actor, len(people))
		for i, name := range people {
			actors[i] = f.AsRole(name, forum.Role(i))
		}
		actions := rapidActions{f: f, people: people, actors: actors}.all()
		for _, name := range []string{"time", "tick", "set time", "purge"} {
			delete(actions, name)
		}
		actions["time"] = func(t *rapid.T) {
			f.Clock.Set(time.Duration(rapid.IntRange(1, 5).Draw(t, "minutes")) * time.Minute)
		}
		rt.Repeat(actions)
		now := f.Clock.Now()

		right, set := newReplay(t), newReplay(t)
		from := rapid.IntRange(0, len(rec.changes)).Draw(rt, "wrong from")
		for _, c := range rec.changes[:from] {
			right.submit(rt, c, 0)
			set.submit(rt, c, 0)
		}
		var before time.Time
		if err := set.View(func(r forum.Reader) error { before = r.Time(); return nil }); err != nil {
			rt.Fatal(err)
		}
		right.submit(rt, clockChange("leap", "At", before), stop)
		set.submit(rt, clockChange("leap", "At", before), stop+wrong)
		for _, c := range rec.changes[from:] {
			right.submit(rt, c, stop)
			set.submit(rt, c, stop+wrong)
		}
		right.submit(rt, clockChange("tick", "At", now), stop)
		set.submit(rt, clockChange("set", "At", now, "Was", now.Add(wrong)), stop)
		compareRows(rt, right.close(rt), set.close(rt))
	})
}

// clockChange encodes a change of the clock.
func clockChange(kind string, fields ...any) []byte {
	all := map[string]any{"By": ^uint64(1)} // the operator
	for i := 0; i < len(fields); i += 2 {
		all[fields[i].(string)] = fields[i+1]
	}
	b, _ := json.Marshal(map[string]any{"kind": "clock." + kind, "v": 1, "fields": all})
	return b
}

// replayed is a store that takes encoded changes.
type replayed struct {
	*storage.DB
	dir string
}

func newReplay(t *testing.T) replayed {
	dir := t.TempDir()
	if err := storage.Make(filepath.Join(dir, storage.FileName), boltfile.Mark{}); err != nil {
		t.Fatal(err)
	}
	db, err := storage.Open(dir, storage.Options{EventsKept: 1000})
	if err != nil {
		t.Fatal(err)
	}
	s := rules.New(rules.Config{Store: db, Journal: db, Hub: forum.NewHub(), Clock: forumtest.NewClock().Now})
	if err := s.Found(ctx); err != nil {
		t.Fatal(err)
	}
	return replayed{db, dir}
}

// submit applies a change as it would be if the clock were ahead.
func (r replayed) submit(t *rapid.T, encoded []byte, ahead time.Duration) {
	var c struct {
		Kind    string         `json:"kind"`
		Version int            `json:"v"`
		Fields  map[string]any `json:"fields"`
	}
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.UseNumber()
	if err := decoder.Decode(&c); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"At", "Until", "Was"} {
		if text, ok := c.Fields[name].(string); ok {
			if at, err := time.Parse(time.RFC3339, text); err == nil && !at.IsZero() {
				c.Fields[name] = at.Add(ahead)
			}
		}
	}
	moved, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	change, err := rules.DecodeChange(moved)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = r.Submit(ctx, change); err != nil && forum.KindOf(err) == forum.Internal {
		t.Fatal(err)
	}
}

func (r replayed) close(t *rapid.T) (file string) {
	if err := r.Check(); err != nil {
		t.Error(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(r.dir, storage.FileName)
}

// compareRows fails the test unless two files have the same rows, but for the audit log and
// what is kept of the clock itself.
func compareRows(t *rapid.T, one, other string) {
	a, b := rows(t, one), rows(t, other)
	for key, value := range a {
		if b[key] != value {
			t.Errorf("%q is %q, and %q in a forum that was set right", key, value, b[key])
		}
		delete(b, key)
	}
	for key := range b {
		t.Errorf("%q is only in a forum that was set right", key)
	}
}

// told is the end of a sanction, as its person was told it.
var told = regexp.MustCompile(`until \d{4}-\d\d-\d\d \d\d:\d\d UTC`)

func rows(t *rapid.T, file string) map[string]string {
	db, err := bbolt.Open(file, 0o600, &bbolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	all := make(map[string]string)
	err = db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
			return b.ForEach(func(k, v []byte) error {
				value := v[:len(v)-boltfile.SealSize(0)] // of all that are that short
				all[fmt.Sprintf("%s %q", name, k)] = told.ReplaceAllString(string(value), "")
				return nil
			})
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	for key := range all {
		if strings.HasPrefix(key, "audit ") || key == `meta "leaps"` {
			delete(all, key)
		}
	}
	return all
}
