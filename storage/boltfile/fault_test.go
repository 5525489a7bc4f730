package boltfile

import (
	"errors"
	"os"
	"strings"
	"testing"

	"sshforum/forum"
)

const manyRows = 300

// cutOff makes all pages of a file except the first few unreadable, and returns a function that
// restores them. An uncaught memory fault ends the test's process.
func cutOff(t *testing.T, path string) (repair func()) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const sound = 16 * 4096
	if err := os.Truncate(path, sound); err != nil {
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteAt(content[sound:], sound); err != nil {
			t.Fatal(err)
		}
	}
}

func wantUnreadable(t *testing.T, what string, err error) {
	t.Helper()
	var crash *Crash
	if !errors.As(err, &crash) || forum.KindOf(err) != forum.Internal || !strings.Contains(err.Error(), "cannot be read") {
		t.Errorf("%s: %v", what, err)
	}
}

// TestUnreadablePage: only the call that reads the page fails. When it can be read again,
// everything works as before.
func TestUnreadablePage(t *testing.T) {
	path := prepare(t, t.TempDir(), manyRows)
	f := open(t, path, things())
	repair := cutOff(t, path)
	readAll := func(tx *Tx) error {
		c := tx.Bucket(thingsBucket).Cursor()
		k, _, err := c.Seek(nil)
		for k != nil && err == nil {
			k, _, err = c.Next()
		}
		return err
	}
	wantUnreadable(t, "a read", f.View(readAll))
	found := NewFindings("things")
	if err := f.Check(found, nil); err != nil || found.Err() == nil {
		t.Errorf("a check: %v, and has found %v", err, found.Err())
	}
	tx, err := f.Begin()
	if err != nil {
		t.Fatal(err)
	}
	wantUnreadable(t, "a change", Contain(func() error { return readAll(tx) }))
	tx.Rollback()
	repair()
	if err := put(f, manyRows, manyRows+10); err != nil {
		t.Error(err)
	}
	if err := f.View(readAll); err != nil || !has(t, f, 0) || !has(t, f, manyRows) {
		t.Errorf("after the repair: %v", err)
	}
}

// TestCommitMeetsUnreadablePage: a commit reads the neighbours of pages that became small. It
// is undone, and the next one succeeds.
func TestCommitMeetsUnreadablePage(t *testing.T) {
	path := prepare(t, t.TempDir(), manyRows)
	var repair func()
	o := things()
	o.Hooks.Commit = func(tx *Tx) error {
		if repair == nil {
			repair = cutOff(t, path)
		}
		return tx.Commit()
	}
	f := open(t, path, o)
	remove := func() error {
		tx, err := f.Begin()
		if err != nil {
			return err
		}
		const some = 3 // of a page
		for i := manyRows / 2; i < manyRows/2+some; i++ {
			if err := tx.Bucket(thingsBucket).Delete(key(i)); err != nil {
				return err
			}
		}
		return f.Commit(tx)
	}
	wantUnreadable(t, "a commit", remove())
	repair()
	if !has(t, f, manyRows/2) {
		t.Error("a commit that failed left a trace")
	}
	if err := remove(); err != nil || has(t, f, manyRows/2) {
		t.Errorf("the next commit: %v", err)
	}
}

// TestOtherPanics of a reader are not the disk's, and pass.
func TestOtherPanics(t *testing.T) {
	f := open(t, prepare(t, t.TempDir(), 1), things())
	var nowhere *int
	for want, fn := range map[string]func(){
		"on purpose":  func() { panic("on purpose") },
		"nil pointer": func() { *nowhere = 1 },
	} {
		func() {
			defer func() {
				if p := recover(); p == nil {
					t.Errorf("%s: no panic", want)
				}
			}()
			f.View(func(*Tx) error { fn(); return nil })
		}()
	}
	if err := put(f, 1, 2); err != nil {
		t.Error(err)
	}
}
